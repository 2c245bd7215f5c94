import type { Wake } from "../domain/wake.ts";
import { post, type Outcome } from "./answer.ts";
import type { WakeFacts, Use } from "./facts.ts";

/**
 * PagerDuty Events API v2: one alert for each key, triggered, acknowledged and resolved by it; what is triggered again
 * while it is open stays one. https://developer.pagerduty.com/docs/events-api-v2/trigger-events/
 */

const LONGEST_SUMMARY = 1_024;
const LONGEST_KEY = 255;

export async function pagerduty(
  { url, routingKey }: Extract<Wake, { kind: "pagerduty" }>,
  facts: WakeFacts,
  use: Use,
): Promise<Outcome> {
  const common = {
    routing_key: (await use.secret(routingKey)).trim(),
    event_action: facts.alarm,
    dedup_key: facts.key.slice(0, LONGEST_KEY),
  };
  // To acknowledge or resolve, the key is all that is asked for.
  const event = facts.alarm === "trigger" ? { ...common, ...triggered(facts) } : common;
  return post({ url: new URL("/v2/enqueue", url).href, headers: {}, body: JSON.stringify(event) });
}

function triggered({ summary, service, severity, since, links, person, item }: WakeFacts): object {
  return {
    client: "Daytwo",
    links,
    payload: {
      summary: summary.slice(0, LONGEST_SUMMARY),
      source: service ?? "daytwo",
      severity,
      timestamp: since.toISOString(),
      ...(service === null ? {} : { component: service }),
      custom_details: { item, told: person },
    },
  };
}
