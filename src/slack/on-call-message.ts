import type { KnownBlock } from "@slack/types";
import type { OnCall } from "../domain/board/on-call.ts";
import type { Names } from "../domain/board/names.ts";
import type { Standin } from "../domain/rotation.ts";
import { context, type Message, sections } from "./blocks.ts";
import { named, plain, when } from "./text.ts";

/** Who is on call now. The answer to `/day2 oncall …`. */
export function onCallMessage(onCall: OnCall, names: Names): Message {
  const lines = onCallLines(onCall, names);
  return {
    text: "Who is on call",
    blocks: [
      ...sections(["*On call now*", ...(lines.length === 0 ? [NOTHING] : lines)]),
      context(
        "`/day2 cover @person until mon 09:00` takes somebody's turns · `/day2 away until mon 09:00` leaves them to others",
      ),
    ],
  };
}

const NOTHING = "Nothing is watched yet, so nobody is on call.";
const ON_HOME = 12;

/** The same on Home: what concerns the viewer first. */
export function onCallBlocks(onCall: OnCall, names: Names): KnownBlock[] {
  if (onCall.rotations.length === 0) return [];
  const mine = onCall.rotations.filter(({ turn }) => turn.person !== null && turn.person === onCall.viewer);
  const lines = [
    ...mine.map(({ name, turn }) => `📟 *You are on call for ${plain(name, 60)}*${untilWords(turn.until)}`),
    ...onCallLines(
      { ...onCall, rotations: onCall.rotations.filter((each) => !mine.includes(each)), others: [] },
      names,
    ),
  ];
  const left = lines.length - ON_HOME;
  return [
    ...sections(["*On call now*", ...lines.slice(0, ON_HOME)]),
    ...(left > 0 ? [context(`and ${left} more lines: \`/day2 oncall\` has them`)] : []),
  ];
}

function onCallLines({ rotations, others }: OnCall, names: Names): string[] {
  return [
    ...rotations.flatMap(({ name, services, turn, said }) => {
      const where = services.length === 0 ? "" : ` (${services.map((each) => plain(each, 40)).join(", ")})`;
      const who = turn.person === null ? "⚠️ nobody is available" : named(names, { person: turn.person });
      const then = turn.next === null ? "" : `, then ${named(names, { person: turn.next })}`;
      return [
        `📟 *${plain(name, 60)}*${where}: ${who}${untilWords(turn.until)}${then}`,
        ...said.map((each) => saidWords(each, names)),
      ];
    }),
    ...others.map(
      ({ service, duty }) => `*${plain(service, 60)}*: ${duty === null ? "⚠️ nobody" : named(names, duty)}`,
    ),
  ];
}

function untilWords(until: Date | null): string {
  return until === null ? "" : ` until ${when(until)}`;
}

function saidWords({ kind, person, covering, startsAt, endsAt, madeBy }: Standin, names: Names): string {
  const who = named(names, { person });
  const by = madeBy === person ? "" : `, said by ${named(names, { person: madeBy })}`;
  const since = `since ${when(startsAt)}`;
  if (kind === "away") return `↳ ${who} is away until ${when(endsAt)} (${since}${by})`;
  const whom = covering === null ? "stands in" : `takes the turns of ${named(names, { person: covering })}`;
  return `↳ ${who} ${whom} until ${when(endsAt)} (${since}${by})`;
}
