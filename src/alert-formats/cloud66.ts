import { z } from "zod";
import type { Alert } from "../domain/alert.ts";
import { alertOf, anything, labelsOf, maybe, read, seconds } from "./read.ts";

/**
 * Cloud 66's webhooks (https://developers.cloud66.com/v3/webhooks/): what fails, stops or goes down, and where Cloud 66
 * says so, that it is back. Good news of anything else is taken and opens nothing.
 */

const BODY = z.object({
  event_type: z.string().max(200),
  timestamp: seconds,
  uid: maybe,
  name: maybe,
  process_name: maybe,
  job_name: maybe,
  fqdn: maybe,
  environment: maybe,
  server: anything,
  stack: anything,
});

/** What begins and ends, by what both words begin with. */
const PAIRS: readonly { readonly about: string; readonly begins: RegExp; readonly ends: RegExp }[] = [
  { about: "server", begins: /^server\.stopped$/, ends: /^server\.backon$/ },
  { about: "job", begins: /^job\.fail$/, ends: /^job\.backon$/ },
  { about: "redeploy", begins: /^(account|stack)\.redeploy\.fail$/, ends: /^(account|stack)\.redeploy\.ok$/ },
  { about: "provision", begins: /^(account|stack)\.provision\.fail$/, ends: /^(account|stack)\.provision\.ok$/ },
  { about: "web", begins: /^web\.process\.(stopped|unknown)$/, ends: /^web\.process\.started$/ },
];
const BAD = /(^|[._])(fail|failed|failure|stopped|down|error|critical|unknown|expired)$/;

export function readCloud66(body: unknown): Alert[] {
  const sent = read(BODY, body);
  const type = sent.event_type;
  const pair = PAIRS.find(({ begins, ends }) => begins.test(type) || ends.test(type));
  if (pair === undefined && !BAD.test(type)) return [];
  const server = namedIn(sent.server);
  const stack = namedIn(sent.stack) ?? (type.startsWith("server.") ? undefined : (sent.name ?? sent.uid));
  const where = sent.process_name ?? sent.job_name ?? server ?? stack ?? sent.uid ?? "";
  const words = type.replaceAll(/[._]/g, " ");
  const ends = pair?.ends.test(type) === true;
  return [
    alertOf({
      identity: `${pair?.about ?? type}/${stack ?? ""}/${server ?? sent.uid ?? ""}/${sent.process_name ?? sent.job_name ?? ""}`,
      state: pair === undefined ? "told" : statesOf(ends),
      severity: "critical",
      name: pair?.about === undefined ? words : `${pair.about} trouble`,
      summary: `${words}${where === "" ? "" : `: ${where}`}`,
      labels: labelsOf({
        server,
        application: stack,
        process: sent.process_name,
        environment: sent.environment,
        event_type: type,
      }),
      startedAt: sent.timestamp,
      link: null,
    }),
  ];
}

function statesOf(ends: boolean): Alert["state"] {
  return ends ? "resolved" : "firing";
}

/** A name, or an object that has one. */
function namedIn(value: unknown): string | undefined {
  if (typeof value === "string") return value === "" ? undefined : value;
  if (typeof value !== "object" || value === null) return undefined;
  const { name, uid }: { name?: unknown; uid?: unknown } = value;
  return [name, uid].find((each) => typeof each === "string" && each !== "") as string | undefined;
}
