import { glyphOf, STATES } from "./item.ts";
import { differ, line, nameOf, shown } from "./names.ts";
import { titleOf } from "./operation.ts";
import type { ItemRow, Rows } from "./rows.ts";
import type { Walk } from "./world.ts";

/** What the lists and the status answer, against the rows. */

export async function lists(walk: Walk, rows: Rows): Promise<string[]> {
  const open = rows.items.filter((each) => each.state !== "resolved");
  return [
    ...(await listed(walk, "/day2 items", "Open items", open)),
    ...(await listed(walk, "/day2 items unowned", "Nobody's items", open.filter(isUnowned))),
    ...(await statuses(walk, rows, open)),
  ];
}

export function isUnowned({ ownerPerson, ownerTeam }: ItemRow): boolean {
  return ownerPerson === null && ownerTeam === null;
}

async function listed(walk: Walk, command: string, title: string, items: readonly ItemRow[]): Promise<string[]> {
  const { plain } = await walk.as("rae").asks(command);
  const count = new RegExp(String.raw`\*${title}\* \((\d+)\)`).exec(plain)?.[1] ?? "none";
  return [
    ...differ(command, { count }, { count: items.length === 0 ? "none" : `${items.length}` }),
    ...strangers(command, plain, items),
    ...items.flatMap((item) => lineDiffers(command, plain, item)),
  ];
}

/** Lines of items that are not among those that should be there. */
function strangers(surface: string, plain: string, items: readonly ItemRow[]): string[] {
  return numbersIn(plain).flatMap((id) =>
    items.some((each) => each.id === id) ? [] : [`${surface}: #${id} is among them, and should not be`],
  );
}

/** The items that lines begin with. */
export function numbersIn(plain: string): number[] {
  return [...plain.matchAll(/^\S+ \*#(\d+)/gm)].map((each) => Number(each[1]));
}

/** The line of an item in a list. */
function lineDiffers(surface: string, plain: string, row: ItemRow): string[] {
  const found = plain.split("\n").find((each) => new RegExp(String.raw`^\S+ \*#${row.id}[ *]`).test(each));
  if (found === undefined) return /^and \d+ more/m.test(plain) ? [] : [`${surface}: #${row.id} is not among them`];
  const parts = found.split(" · ");
  return differ(
    `${surface}, #${row.id}`,
    { glyph: found.split(" ")[0] ?? null, summary: parts[1] ?? null, owner: parts.at(-1) ?? null },
    { glyph: glyphOf(row), summary: shown(row.summary), owner: ownerName(row) },
  );
}

function ownerName({ ownerPerson, ownerTeam }: ItemRow): string {
  if (ownerTeam !== null) return "Web team";
  return ownerPerson === null ? "nobody's" : nameOf(ownerPerson);
}

async function statuses(walk: Walk, rows: Rows, open: readonly ItemRow[]): Promise<string[]> {
  const rae = walk.as("rae");
  const all = (await rae.asks("/day2 status")).plain;
  const found: string[] = [];
  for (const service of walk.declared().services) {
    const surface = `/day2 status ${service}`;
    const { plain } = await rae.asks(surface);
    const items = open.filter((each) => each.service === service);
    const under = rows.operations.filter((each) => each.service === service && each.finishedAt === null);
    const held = { open: `${items.length}`, under: `${under.length}` };
    const short = new RegExp(String.raw`\*${service}\* · .*`).exec(all)?.[0] ?? "";
    found.push(
      ...differ(`/day2 status, ${service}`, counted(short), held),
      ...differ(surface, counted(plain.split("\n")[0] ?? ""), held),
      ...strangers(surface, plain, items),
      ...items.flatMap((item) => lineDiffers(surface, plain, item)),
      ...differ(
        surface,
        {
          operations: operationsIn(plain, /^\S+ (op-(?!.* · asked by ).*)$/gm),
          done: operationsIn(plain, /^\S+ (op-.*?)(?: just now| \d[\w ]* ago) · asked by .*$/gm),
        },
        {
          operations: said(under.slice(0, 5)),
          done: said(
            rows.operations
              .filter((each) => each.service === service && DONE.has(each.state))
              .reverse()
              .slice(0, 3),
          ),
        },
      ),
      ...differ(
        surface,
        { freeze: line(plain, /^❄️ .* until (.*?): /mu) },
        { freeze: rows.freezes.find((each) => each.service === service)?.endsAt ?? null },
      ),
      ...readings(surface, plain, rows, service),
    );
  }
  return found;
}

const DONE = new Set(["succeeded", "failed", "reverted", "closed_unknown"]);

function operationsIn(plain: string, line: RegExp): string {
  return [...plain.matchAll(line)].map((each) => each[1]).join("; ");
}

function said(operations: Rows["operations"]): string {
  return operations.map((each) => `${titleOf(each)} · ${STATES[each.state]}`).join("; ");
}

function counted(words: string): { open: string; under: string } {
  return {
    open: /(\d+) open item/.exec(words)?.[1] ?? "0",
    under: /(\d+) operations? under way/.exec(words)?.[1] ?? "0",
  };
}

const LEVELS: Readonly<Record<string, string>> = { ok: "🟢", warning: "🟡", critical: "🔴", unknown: "⚪" };

/** The line of each check: its last reading. */
function readings(surface: string, plain: string, rows: Rows, service: string): string[] {
  return rows.checks
    .filter((check) => check.service === service)
    .flatMap(({ key, level, summary }) => {
      const name = key.slice(service.length + 1);
      const found = plain.split("\n").find((each) => each.includes(` ${name} · `));
      const said = found?.split(" · ") ?? [];
      return differ(
        `${surface}, ${name}`,
        { glyph: found?.split(" ")[0] ?? null, summary: said[1] ?? null },
        { glyph: LEVELS[level] ?? null, summary: shown(summary) },
      );
    });
}
