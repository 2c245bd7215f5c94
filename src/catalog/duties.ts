import type { Service } from "../domain/catalog.ts";
import { RESPONSIBILITIES, type Duty, type Responsibility } from "../domain/duty.ts";
import { suggestion, type Complaints, type Path } from "./complaints.ts";
import type { Surroundings } from "./kinds.ts";
import { DUTY } from "./service-shapes.ts";
import type { Written } from "./written.ts";

/** Reads who answers for the responsibilities of a service. */

/** The `owner` answers for everything that has no line of its own. */
export function readDuties(
  path: Path,
  { owner, responsibilities = {} }: { readonly owner?: string | undefined; readonly responsibilities?: Written },
  around: Surroundings,
  complaints: Complaints,
): Service["duties"] {
  const general = owner === undefined ? undefined : dutyOf(owner, [...path, "owner"], around, complaints);
  const duties: Partial<Record<Responsibility, Duty>> = {};
  if (general !== undefined) for (const each of RESPONSIBILITIES) duties[each] = general;
  for (const [responsibility, value] of Object.entries(responsibilities)) {
    const at = [...path, "responsibilities", responsibility];
    if (!isResponsibility(responsibility)) {
      complaints.addKey(
        at,
        `\`${responsibility}\` is not a responsibility.`,
        suggestion(responsibility, RESPONSIBILITIES, "Possible"),
      );
      continue;
    }
    const word = complaints.shape(DUTY, value, at);
    if (word === undefined) continue;
    const duty = typeof word === "string" ? dutyOf(word, at, around, complaints) : word;
    if (duty === undefined) delete duties[responsibility];
    else duties[responsibility] = duty;
  }
  return duties;
}

function isResponsibility(word: string): word is Responsibility {
  return (RESPONSIBILITIES as readonly string[]).includes(word);
}

/** "ana", "team-web", "rotation-web" → whose it is; "nobody" → undefined, as is what does not exist, which is noted. */
function dutyOf(word: string, path: Path, around: Surroundings, complaints: Complaints): Duty | undefined {
  if (word === "nobody") return undefined;
  if (around.people.includes(word)) return { person: word };
  const team = word.startsWith("team-") ? word.slice("team-".length) : undefined;
  if (team !== undefined && around.teams.includes(team)) return { team };
  const rotation = word.startsWith("rotation-") ? word.slice("rotation-".length) : undefined;
  if (rotation !== undefined && around.rotations.includes(rotation)) return { rotation };
  const known = [
    ...around.people,
    ...around.teams.map((each) => `team-${each}`),
    ...around.rotations.map((each) => `rotation-${each}`),
  ];
  complaints.add(
    path,
    `There is no person, team or rotation \`${word}\`.`,
    spelledOut(word, around) ?? suggestion(word, known) ?? "Add them under `people:`, `teams:` or `rotations:` first.",
  );
  return undefined;
}

function spelledOut(word: string, { teams, rotations }: Surroundings): string | undefined {
  if (teams.includes(word)) return `A team is written \`team-${word}\`.`;
  return rotations.includes(word) ? `A rotation is written \`rotation-${word}\`.` : undefined;
}
