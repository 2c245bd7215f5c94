import type { App } from "../app.ts";
import type { InForce } from "../in-force.ts";
import { changeFor, type Caller, type Change } from "../caller.ts";
import { nearest } from "../domain/nearest.ts";
import { authorise } from "../domain/permit.ts";
import { onCallAt, turnAt, type Rotation, type Staff, type Standin, type Turn } from "../domain/rotation.ts";
import { addDays } from "../domain/time.ts";
import { actorKey } from "../domain/actor.ts";
import { changeDue } from "../due.ts";
import { Invalid } from "../errors.ts";
import { groundOf } from "../people.ts";
import { endStandin, insertStandin, lockStandinsOver } from "../store/standins.ts";

/** The door to who is on call: rotations of the catalog, and what was said in Slack over them, until its end. */

/** Who can be on call now: whom the catalog knows and Slack has not deactivated. */
export function staffOf({ catalog, standins, left }: InForce): Staff {
  return {
    has: (person) => catalog.people[person] !== undefined && !left.has(person),
    standins,
  };
}

export function turnOf(inForce: InForce, rotation: Rotation, now: Date): Turn {
  return turnAt(rotation, staffOf(inForce), now);
}

/** Person key of whoever of a rotation is on call now; null for nobody, or no such rotation. */
export function onCallNow(inForce: InForce, rotation: string, now: Date): string | null {
  const found = inForce.catalog.rotations?.[rotation];
  return found === undefined ? null : onCallAt(found, staffOf(inForce), now);
}

/** Rotations that somebody is on call for now. */
export function rotationsOn(inForce: InForce, person: string, now: Date): Rotation[] {
  const rotations = Object.values(inForce.catalog.rotations ?? {});
  return rotations.filter((rotation) => onCallAt(rotation, staffOf(inForce), now) === person);
}

/** @throws Invalid naming the rotations that there are. */
export function rotationNamed({ catalog }: InForce, typed: string): Rotation {
  const rotations = catalog.rotations ?? {};
  const key = typed.toLowerCase().replace(/^rotation-/, "");
  const found = rotations[key];
  if (found !== undefined) return found;
  const near = nearest(key, Object.keys(rotations));
  throw new Invalid(`I know no rotation called ${typed}.`, {
    hint: near === undefined ? whichThereAre(Object.keys(rotations)) : `Did you mean \`${near}\`?`,
  });
}

function whichThereAre(keys: readonly string[]): string {
  if (keys.length === 0) return "The catalog has no rotations yet: add one under `rotations:`.";
  return `There is ${keys.map((key) => `\`${key}\``).join(", ")}.`;
}

/** Whether somebody may say at all who is on call. @throws Denied */
export function askToStandIn(app: App, { actor }: Caller): void {
  authorise("standIn", actor, groundOf(app.inForce(), {}));
}

const LONGEST_DAYS = 90;

/** What somebody wants said over the plan. `rotations` is empty for who is away. */
export type Wanted = {
  readonly kind: Standin["kind"];
  readonly rotations: readonly Rotation[];
  readonly person: string;
  readonly covering: string | null;
  readonly until: Date;
};

/** Says until when somebody stands in, or is away. To say it of somebody else takes a permit of its own. @throws Invalid | Denied */
export async function standIn(app: App, caller: Caller, wanted: Wanted): Promise<void> {
  const inForce = app.inForce();
  const own = wanted.person === caller.actor.person;
  authorise(own ? "standIn" : "putOnCall", caller.actor, groundOf(inForce, {}));
  const { people } = inForce.catalog;
  if (wanted.covering === wanted.person) throw new Invalid("Nobody stands in for themselves.");
  const accounts = people[wanted.person]?.slack ?? [];
  if (wanted.kind === "cover" && accounts.length === 0)
    throw new Invalid(
      `${people[wanted.person]?.name ?? wanted.person} has no Slack account, so nothing reaches them.`,
      {
        hint: `Add \`slack:\` to \`people.${wanted.person}\` in the catalog.`,
      },
    );
  await changeFor(app, caller, async (change) => {
    if (wanted.until <= change.now || wanted.until > addDays(change.now, LONGEST_DAYS))
      throw new Invalid(`That must end within the next ${LONGEST_DAYS} days.`, {
        hint: "Write it like `until mon 09:00`, `until 2026-12-24 18:00` or `for 8h`.",
      });
    const rotations = wanted.kind === "away" ? [null] : wanted.rotations.map(({ key }) => key);
    for (const rotation of rotations) await insertOne(change, caller, { ...wanted, rotation });
  });
  await app.followCatalog();
}

async function insertOne(
  change: Change,
  caller: Caller,
  { kind, rotation, person, covering, until }: Omit<Wanted, "rotations"> & { readonly rotation: string | null },
): Promise<void> {
  const madeBy = actorKey(caller.actor);
  const standin = { kind, rotation, person, covering, startsAt: change.now, endsAt: until, madeBy };
  await insertStandin(change.db, standin, change.now);
  await change.log({ kind: WORD[kind], detail: { rotation, person, covering, until: until.toISOString() } });
}

const WORD = { cover: "rotation.covered", away: "person.away" } as const;

/**
 * Ends what was said: of a rotation, or that somebody is away. Whoever stands in or said so may end it, for others it
 * takes the permit to put people on call. @throws Invalid when there is nothing to end
 */
export async function endWhatWasSaid(
  app: App,
  caller: Caller,
  of: { rotation: Rotation } | { away: string },
): Promise<void> {
  const inForce = app.inForce();
  const said = inForce.standins.filter((each) =>
    "rotation" in of ? each.rotation === of.rotation.key : each.kind === "away" && each.person === of.away,
  );
  if (said.length === 0)
    throw new Invalid(
      "rotation" in of
        ? `Nobody stands in for ${of.rotation.name}: it goes by its plan.`
        : "Nobody said that they are away.",
      { hint: "`/day2 oncall` shows who is on call." },
    );
  const who = caller.actor.person;
  const own = who !== null && said.every(({ person, madeBy }) => person === who || madeBy === who);
  authorise(own ? "standIn" : "putOnCall", caller.actor, groundOf(inForce, {}));
  await changeFor(app, caller, async (change) => {
    for (const standin of said) await end(change, standin, "said");
  });
  await app.followCatalog();
}

/** What was said ends when its end comes, and when its person or rotation left. */
export async function endStandins(app: App): Promise<void> {
  const ending = { most: 50, nameOf: ({ id }: Standin) => String(id) };
  await changeDue(app, {
    ...ending,
    what: "ending stand-ins that are over",
    rows: lockStandinsOver,
    work: (change, standin) => end(change, standin, "over"),
  });
  const { catalog, standins } = app.inForce();
  const gone = standins.filter(
    ({ person, rotation }) =>
      catalog.people[person] === undefined || (rotation !== null && catalog.rotations?.[rotation] === undefined),
  );
  await changeDue(app, {
    ...ending,
    what: "ending stand-ins of who left",
    rows: () => Promise.resolve(gone),
    work: (change, standin) => end(change, standin, "left"),
  });
  if (gone.length > 0 || standins.some(({ endsAt }) => endsAt <= app.now())) await app.followCatalog();
}

async function end(change: Change, { id, kind, rotation, person, covering }: Standin, why: string): Promise<void> {
  if (!(await endStandin(change.db, id, change.now))) return;
  await change.log({ kind: `${WORD[kind]}_ended`, detail: { rotation, person, covering, why } });
}
