import type { Names } from "../domain/board/names.ts";
import type { OperationCard } from "../domain/board/operation-card.ts";
import { count, mention, named, timeOfDay, when } from "./text.ts";

/** Who has to decide on an operation: mentioned where it is their turn, named where it is not yet. */

/** Mentions the approvers, who must act, and nobody who has decided already. */
export function needs({
  operation,
  decisions: made,
  approvers,
  asked: told,
  restAt,
  names,
}: OperationCard): readonly string[] {
  const missing = Math.max(1, operation.approvals - made.filter(({ verdict }) => verdict === "approved").length);
  const open = approvers.filter((person) => !made.some((decision) => decision.person === person));
  const until = operation.expiresAt === null ? "" : ` · valid until ${when(operation.expiresAt)}`;
  if (open.length === 0)
    return [
      `Needs ${count(missing, "approval")}, and nobody else may give it: an admin can name an approver in the catalog${until}`,
    ];
  const at = new Map(told.map((each) => [each.person, each.at]));
  const later = restAt === null ? [] : open.filter((person) => !at.has(person));
  const now = open.filter((person) => !later.includes(person));
  const of = now.length <= missing ? "" : `${missing === 1 ? "one" : missing} of `;
  const who = now.length === 0 ? count(missing, "approval") : `${of}${messaged(now, at, names)}`;
  return [`Needs ${who}${until}`, ...thenAsks(later, restAt, names)];
}

const NAMED = 10;

/** "@ana, @ben (messaged 02:11), Cleo": who was asked at one time stands together, and whoever has no account last. */
function messaged(people: readonly string[], at: ReadonlyMap<string, Date>, names: Names): string {
  const shown = people.toSorted((a, b) => timeOf(at.get(a)) - timeOf(at.get(b))).slice(0, NAMED);
  const groups = Map.groupBy(shown, (person) => timeOf(at.get(person)));
  const said = [...groups].map(([time, group]) => {
    const each = group.map((person) => mention(names, { person })).join(", ");
    return time === NEVER ? each : `${each} (messaged ${timeOfDay(new Date(time))})`;
  });
  return `${said.join(", ")}${more(people)}`;
}

const NEVER = Number.MAX_SAFE_INTEGER;

function timeOf(at: Date | undefined): number {
  return at?.getTime() ?? NEVER;
}

/** Named without a notification: it is not their turn yet. */
function thenAsks(later: readonly string[], restAt: Date | null, names: Names): readonly string[] {
  if (later.length === 0 || restAt === null) return [];
  const shown = later.slice(0, NAMED).map((person) => named(names, { person }));
  return [`Asks ${shown.join(", ")}${more(later)} too at ${timeOfDay(restAt)}`];
}

function more(people: readonly string[]): string {
  return people.length > NAMED ? ` and ${people.length - NAMED} more` : "";
}

export function mayGoAlone({ alone, names }: OperationCard): readonly string[] {
  if (alone.length === 0) return [];
  const who = alone.slice(0, NAMED).map((person) => mention(names, { person }));
  return [`Nobody has answered: ${who.join(", ")}${more(alone)}, on call, may go alone with a reason`];
}
