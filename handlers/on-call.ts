import type { App } from "../src/app.ts";
import { onCall } from "../src/board/on-call.ts";
import type { Caller } from "../src/caller.ts";
import type { Asked } from "../src/command/request.ts";
import type { Rotation } from "../src/domain/rotation.ts";
import { momentSaid } from "../src/domain/said-time.ts";
import { wallText } from "../src/domain/wall-time.ts";
import { Invalid } from "../src/errors.ts";
import { askToStandIn, endWhatWasSaid, rotationNamed, standIn } from "../src/on-call/rotations.ts";
import { rotationOf, serviceNamed } from "../src/ownership.ts";
import { namesOf } from "../src/people.ts";
import { accountZone } from "../src/slack-accounts.ts";
import { answerMessage } from "../src/slack/answer-message.ts";
import type { Message } from "../src/slack/blocks.ts";
import { onCallMessage } from "../src/slack/on-call-message.ts";
import { personMeant } from "./parties.ts";

/** What the verbs about being on call do and answer. */

export async function oncall(app: App, caller: Caller, { of, change }: Asked<"oncall">): Promise<Message> {
  if (change === null) return show(app, caller, of);
  const rotation = rotationMeant(app, of ?? "");
  if (change === "end") {
    await endWhatWasSaid(app, caller, { rotation });
    return show(app, caller, rotation.key);
  }
  const person = personMeant(app, caller, change.person);
  const until = momentSaid(change.until, app.now(), rotation.zone);
  await standIn(app, caller, { kind: "cover", rotations: [rotation], person, covering: null, until });
  return show(app, caller, rotation.key);
}

export async function cover(app: App, caller: Caller, { whom, rotation, until }: Asked<"cover">): Promise<Message> {
  askToStandIn(app, caller);
  const person = selfOf(app, caller);
  const covering = personMeant(app, caller, whom);
  const all = Object.values(app.inForce().catalog.rotations ?? {});
  const rotations =
    rotation === null ? all.filter(({ members }) => members.includes(covering)) : [rotationMeant(app, rotation)];
  const [first] = rotations;
  if (first === undefined)
    throw new Invalid(`${nameOf(app, covering)} takes no turns on call.`, { hint: "`/day2 oncall` shows who does." });
  const end = momentSaid(until, app.now(), first.zone);
  await standIn(app, caller, { kind: "cover", rotations, person, covering, until: end });
  return onCallMessage(onCall(app, caller.actor, rotations.length === 1 ? first : null), namesOf(app.inForce()));
}

export async function away(app: App, caller: Caller, { whom, until }: Asked<"away">): Promise<Message> {
  askToStandIn(app, caller);
  const person = whom === null ? selfOf(app, caller) : personMeant(app, caller, whom);
  const who = person === caller.actor.person ? "You are" : `${nameOf(app, person)} is`;
  if (until === null) {
    await endWhatWasSaid(app, caller, { away: person });
    return answerMessage(`${who} back. \`/day2 oncall\` shows who is on call.`);
  }
  const zone = app.inForce().catalog.people[person]?.zone ?? (await accountZone(app, caller.actor));
  const end = momentSaid(until, app.now(), zone);
  await standIn(app, caller, { kind: "away", rotations: [], person, covering: null, until: end });
  return answerMessage(
    `${who} away until ${wallText(zone, end)} (${zone}): \`/day2 oncall\` shows who is called instead, \`/day2 away end\` ends it sooner.`,
  );
}

function show(app: App, { actor }: Caller, of: string | null): Message {
  const inForce = app.inForce();
  const { rotations = {}, services } = inForce.catalog;
  const found =
    of === null ? null : (rotations[of.replace(/^rotation-/, "")] ?? services[of] ?? rotationNamed(inForce, of));
  return onCallMessage(onCall(app, actor, found), namesOf(inForce));
}

/** A rotation by its key, or the one that is on call for a service. */
function rotationMeant(app: App, typed: string): Rotation {
  const inForce = app.inForce();
  if (inForce.catalog.rotations?.[typed] !== undefined || inForce.catalog.services[typed] === undefined)
    return rotationNamed(inForce, typed);
  const rotation = rotationOf(inForce, serviceNamed(inForce.catalog, typed).key);
  if (rotation !== null) return rotation;
  throw new Invalid(`No rotation is on call for ${typed}.`, {
    hint: `\`/day2 assign ${typed} on-call @person\` says who is.`,
  });
}

function selfOf(app: App, caller: Caller): string {
  return personMeant(app, caller, { kind: "self" });
}

function nameOf(app: App, person: string): string {
  return app.inForce().catalog.people[person]?.name ?? person;
}
