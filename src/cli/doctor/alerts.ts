import type { AlertSource } from "../../domain/alert-source.ts";
import { openSilenceApi } from "../../alerts/silence-api.ts";
import type { Reference } from "../../domain/secret-reference.ts";
import { readSecret } from "../../secret.ts";
import { because, ill, unexamined, well, type Finding, type Patient } from "./finding.ts";

/** Whether whoever sends alerts and heartbeats can prove themselves: without its secret nothing of a source is taken. */
export async function examineAlerts({ catalog }: Patient): Promise<readonly Finding[]> {
  if (catalog === null) return [unexamined("Without a catalog that can be read, nobody may send alerts.")];
  const senders = [
    ...Object.values(catalog.alerts ?? {}).map(({ key, secret }) => ({ path: `/alerts/${key}`, secret })),
    ...Object.values(catalog.heartbeats ?? {}).map(({ key, secret }) => ({ path: `/heartbeats/${key}`, secret })),
  ];
  if (senders.length === 0)
    return [unexamined("The catalog names no sources of alerts and no heartbeats.", "docs/alerts.md says how.")];
  const findings = (await Promise.all(senders.map(problemOf))).flat();
  const silenceable = Object.values(catalog.alerts ?? {}).filter(({ api }) => api !== undefined);
  return [
    ...(findings.length > 0
      ? findings
      : [well(`Whatever sends alerts can prove itself: ${senders.map(({ path }) => path).join(", ")}.`)]),
    ...(await Promise.all(silenceable.map(examineApi))),
  ];
}

const PATIENCE = 10_000; // ms

/** Whether silences can be read; whether they can be made is known when one is. */
async function examineApi(source: AlertSource): Promise<Finding> {
  try {
    const api = await openSilenceApi(source, AbortSignal.timeout(PATIENCE));
    await api.standing("none");
    return well(`${source.key} answers when it is asked for its silences.`);
  } catch (error) {
    return ill(`${source.key} cannot be silenced: ${because(error)}.`, "docs/alerts.md says what its `api` takes.");
  }
}

async function problemOf(sender: { path: string; secret?: Reference | undefined }): Promise<Finding[]> {
  if (sender.secret === undefined) return [];
  try {
    await readSecret(sender.secret);
    return [];
  } catch (error) {
    return [ill(`Nothing is taken at ${sender.path}: ${because(error)}.`, "Set it where the bot runs.")];
  }
}
