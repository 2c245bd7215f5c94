import type { Names, ServiceStatus } from "../domain/board.ts";
import { RESPONSIBILITIES } from "../domain/catalog.ts";
import { type Message, context, sections } from "./blocks.ts";
import { code, count, named, plain } from "./text.ts";

/** Who answers for what, as it holds now; gaps are said as such. The answer to `/day2 owners …`. */
export function ownersMessage(statuses: readonly Pick<ServiceStatus, "service" | "duties">[], names: Names): Message {
  const gaps = statuses.reduce(
    (sum, { duties }) => sum + RESPONSIBILITIES.filter((each) => duties[each] === undefined).length,
    0,
  );
  const text =
    gaps === 0
      ? "Every responsibility has an owner"
      : `${count(gaps, "responsibility", "responsibilities")} without an owner`;
  const lines = statuses.map((status) => serviceLines(status, names));
  return {
    text,
    blocks: [
      ...sections([`*${text}*`, ...lines]),
      context(`${code("/day2 assign <service> <responsibility> <person or team>")} changes one`),
    ],
  };
}

/** One owner for everything is one word; else each owner with what they answer for. */
function serviceLines({ service, duties }: Pick<ServiceStatus, "service" | "duties">, names: Names): string {
  const byOwner = Map.groupBy(RESPONSIBILITIES, (responsibility) => {
    const duty = duties[responsibility];
    return duty === undefined ? "⚠️ nobody" : named(names, duty);
  });
  const said = [...byOwner].map(([owner, all]) =>
    all.length === RESPONSIBILITIES.length ? `${owner}: everything` : `${owner}: ${all.join(", ")}`,
  );
  return `*${plain(service.key, 60)}* · ${said.join(" · ")}`;
}
