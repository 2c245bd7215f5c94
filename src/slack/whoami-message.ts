import type { Standing } from "../domain/board/standing.ts";
import { RESPONSIBILITIES } from "../domain/duty.ts";
import { type Message, context, sections } from "./blocks.ts";
import { joined, plain, sentence } from "./text.ts";

/** Characters of one list; who has more of it than that sees the first. */
const LONGEST = 1_000;

/** Who somebody is here, what they answer for and may do, and their line of the catalog. The answer to `/day2 whoami`. */
export function whoamiMessage(standing: Standing): Message {
  const { actor, teams, answersFor, may } = standing;
  const known = actor.person !== null;
  const text = known ? `You are ${plain(actor.name, 60)}` : "You are not in the catalog";
  const lines = [
    known
      ? joined([`*${text}*`, actor.role ?? "no role", ...rolesElsewhere(actor.services)], " · ", LONGEST)
      : `*${text}*`,
    ...(teams.length === 0
      ? []
      : [
          `Teams: ${joined(
            teams.map((team) => plain(team, 60)),
            ", ",
            LONGEST,
          )}`,
        ]),
    ...(known ? [`You answer for: ${said(answersFor)}`] : []),
    `You may: ${may.join(", ")}`,
    lineToKeep(standing),
  ];
  return {
    text,
    blocks: [
      ...sections(lines),
      context(
        known
          ? "`/day2` shows what needs you now · `/day2 items mine` is what you have · `/day2 help` lists all that you can say"
          : "`/day2 status` shows how everything is · `/day2 help` lists all that you can say",
      ),
    ],
  };
}

function rolesElsewhere(services: Standing["actor"]["services"]): string[] {
  return Object.entries(services).map(([service, role]) => `${role} on ${plain(service, 60)}`);
}

function said(answersFor: Standing["answersFor"]): string {
  const parts = answersFor.map(({ service, responsibilities }) => {
    const what = responsibilities.length === RESPONSIBILITIES.length ? "everything" : responsibilities.join(", ");
    return `${plain(service, 60)} (${what})`;
  });
  return parts.length === 0 ? "nothing yet" : joined(parts, ", ", LONGEST);
}

function lineToKeep({ actor, keepers, line }: Standing): string {
  if (actor.person !== null) return sentence(`Your line in \`daytwo.yaml\`: ${line}`, 2_000);
  if (actor.kind !== "member") return "Only full members of this workspace can be more than readers.";
  const who = keepers.length === 0 ? "Whoever keeps the catalog" : keepers.join(" or ");
  return sentence(`${who} can add you to \`daytwo.yaml\`: ${line}`);
}
