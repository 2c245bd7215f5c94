import type { AlertRoute, AlertSource, Heartbeat } from "../domain/alert-source.ts";
import { given } from "../domain/given.ts";
import { canSilence } from "../domain/silence.ts";
import { ALERT_SOURCE, HEARTBEAT, ROUTE, ROUTE_WHEN } from "./alert-shapes.ts";
import { suggestion } from "./complaints.ts";
import type { Complaints, Path } from "./complaints.ts";

/** Reads where alerts come from and belong to, and which heartbeats there must be. */

type Known = { readonly services: readonly string[]; readonly sources: readonly string[] };

/** Null, and noted, where it cannot be used. */
export function readSource(key: string, value: unknown, known: Known, complaints: Complaints): AlertSource | null {
  const path = ["alerts", key];
  const before = complaints.list.length;
  const { format, secret, topic, service, api } = complaints.parts(ALERT_SOURCE, value ?? {}, path);
  const isWhole = complaints.list.length === before;
  refuseUnknown(service, known.services, [...path, "service"], complaints);
  if (format === undefined) return null;
  if (topic !== undefined && format !== "cloudwatch")
    complaints.addKey([...path, "topic"], "Only alerts of cloudwatch come through an SNS topic.");
  if (api !== undefined && !canSilence(format))
    complaints.addKey([...path, "api"], `What comes as ${format} cannot be silenced where it comes from.`);
  if (api?.user !== undefined && api.credential === undefined)
    complaints.add(
      [...path, "api"],
      "`credential` is missing: the password of `user`.",
      "Write `credential: { env: NAME }`.",
    );
  if (isWhole && secret === undefined && topic === undefined)
    complaints.add(
      path,
      "Anybody could send alerts here: `secret` is missing.",
      format === "cloudwatch" ? "Give it a `secret`, or name its `topic`." : "Write `secret: { env: NAME }`.",
    );
  return { key, format, ...given({ secret, topic, service, api }) };
}

export function readRoute(value: unknown, path: Path, known: Known, complaints: Complaints): AlertRoute {
  const { when: written, group_by, ...line } = complaints.parts(ROUTE, value, path);
  const when = complaints.parts(ROUTE_WHEN, written ?? {}, [...path, "when"]);
  refuseUnknown(line.service, known.services, [...path, "service"], complaints);
  if (when.source !== undefined && !known.sources.includes(when.source))
    complaints.add(
      [...path, "when", "source"],
      `There is no source \`${when.source}\` under \`alerts:\`.`,
      suggestion(when.source, known.sources),
    );
  return { when, ...line, ...given({ groupBy: group_by === "service" ? [] : group_by }) };
}

/** Null, and noted, where it cannot be used. */
export function readHeartbeat(key: string, value: unknown, known: Known, complaints: Complaints): Heartbeat | null {
  const path = ["heartbeats", key];
  const written = complaints.parts(HEARTBEAT, value ?? {}, path);
  const { every, secret, service } = written;
  refuseUnknown(service, known.services, [...path, "service"], complaints);
  if (every === undefined || secret === undefined) return null;
  return {
    key,
    every,
    grace: written.grace ?? Math.round(every / 10),
    secret,
    ...given({ service }),
    responsibility: written.responsibility ?? "on-call",
    severity: written.severity ?? "warning",
  };
}

function refuseUnknown(
  service: string | undefined,
  known: readonly string[],
  path: Path,
  complaints: Complaints,
): void {
  if (service !== undefined && !known.includes(service))
    complaints.add(path, `There is no service \`${service}\`.`, suggestion(service, known));
}
