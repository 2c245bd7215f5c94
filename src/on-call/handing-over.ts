import { RESPONSIBILITIES, type Responsibility } from "../domain/duty.ts";
import { addMilliseconds, addMinutes } from "../domain/time.ts";
import type { App } from "../app.ts";
import type { InForce } from "../in-force.ts";
import { alone } from "../broken.ts";
import { changeUnasked, type Change } from "../caller.ts";
import type { Rotation } from "../domain/rotation.ts";
import { show, tell } from "../items/card-and-thread.ts";
import { turnOf } from "./rotations.ts";
import { dutiesOf } from "../ownership.ts";
import { refreshPeople } from "../slack-accounts.ts";
import { SlackLimited, SlackRefused } from "../slack-client.ts";
import { saveItem, type StoredItem } from "../store/items.ts";
import { lockOwnedByCatalog } from "../store/locked-items.ts";
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

const BATCH = 100; // items

async function changeTurn(app: App, key: string): Promise<void> {
  // Whoever looked last may know of a word or an edit that this process has not heard of yet.
  await app.followCatalog();
  const inForce = app.inForce();
  const rotation = inForce.catalog.rotations?.[key];
  if (rotation === undefined) return;
  await changeUnasked(app, (change) => moveOn(inForce, change, rotation));
}

async function moveOn(inForce: InForce, change: Change, rotation: Rotation): Promise<void> {
  const turn = turnOf(inForce, rotation, change.now);
  if (await insertTurn(change.db, rotation.key, turn.person, change.now)) return;
  const before = await lockTurn(change.db, rotation.key);
  const isNews = before !== null && before.person !== turn.person && before.since <= change.now; // else our clock is behind
  if (!isNews) return;
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
  for (const duty of dutiesOfRotation(inForce, rotation.key)) {
    // What was passed on is nobody's of before any more, so that each batch is another one.
    for (let left = BATCH; left === BATCH;) {
      const batch = await lockOwnedByCatalog(change.db, { ...duty, person: before.person }, BATCH);
      for (const item of batch) await passOn(change, item, turn.person);
      left = batch.length;
    }
  }
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
