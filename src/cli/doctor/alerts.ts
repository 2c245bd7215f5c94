import { readSecret, type Reference } from "../../secret.ts";
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
  return findings.length > 0
    ? findings
    : [well(`Whatever sends alerts can prove itself: ${senders.map(({ path }) => path).join(", ")}.`)];
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
