import type { App } from "../app.ts";
import type { Action } from "../domain/action.ts";
import type { ItemCard } from "../domain/board/item-card.ts";
import type { Service, Target } from "../domain/catalog.ts";
import type { Responsibility } from "../domain/duty.ts";
import { isHelpable } from "../domain/item.ts";
import type { Observation } from "../domain/observation.ts";
import { actionsOn } from "../providers/index.ts";
import type { StoredItem } from "../store/items.ts";
import { unresolved } from "../store/item-lists.ts";
import { observationsOf } from "../store/observations.ts";

/** What may help with an item, and which item an action is for. */

/** Which actions help with what, best first. */
const FITTING: Readonly<Record<Responsibility, readonly Action[]>> = {
  releases: ["rollback", "restart", "maintenance"],
  scaling: ["scale"],
  patching: ["patch", "reboot"],
  certificates: ["renew-cert"],
  database: ["end", "restart"],
  backups: ["backup"],
  credentials: [],
  "disk-and-logs": ["restart"],
  "on-call": ["rollback", "restart", "scale", "maintenance"],
};

/** What an item is about. */
type About = Pick<StoredItem, "responsibility" | "fingerprint">;

export async function fittingActions(app: App, service: Service, about: About): Promise<ItemCard["fitting"]> {
  const observed = await observationsOf(
    app.db,
    service.targets.map((target) => target.key),
  );
  return fittingBy(service, about, new Map(observed.map((each) => [each.target, each.body])));
}

/**
 * What was `seen` of targets is by their key; what was not seen rules nothing out. What the item's own check looks at comes
 * before everything else: a card has room for one or two.
 */
export function fittingBy(
  { checks, targets, tasks = [], sequences = [] }: Service,
  { responsibility, fingerprint }: About,
  seen: ReadonlyMap<string, Observation | null>,
): ItemCard["fitting"] {
  const own = checks.find(({ key }) => key === fingerprint)?.target;
  const fitting = [targets.filter(({ key }) => key === own), targets.filter(({ key }) => key !== own)].flatMap(by);
  const declared = [...tasks, ...sequences.map((each) => ({ ...each, target: each.steps[0]?.target ?? "" }))].map(
    ({ name, target, helps }) => ({ helps, choice: { action: "run" as const, target, task: name } }),
  );
  return [
    // Whatever else is wrong: as long as visitors are kept out, that is what to see to first.
    ...fitting.filter(letsIn),
    ...declared.filter(({ helps }) => helps === responsibility).map(({ choice }) => choice),
    ...fitting.filter((each) => !letsIn(each)),
    ...declared.filter(({ helps }) => helps !== responsibility).map(({ choice }) => choice),
  ];

  function by(these: readonly Target[]): ItemCard["fitting"] {
    return FITTING[responsibility].flatMap((action) =>
      these
        .map((target) => ({ target, last: seen.get(target.key) ?? null }))
        .filter(
          ({ target, last }) => mayHelp(action, target, responsibility) && (last === null || isCalledFor(action, last)),
        )
        .map(({ target, last }) => ({ action, target: target.key, likely: LIKELY[action]?.(last) })),
    );
  }
}

/** A database is restarted for its own sake alone. One has backups; what has releases too is an app with its database. */
function mayHelp(action: Action, target: Target, responsibility: Responsibility): boolean {
  const can = actionsOn(target);
  const isDatabase = can.includes("backup") && !can.includes("rollback");
  return can.includes(action) && (action !== "restart" || responsibility === "database" || !isDatabase);
}

/** Whether there is anything for it to do. */
function isCalledFor(action: Action, { updates, servers, backups }: Observation): boolean {
  if (action === "patch") return updates?.some(({ isElsewhere }) => isElsewhere !== true) ?? true;
  if (action === "backup") return backups !== undefined;
  return action !== "reboot" || (servers?.some(({ needsReboot }) => needsReboot !== undefined) ?? true);
}

function letsIn({ action, likely }: ItemCard["fitting"][number]): boolean {
  return action === "maintenance" && likely === "off";
}

/** What is most likely meant, by what was seen. */
const LIKELY: Readonly<Partial<Record<Action, (seen: Observation | null) => string | undefined>>> = {
  rollback: releaseBefore,
  end: firstInTheWay,
  patch: (seen) => (seen?.updates?.length === 1 ? seen.updates[0]?.name : undefined),
  maintenance: (seen) => (seen?.maintenance?.mode === "on" ? "off" : undefined),
};

/** "12345": the session that holds others up, or whose transaction is the oldest. */
function firstInTheWay(seen: Observation | null): string | undefined {
  const first = seen?.sessions?.[0];
  return first === undefined || first.transaction === null ? undefined : first.id;
}

/** "to v141": the release before the current one, where the provider shows releases. */
function releaseBefore(seen: Observation | null): string | undefined {
  const current = seen?.releases.findIndex((each) => each.release === seen.release) ?? -1;
  const before = current === -1 ? undefined : seen?.releases[current + 1];
  return before === undefined ? undefined : `to ${before.release}`;
}

/** The open item that an action on a service most likely is for: the worst and oldest that it helps with. */
export async function itemFor(app: App, service: string, action: Action): Promise<number | null> {
  const open = await unresolved(app.db, { services: [service] }, 20);
  return open.find((each) => isHelpable(each) && FITTING[each.responsibility].includes(action))?.id ?? null;
}
