import { setTimeout as pause } from "node:timers/promises";
import type { Installation } from "./installation.ts";
import { answered, awaiting, guarded, unfinished } from "./people.ts";
import { asked, asks, until, type Use } from "./scenario.ts";
import type { Site } from "./sites.ts";

/** People who may not, or not any more, or did not see what they say yes to. */

/** Two must approve. One does, with both accounts; who asked tries too; the second person comes late. */
export async function oneVoice(use: Use): Promise<void> {
  const site = use.site(({ approvals }) => approvals === 2);
  await asks(use, site, `restart ${site.service}`);
  if (!(await until(use, async () => (await awaiting(use.installation, site.service)).length > 0))) return;
  const [operation] = await answered(() => awaiting(use.installation, site.service));
  if (operation === undefined) return;
  use.came(`op-${operation.id}`);
  for (const account of ["U0BEN", "U0BENTWO", "U0ANA"])
    await guarded(() => use.desk.types(account, operation, "approve"));
  await pause(use.pace * 8_000, undefined, { signal: use.enough }).catch(() => undefined);
  await guarded(() => use.desk.types("U0CAM", operation, "approve"));
}

/** Somebody presses *Approve* on a card that showed another plan. */
export async function oldCard(use: Use): Promise<void> {
  const site = use.site(({ approvals }) => approvals === 1);
  await asks(use, site, `restart ${site.service}`);
  let pressed = 0;
  await until(use, async () => {
    const [operation] = await awaiting(use.installation, site.service);
    if (operation === undefined) return pressed > 0;
    const before = use.history.deeds.length;
    await use.desk.presses("U0BEN", operation, "0".repeat(operation.planHash.length));
    pressed += use.history.deeds.length - before;
    if (pressed > 0) use.came(`op-${operation.id}`);
    return pressed > 0;
  });
}

const LONG = 50_000; // ms that the target is held by another operation, at most
const FOLLOWED = 11_000; // ms after which every process surely follows another catalog

/** Approved, and before its turn comes the approver is no approver any more. */
export async function roleLost(use: Use): Promise<void> {
  const site = use.site(({ approvals, profile }) => approvals === 1 && !profile.compares);
  const { installation, history, farSide } = use;
  const before = asked(use, site);
  farSide.troubles(site.application, { kind: "long", by: LONG });
  const holder = await approvedByBen(use, site, `restart ${site.service}`);
  if (!holder || !(await until(use, () => asked(use, site) > before))) return;
  if (!(await approvedByBen(use, site, `scale ${site.service} web=3`))) return farSide.finishes(site.application);
  const old = await answered(() => policyVersion(installation));
  await installation.writes({ ben: "reader" });
  if (!(await until(use, async () => (await policyVersion(installation)) > old))) return;
  const revoked = {
    workspace: installation.slack.url,
    person: "ben",
    from: Date.now(),
    until: Number.POSITIVE_INFINITY,
  };
  history.revoked.push(revoked);
  use.came(site.service);
  await pause(FOLLOWED, undefined, { signal: use.enough }).catch(() => undefined);
  farSide.finishes(site.application);
  await until(use, async () => (await unfinished(installation)).every(({ service }) => service !== site.service));
  revoked.until = Date.now();
  await installation.writes({});
}

/** The catalog that is in force. */
async function policyVersion({ db }: Installation): Promise<number> {
  const { rows } = await db.query<{ id: number }>("select max(id)::int as id from catalog_versions");
  return rows[0]?.id ?? 0;
}

/** Asks, and Ben approves it in words; whether that came about. */
async function approvedByBen(use: Use, site: Site, words: string): Promise<boolean> {
  const { installation, desk } = use;
  await asks(use, site, words);
  return until(use, async () => {
    const [operation] = await awaiting(installation, site.service);
    if (operation === undefined) return false;
    await desk.types("U0BEN", operation, "approve");
    return until(use, async () => (await awaiting(installation, site.service)).length === 0, 3_000);
  });
}
