import type { App } from "./app.ts";
import { changeFor, type Caller, type Change } from "./caller.ts";
import { declaredIn } from "./catalog/additions.ts";
import { isServiceKey, KEY_RULE } from "./catalog/keys.ts";
import { addressesOf, OutOfReach } from "./checks/reach.ts";
import { keyFor, watcherOf, type Addition } from "./domain/addition.ts";
import { readAddress } from "./domain/address.ts";
import { EMPTY_CATALOG, type Catalog, type Service } from "./domain/catalog.ts";
import { authorise } from "./domain/permit.ts";
import { actorKey } from "./domain/actor.ts";
import { Conflict, Invalid } from "./errors.ts";
import { close } from "./items/lifecycle.ts";
import { overlay } from "./in-force/overlay.ts";
import { serviceNamed } from "./ownership.ts";
import { groundOf } from "./people.ts";
import { additionsInForce, endAddition, insertAddition } from "./store/additions.ts";
import { endOverride, lockCatalog, newestVersion, overridesInForce } from "./store/catalog.ts";
import { keepChecks } from "./store/checks.ts";
import { lockFromChecks } from "./store/locked-items.ts";
import { isDoneWithin } from "./wait.ts";

/** The door for addresses that people ask us in Slack to watch, over the catalog until its file says the same. */

/** More belong into a file, where somebody can see them together. */
const MOST = 50;
/** How long the name service may take before an address is believed to be public, in ms; each look asks again. */
const PATIENCE = 2_000;

/** The service that watches the address from now on, or did already. */
export type Added = { readonly service: Service; readonly isNew: boolean };

/**
 * Starts to watch an address, under the given key or one made from its name.
 *
 * @throws Invalid with what would be right, Conflict when there are too many
 */
export async function add(app: App, caller: Caller, typed: string, as: string | null): Promise<Added> {
  authorise("add", caller.actor, groundOf(app.inForce(), {}));
  const url = readAddress(typed);
  await refuseOutOfReach(app, url);
  const added = await changeFor(app, caller, async (change) => {
    await lockCatalog(change.db);
    const file = (await newestVersion(change.db))?.body ?? EMPTY_CATALOG;
    const additions = await additionsInForce(change.db);
    const { services } = overlay(file, additions);
    const watching = watcherOf(services, url.href);
    if (watching !== undefined) return { service: watching, isNew: false };
    if (additions.length >= MOST)
      throw new Conflict(`${MOST} addresses were added here already, and that is the most.`, {
        hint: "Write some of them into `daytwo.yaml`; `/day2 status <service>` of each says how to end it.",
      });
    const key = as ?? keyFor(url.href, (each) => !isServiceKey(each) || services[each] !== undefined);
    refuseKey(key, services);
    const madeBy = actorKey(caller.actor);
    const fresh = await insertAddition(change.db, { service: key, url: url.href, madeBy, madeAt: change.now });
    const merged = overlay(file, [...additions, fresh]);
    await keepMerged(change, merged);
    await change.log({ kind: "service.added", service: key, detail: { address: shown(fresh) } });
    return { service: serviceNamed(merged, key), isNew: true };
  });
  await app.followCatalog();
  return added;
}

/** Ends what was added: its items close, and what was assigned over it ends. @throws Invalid when the file declares it */
export async function remove(app: App, caller: Caller, key: string): Promise<void> {
  const found = serviceNamed(app.inForce().catalog, key);
  authorise("add", caller.actor, groundOf(app.inForce(), { service: found.key }));
  if (found.added === undefined)
    throw new Invalid(`${found.key} was not added here: the catalog's file declares it.`, {
      hint: "Take it out of `daytwo.yaml`; the file is read again by itself.",
    });
  await changeFor(app, caller, async (change) => {
    await lockCatalog(change.db);
    const file = (await newestVersion(change.db))?.body ?? EMPTY_CATALOG;
    const additions = await additionsInForce(change.db);
    const ending = additions.find((each) => each.service === found.key);
    if (ending === undefined) throw new Conflict(`${found.key} is not watched any more.`);
    await endAddition(change.db, ending.id, change.now);
    await keepMerged(
      change,
      overlay(
        file,
        additions.filter((each) => each !== ending),
      ),
    );
    await change.log({ kind: "service.removed", service: found.key, detail: { address: shown(ending) } });
    await endAssignments(change, found.key);
    await closeItems(change, found.key, actorKey(caller.actor), "nobody watches it any more");
  });
  await app.followCatalog();
}

/** Ends, within an import, what a new file declares by itself, so that nothing is watched twice; the ones that stay. */
export async function endDeclared(change: Change, file: Catalog): Promise<Addition[]> {
  const staying: Addition[] = [];
  for (const addition of await additionsInForce(change.db)) {
    const declared = declaredIn(file, addition);
    if (declared === undefined) {
      staying.push(addition);
      continue;
    }
    await endAddition(change.db, addition.id, change.now);
    await change.log({ kind: "service.addition_ended", service: addition.service, detail: { as: declared.key } });
    if (declared.key !== addition.service)
      await closeItems(change, addition.service, null, `the catalog watches it as ${declared.key} now`);
  }
  return staying;
}

/** New checks are due at once: whoever added something wants to see it. */
async function keepMerged({ db, now }: Change, merged: Catalog): Promise<void> {
  const checks = Object.values(merged.services).flatMap((service) => service.checks);
  const specs = checks.map(({ key, service }) => ({ key, service, dueAt: now }));
  await keepChecks(db, specs, now);
}

async function endAssignments({ db, now, log }: Change, service: string): Promise<void> {
  for (const { responsibility } of (await overridesInForce(db)).filter((each) => each.service === service)) {
    await endOverride(db, service, responsibility, now);
    await log({ kind: "service.assignment_ended", service, detail: { responsibility } });
  }
}

async function closeItems(change: Change, service: string, by: string | null, how: string): Promise<void> {
  for (const item of await lockFromChecks(change.db, service)) await close(change, item, { by, how });
}

function refuseKey(key: string, services: Catalog["services"]): void {
  if (services[key] !== undefined)
    throw new Invalid(`There is a service ${key} already.`, { hint: "Choose another name behind `as`." });
  if (!isServiceKey(key))
    throw new Invalid(`\`${key}\` cannot name a service: a key ${KEY_RULE}, and words of commands are taken.`, {
      hint: "Choose another name behind `as`, such as `shop`.",
    });
}

/** Only tells people early: what protects us is that every connection is checked again. */
async function refuseOutOfReach({ reach }: App, url: URL): Promise<void> {
  const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
  const asking = addressesOf(url.hostname.replaceAll(/[[\]]/g, ""), port, reach).then(
    () => null,
    (error: unknown) => (error instanceof OutOfReach ? error : null),
  );
  const refused = (await isDoneWithin(PATIENCE, asking)) ? await asking : null;
  if (refused === null) return;
  throw refused.code === "OUT_OF_REACH_PORT"
    ? new Invalid(`Port ${port} is unusual, and here only addresses at the ports 80 and 443 can be added.`, FILE)
    : new Invalid(`\`${url.hostname}\` leads to a private address, and here only public ones can be added.`, FILE);
}

const FILE = { hint: "`daytwo.yaml` may name any address." };

/** Without the query, where tokens often are. */
function shown({ url }: Addition): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
