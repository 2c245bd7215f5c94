import type { Alarm, Wake } from "../domain/wake.ts";
import { keepSecret } from "../hidden.ts";
import { Expected } from "../errors.ts";
import { readSecret, type Reference } from "../secret.ts";
import type { Outcome } from "./answer.ts";
import { ntfy } from "./ntfy.ts";
import { pagerduty } from "./pagerduty.ts";
import { webhook } from "./webhook.ts";

/** What an alarm says, whichever way it goes. Texts are as they stand in the row. */
export type AlarmFacts = {
  /** The same for everything that is said of one item to one person. */
  readonly key: string;
  readonly alarm: Alarm;
  /** "#151 shop: 38 % of requests fail" */
  readonly summary: string;
  readonly item: number | null;
  readonly service: string | null;
  readonly severity: "critical" | "warning";
  /** Name of whoever is meant. */
  readonly person: string;
  readonly at: Date;
  readonly since: Date;
  readonly links: readonly { readonly href: string; readonly text: string }[];
};

export type Use = { secret(reference: Reference): Promise<string> };

/** Says one thing through one way. A credential that cannot be read is a refusal. */
export async function raise(wake: Wake, facts: AlarmFacts, use: Use = { secret: readSecret }): Promise<Outcome> {
  try {
    switch (wake.kind) {
      case "pagerduty":
        return await pagerduty(wake, facts, use);
      case "ntfy":
        return await ntfy(wake, facts, use);
      case "webhook":
        return await webhook(wake, facts, use);
    }
  } catch (error) {
    if (error instanceof Expected) return { kind: "refused", why: error.message.replace(/\.$/, "") };
    throw error;
  }
}

/** An address that is written, or kept elsewhere; who knows it may use it. */
export async function addressOf(url: string | Reference, use: Use): Promise<string> {
  if (typeof url !== "string") return (await use.secret(url)).trim();
  keepSecret(new URL(url).pathname.split("/").at(-1));
  return url;
}
