import type { ServiceOwners } from "../domain/board/service.ts";
import type { Names } from "../domain/board/names.ts";
import { RESPONSIBILITIES } from "../domain/duty.ts";
import { type Message, context, sections } from "./blocks.ts";
import { code, count, named, plain, when } from "./text.ts";

/** Who answers for what, as it holds now; gaps are said as such, and so is what was changed here over the catalog. The answer to `/day2 owners …`. */
export function ownersMessage(services: readonly ServiceOwners[], names: Names): Message {
  const gaps = services.reduce(
    (sum, { duties }) => sum + RESPONSIBILITIES.filter((each) => duties[each] === undefined).length,
    0,
  );
  const text =
    gaps === 0
      ? "Every responsibility has an owner"
      : `${count(gaps, "responsibility", "responsibilities")} without an owner`;
  const lines = services.flatMap((each) => [
    serviceLine(each, names),
    ...each.changes.map((change) => changeLine(change, names)),
  ]);
  return {
    text,
    blocks: [
      ...sections([`*${text}*`, ...lines]),
      context(`${code("/day2 assign <service> <responsibility> <person, team or rotation>")} changes one`),
    ],
  };
}

function serviceLine({ service, duties }: ServiceOwners, names: Names): string {
  return `*${plain(service.key, 60)}* · ${ownerWords(duties, names)}`;
}

/** One owner for everything is one word; else each owner with what they answer for. */
export function ownerWords(duties: ServiceOwners["duties"], names: Names): string {
  const byOwner = Map.groupBy(RESPONSIBILITIES, (responsibility) => {
    const duty = duties[responsibility];
    return duty === undefined ? "⚠️ nobody" : named(names, duty);
  });
  const said = [...byOwner].map(([owner, all]) =>
    all.length === RESPONSIBILITIES.length ? `${owner}: everything` : `${owner}: ${all.join(", ")}`,
  );
  return said.join(" · ");
}

/** Said in Slack, so that it ends one day; the line to write makes it stay. */
function changeLine({ responsibility, now, catalog, by, at }: ServiceOwners["changes"][number], names: Names): string {
  const who = named(names, { person: by });
  const line = code(`responsibilities: { ${responsibility}: ${now} }`);
  return `↳ ${responsibility}: ${plain(now, 60)} since ${when(at)}, by ${who}; the catalog says ${plain(catalog, 60)}. To keep it: ${line}`;
}
