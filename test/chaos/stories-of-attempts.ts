import { setTimeout as pause } from "node:timers/promises";
import { SEQUENCE } from "./catalog.ts";
import { noteKill } from "./kills.ts";
import { answered, guarded, LATEST, unfinished } from "./people.ts";
import { armed, asked, asks, asksOf, bare, until, withWorker, type Use } from "./scenario.ts";

/** Attempts whose outcome nobody knows, each on a site of its own. */

/**
 * A worker stands still between its intent and its first byte, and loses its sessions. Long after, when another worker
 * has looked and done it, it wakes and would send.
 */
export async function zombie(use: Use): Promise<void> {
  const { farSide } = use;
  await withWorker(use, "C8:1/stop", async (worker) => {
    const others = use.installation.workers.filter((each) => each !== worker && !use.reserved.has(each));
    for (let tries = 0; tries < 6 && !(await worker.stopped()); tries += 1) {
      const site = use.site(bare);
      await asks(use, site, `restart ${site.service}`);
      for (const other of others) other.stop(); // it is this one's to take
      await until(use, () => worker.stopped(), 8_000);
      for (const other of others) other.cont();
    }
    if (!(await worker.stopped())) return;
    const { id } = worker.process();
    worker.proxy.endSessions();
    use.came(id);
    const held = await answered(() => heldBy(use, id));
    await until(use, () => held.some((name) => asksOf(farSide, name).some((each) => each.worker !== id)));
    await pause(use.pace * 1_500);
    worker.cont();
    await pause(use.pace * 3_000);
  });
}

/** Applications whose intent a process has open. */
async function heldBy({ installation, farSide }: Use, process: string): Promise<string[]> {
  const { rows } = await installation.db.query<{ target: string }>("select target from steps where state = 'intent'");
  return rows
    .map(({ target }) => target.split("/")[0] ?? "")
    .filter((application) => farSide.lastLooker(application) === process);
}

/** ms from an intent to the look back at it: the longest call, and what the provider says that it takes to settle. */
const SETTLES = 45_000;

/** ms before something that a process is started for it. */
function starts({ pace }: Use): number {
  return Math.min(pace * 9_000, SETTLES - 5_000);
}

/** A worker dies while it finds out what became of an attempt whose worker died. */
export async function killedLookingBack(use: Use): Promise<void> {
  await until(use, async () => {
    const { rows } = await use.installation.db.query<{ left: number }>(
      `select (extract(epoch from min(settle_until) - clock_timestamp()) * 1000)::float8 as left
       from steps where state in ('intent', 'unknown') and settle_until > clock_timestamp()`,
    );
    const left = rows[0]?.left ?? Number.POSITIVE_INFINITY;
    return left !== null && left < starts(use) && left > starts(use) / 2;
  });
  await armed(use, "C14");
  use.came("C14");
}

/** The first of several steps is done, and the worker that did it dies before, or while, it does the next. */
export async function killedBetweenSteps(use: Use): Promise<void> {
  const site = use.site(bare);
  const before = asked(use, site);
  await asks(use, site, `run ${site.service} ${SEQUENCE}`);
  if (!(await until(use, async () => (await stepsDone(use, site.service)) > 0 && asked(use, site) > before))) return;
  const sender = asksOf(use.farSide, site.application).at(-1)?.worker;
  const worker = use.installation.workers.find((each) => each.process().id === sender);
  use.came(site.service);
  if (worker !== undefined) await noteKill(use, worker.kill(), null);
}

/** Of what is not over yet on a service. */
async function stepsDone({ installation }: Use, service: string): Promise<number> {
  const { rows } = await installation.db.query<{ done: number }>(
    `select count(*)::int as done from steps s join operations o on o.id = s.operation
     where o.service = $1 and o.state = 'running' and s.state = 'done'`,
    [service],
  );
  return rows[0]?.done ?? 0;
}

/** ms, well within what the bot has to wait: whoever looks earlier sees nothing and must not believe it. */
const ON_ITS_WAY = 30_000;

/** The request has left, the worker dies, and the far side takes its time. */
export async function onItsWay(use: Use): Promise<void> {
  const site = use.site(bare);
  const before = asked(use, site);
  use.farSide.troubles(site.application, { kind: "late", by: ON_ITS_WAY });
  await asks(use, site, `restart ${site.service}`);
  if (!(await until(use, () => asked(use, site) > before))) return;
  const sender = asksOf(use.farSide, site.application).at(-1)?.worker;
  const worker = use.installation.workers.find((each) => each.process().id === sender);
  use.came(site.service);
  if (worker !== undefined) await noteKill(use, worker.kill(), null);
}

/** It was done, and nobody was told. */
export async function answersLost(use: Use): Promise<void> {
  for (const kind of ["drop", "hang", "500"] as const) {
    const site = use.site(bare);
    use.farSide.troubles(site.application, { kind });
    use.came(site.service);
    await asks(use, site, `restart ${site.service}`);
  }
}

/** Nothing of ours arrives, and somebody else changes it before anybody looks: a person has to judge. */
export async function changedBySomebodyElse(use: Use): Promise<void> {
  const site = use.site(bare);
  const before = asked(use, site);
  use.farSide.troubles(site.application, { kind: "lose" });
  await asks(use, site, `restart ${site.service}`);
  if (!(await until(use, () => asked(use, site) > before))) return;
  use.came(site.service);
  use.farSide.touch(site.application);
  await pause(SETTLES - starts(use), undefined, { signal: use.enough }).catch(() => undefined);
  if (!use.enough.aborted) await armed(use, "C15"); // it ends while it calls for a person
}

/** The queue hands the same operation out again and again, while its request is on its way. */
export async function jobsTwice(use: Use): Promise<void> {
  const site = use.site(bare);
  const { installation, farSide } = use;
  const before = asked(use, site);
  farSide.troubles(site.application, { kind: "late", by: LATEST });
  await asks(use, site, `restart ${site.service}`);
  if (!(await until(use, () => asked(use, site) > before))) return;
  const operation = (await answered(() => unfinished(installation))).find(({ service }) => service === site.service);
  if (operation === undefined) return;
  use.came(`op-${operation.id}`);
  for (let again = 0; again < 4; again += 1) {
    await guarded(() => installation.queues.add("operations", [{ id: operation.id }, { id: operation.id }]));
    await pause(400);
  }
}
