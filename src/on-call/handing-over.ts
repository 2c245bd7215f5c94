import { RESPONSIBILITIES, type Responsibility } from "../domain/duty.ts";
import { addMilliseconds, addMinutes } from "../domain/time.ts";
import type { App } from "../app.ts";
import type { InForce } from "../in-force.ts";
import { alone, brokenBefore } from "../broken.ts";
import { changeUnasked, type Change } from "../caller.ts";
import type { Rotation, Turn } from "../domain/rotation.ts";
import { changeAll, nameOfItem, type All } from "../due.ts";
import { show, tell } from "../items/card-and-thread.ts";
import { turnOf } from "./rotations.ts";
import { dutiesOf } from "../ownership.ts";
import { refreshPeople } from "../slack-accounts.ts";
import { SlackLimited, SlackRefused } from "../slack-client.ts";
import { saveItem, type StoredItem } from "../store/items.ts";
import { lockOwnedByCatalog, ownedByCatalog } from "../store/locked-items.ts";
import { place, wantAt } from "../store/postings.ts";
import {
  claimGroup,
  dropTurns,
  insertTurn,
  lockTurn,
  moveTurn,
  saveGroup,
  turns,
  type StoredTurn,
} from "../store/rotation-turns.ts";

/** When somebody else is on call: it is said where the rotation is, what nobody took goes over, and the user group follows. */

export async function handOver(app: App): Promise<void> {
  const { rotations = {} } = app.inForce().catalog;
  const known = new Map((await turns(app.db)).map((turn) => [turn.rotation, turn]));
  if ([...known.keys()].some((key) => rotations[key] === undefined)) await dropTurns(app.db, Object.keys(rotations));
  const seated = [...known.values()].flatMap(({ person }) => person ?? []);
  if (await refreshPeople(app, seated)) await app.followCatalog();
  for (const rotation of Object.values(rotations))
    await alone(app, HANDING_OVER, rotation.key, () => takeTurn(app, rotation, known.get(rotation.key)));
}

const HANDING_OVER = { what: "handing over rotations", severity: "critical" } as const;

async function takeTurn(app: App, rotation: Rotation, before: StoredTurn | undefined): Promise<void> {
  const turn = turnOf(app.inForce(), rotation, app.now());
  if (before?.person === turn.person) await followGroup(app, rotation, before);
  else await changeTurn(app, rotation.key);
}

async function changeTurn(app: App, key: string): Promise<void> {
  // Whoever looked last may know of a word or an edit that this process has not heard of yet.
  await app.followCatalog();
  const inForce = app.inForce();
  const rotation = inForce.catalog.rotations?.[key];
  if (rotation === undefined) return;
  const turn = turnOf(inForce, rotation, app.now());
  const before = (await turns(app.db)).find((each) => each.rotation === key);
  const isOver = before !== undefined && isNews(before, turn, app.now());
  if (isOver && !(await passAllOn(app, key, before.person, turn.person))) return; // the next round goes on
  await changeUnasked(app, (change) => moveOn(inForce, change, rotation, turn));
}

/** Not where our clock is behind that of whoever moved it. */
function isNews({ person, since }: StoredTurn, turn: Turn, now: Date): boolean {
  return person !== turn.person && since <= now;
}

const BATCH = 100; // items
const PASSING_ON = { what: "passing items on to who is on call", severity: "critical" } as const;

/**
 * What nobody took goes over before the turn does, so that whoever goes on after a worker's death finds what is left. False while
 * somebody is changing some of it. What breaks stays whose it was: everything else is not to wait for that.
 */
async function passAllOn(app: App, rotation: string, from: string | null, to: string | null): Promise<boolean> {
  let isAll = true;
  for (const duty of dutiesOfRotation(app.inForce(), rotation)) {
    const theirs = { ...duty, person: from };
    const passing: All<StoredItem> = {
      ...PASSING_ON,
      nameOf: nameOfItem,
      async work(change, some) {
        const ids = some.map(({ id }) => id);
        for (const item of await lockOwnedByCatalog(change.db, theirs, ids)) await passOn(change, item, to);
      },
    };
    for (let behind = 0, left = BATCH; left === BATCH;) {
      const batch = await ownedByCatalog(app.db, theirs, behind, BATCH);
      await changeAll(app, passing, batch);
      behind = batch.at(-1)?.id ?? 0;
      left = batch.length;
    }
    const broken = brokenBefore(app, PASSING_ON);
    const kept = await ownedByCatalog(app.db, theirs, 0, broken.size + 1);
    isAll &&= kept.every((item) => broken.has(nameOfItem(item)));
  }
  return isAll;
}

async function moveOn(inForce: InForce, change: Change, rotation: Rotation, turn: Turn): Promise<void> {
  if (await insertTurn(change.db, rotation.key, turn.person, change.now)) return;
  const before = await lockTurn(change.db, rotation.key);
  if (before === null || !isNews(before, turn, change.now)) return;
  await moveTurn(change.db, rotation.key, turn.person, change.now);
  const event = await change.log({
    kind: "rotation.handed_over",
    detail: {
      rotation: rotation.key,
      from: before.person,
      to: turn.person,
      until: turn.until?.toISOString() ?? null,
      by: turn.standin?.madeBy ?? null,
    },
  });
  await wantAt(change.db, "event", event, place.channel(rotation.channel ?? inForce.catalog.channel), change.now);
}

async function passOn(change: Change, item: StoredItem, to: string | null): Promise<void> {
  const next = await saveItem(change.db, item, { owner: to === null ? null : { person: to } });
  await tell(change, next, "item.passed_on", { to: next.owner });
  await show(change, next);
}

/** What a rotation answers for. */
export function dutiesOfRotation(
  inForce: InForce,
  rotation: string,
): { readonly service: string; readonly responsibility: Responsibility }[] {
  return Object.values(inForce.catalog.services).flatMap((service) => {
    const duties = dutiesOf(inForce, service);
    return RESPONSIBILITIES.flatMap((responsibility) => {
      const duty = duties[responsibility];
      const theirs = duty !== undefined && "rotation" in duty && duty.rotation === rotation;
      return theirs ? [{ service: service.key, responsibility }] : [];
    });
  });
}

const RETRY_MINUTES = 5;
const REFUSED_MINUTES = 60;

/** Slack replaces the whole group, and takes no empty one: while nobody is there it stays as it is. */
async function followGroup(app: App, rotation: Rotation, turn: StoredTurn): Promise<void> {
  const account = turn.person === null ? undefined : app.inForce().catalog.people[turn.person]?.slack[0];
  if (rotation.slackGroup === undefined || account === undefined) return;
  const shows = `${rotation.slackGroup}:${account}`;
  if (turn.groupShows === shows || turn.groupDueAt > app.now()) return;
  if (!(await claimGroup(app.db, rotation.key, app.now(), addMinutes(app.now(), RETRY_MINUTES)))) return;
  try {
    await app.slack.call("usergroups.users.update", { usergroup: rotation.slackGroup, users: account });
    await saveGroup(app.db, rotation.key, { shows, problem: null, dueAt: app.now() });
  } catch (error) {
    const problem = error instanceof SlackRefused ? error.error : "no answer";
    if (problem !== turn.groupProblem)
      app.log.warn({ err: error, rotation: rotation.key }, "the user group does not follow who is on call");
    const dueAt =
      error instanceof SlackLimited
        ? addMilliseconds(app.now(), error.retryAfter)
        : addMinutes(app.now(), error instanceof SlackRefused ? REFUSED_MINUTES : RETRY_MINUTES);
    await saveGroup(app.db, rotation.key, { shows: null, problem, dueAt });
  }
}
