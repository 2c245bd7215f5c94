import type { Config } from "../../config.ts";
import { examineAlerts } from "./alerts.ts";
import { examineCatalog } from "./catalog.ts";
import { examineChannels } from "./channels.ts";
import { examineClocks } from "./clocks.ts";
import { examineDatabase } from "./database.ts";
import { because, ill, type Examine, type Finding } from "./finding.ts";
import { examineOnCall } from "./on-call.ts";
import { examineOwnDatabase } from "./own-database.ts";
import { examinePeople } from "./people.ts";
import { examineQueue } from "./queue.ts";
import type { Section } from "./report.ts";
import { examineSlack } from "./slack.ts";
import { examineTargets } from "./targets.ts";

/** Everything that the doctor looks at: the one line to add for a new examination. */
function examinations(now: () => number): readonly { name: string; examine: Examine; patience: number }[] {
  return [
    { name: "Slack", examine: examineSlack, patience: 15_000 },
    { name: "Channels", examine: examineChannels, patience: 60_000 },
    { name: "People", examine: examinePeople, patience: 60_000 },
    { name: "On call", examine: examineOnCall, patience: 15_000 },
    { name: "Alerts", examine: examineAlerts, patience: 15_000 },
    { name: "Database", examine: examineDatabase, patience: 15_000 },
    { name: "Queue", examine: examineQueue, patience: 15_000 },
    { name: "Targets", examine: examineTargets, patience: 15_000 },
    { name: "Clocks", examine: (patient, signal) => examineClocks(patient, signal, { now }), patience: 15_000 },
    { name: "Who watches whom", examine: examineOwnDatabase, patience: 15_000 },
  ];
}

/** All side by side. One that hangs or breaks is a line of its own, and stops none of the others. */
export async function examineAll(
  config: Config,
  use: { now: () => number; /** ms for each, in place of its own */ patience?: number },
): Promise<readonly Section[]> {
  const { catalog, findings } = await examineCatalog(config);
  const others = examinations(use.now).map(async ({ name, examine, patience }) => ({
    name,
    findings: await guarded((signal) => examine({ config, catalog }, signal), use.patience ?? patience),
  }));
  return [{ name: "Catalog", findings }, ...(await Promise.all(others))];
}

async function guarded(
  examine: (signal: AbortSignal) => Promise<readonly Finding[]>,
  patience: number,
): Promise<readonly Finding[]> {
  const limit = new AbortController();
  const late = Promise.withResolvers<readonly Finding[]>();
  const timer = setTimeout(() => {
    limit.abort();
    late.resolve([
      ill(
        `There was no result within ${patience / 1000} s.`,
        "See whether it can be reached from here, and try again.",
      ),
    ]);
  }, patience);
  try {
    return await Promise.race([examine(limit.signal), late.promise]);
  } catch (error) {
    return [ill(`It could not be examined: ${because(error)}.`, "Put right what else is said here, and try again.")];
  } finally {
    clearTimeout(timer);
  }
}
