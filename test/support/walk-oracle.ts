import { may, type Actor as Acting } from "../../src/domain/permit.ts";
import { verify } from "../../src/record.ts";
import { audits, replayed, type Places } from "./walk-record.ts";
import { rowsOf, type ItemRow, type Rows } from "./walk-rows.ts";
import { differ, itemHeld, itemSaid, operationHeld, operationSaid, rowsSaid } from "./walk-said.ts";
import { PERSONS, type Walk } from "./walk-world.ts";

/** Everything that any surface says, against the rows: each sentence names the surface, the subject and both values. */

export async function disagreements(walk: Walk): Promise<string[]> {
  const bot = walk.bot();
  await bot.slack.endFaults();
  await bot.settle();
  const rows = await rowsOf(walk.pool, bot.now());
  const places = await placesOf(walk, rows);
  const found = [
    ...(await cards(walk, rows, places)),
    ...(await lists(walk, rows)),
    ...(await homes(walk, rows)),
    ...(await audits(walk, rows, places)),
    ...replayed(rows),
  ];
  const verified = await verify(walk.pool);
  return verified.problem === null ? found : [...found, `the record: ${verified.problem}`];
}

/** Every message in the channel, its threads and everybody's direct messages, by channel and ts. */
async function placesOf(walk: Walk, rows: Rows): Promise<Places> {
  const reader = walk.as("rae");
  const channels = await Promise.all(
    ["#shop", "#ops"].map(async (channel) => {
      const roots = await reader.sees(channel);
      const threads = await Promise.all(roots.filter((one) => one.replies > 0).map((one) => reader.sees(channel, one)));
      return [...roots, ...threads.flat()];
    }),
  );
  const accounts = rows.postings.flatMap(({ place }) => (place.startsWith("person:") ? [place.slice(7)] : []));
  const direct = await Promise.all([...new Set(accounts)].map((account) => walk.as(account).sees("@daytwo")));
  return new Map([...channels.flat(), ...direct.flat()].map((one) => [one.ts, one]));
}

async function cards(walk: Walk, rows: Rows, places: Places): Promise<string[]> {
  const declared = walk.declared();
  const found: string[] = [];
  for (const posting of rows.postings) {
    const { subjectKind, subject, place, messageTs } = posting;
    if (subjectKind !== "item" && subjectKind !== "operation") continue;
    const surface = `the card of ${subjectKind === "item" ? "#" : "op-"}${subject} at ${place}`;
    const card = messageTs === null ? undefined : places.get(messageTs);
    if (subjectKind === "operation" && !rows.operations.some((each) => each.id === subject)) continue;
    if (card === undefined) {
      found.push(`${surface} is nowhere`);
      continue;
    }
    if (subjectKind === "item") {
      const row = rows.items.find((each) => each.id === subject);
      if (row !== undefined) found.push(...differ(surface, itemSaid(card), itemHeld(row, rows.operations, declared)));
      const answer = await walk.as("rae").asks(`/day2 #${subject}`);
      const said = answer.plain.replace(/\nSeen \d+ times, last .*$/, "");
      if (said !== card.plain) found.push(`${surface} says\n${card.plain}\nand /day2 #${subject}\n${said}`);
    } else {
      const row = rows.operations.find((each) => each.id === subject);
      if (row !== undefined) found.push(...differ(surface, operationSaid(card), operationHeld(row)));
    }
  }
  return found;
}

async function lists(walk: Walk, rows: Rows): Promise<string[]> {
  const rae = walk.as("rae");
  const open = rows.items.filter((each) => each.state !== "resolved");
  const unowned = open.filter((each) => each.ownerPerson === null && each.ownerTeam === null);
  const waiting = rows.operations.filter((each) => each.state === "awaiting_approval");
  const overdue = open.filter((each) => each.overdue);
  const items = (await rae.asks("/day2 items")).plain;
  const nobodys = (await rae.asks("/day2 items unowned")).plain;
  const digest = (await rae.asks("/day2 digest")).plain;
  const status = (await rae.asks("/day2 status")).plain;
  const date = walk.bot().now();
  return [
    ...differ(
      "/day2 items",
      { count: counted(items, "Open items"), ids: ids(items) },
      { count: said(open.length), ids: idsOf(open) },
    ),
    ...differ(
      "/day2 items unowned",
      { count: counted(nobodys, "Nobody's items"), ids: ids(nobodys) },
      { count: said(unowned.length), ids: idsOf(unowned) },
    ),
    ...open.flatMap((each) => listed("/day2 items", items, each, walk)),
    ...differ(
      "/day2 digest",
      {
        date: /Ownership on (.*)/.exec(digest)?.[1] ?? null,
        unowned: /(\d+) without an owner/.exec(digest)?.[1] ?? "0",
        owned: /(\d+) with an owner/.exec(digest)?.[1] ?? "0",
        overdue: /(\d+) overdue/.exec(digest)?.[1] ?? "0",
        waiting: /(\d+) approvals? waiting/.exec(digest)?.[1] ?? "0",
      },
      {
        date: new Intl.DateTimeFormat("en-GB", {
          weekday: "long",
          day: "numeric",
          month: "long",
          timeZone: "UTC",
        }).format(date),
        unowned: `${unowned.length}`,
        owned: `${open.length - unowned.length}`,
        overdue: `${overdue.length}`,
        waiting: `${waiting.length}`,
      },
    ),
    ...walk.declared().services.flatMap((service) => {
      const of = open.filter((each) => each.service === service).length;
      const under = rows.operations.filter((each) => each.service === service && each.finishedAt === null).length;
      const line = new RegExp(String.raw`\*${service}\* · (.*)`).exec(status)?.[1] ?? "";
      return differ(
        `/day2 status, ${service}`,
        { open: /(\d+) open item/.exec(line)?.[1] ?? "0", under: /(\d+) operations? under way/.exec(line)?.[1] ?? "0" },
        { open: `${of}`, under: `${under}` },
      );
    }),
  ];
}

/** The line of an item in a list. */
function listed(surface: string, plain: string, row: ItemRow, walk: Walk): string[] {
  const line = plain.split("\n").find((each) => new RegExp(String.raw`\*#${row.id}[ *]`).test(each));
  if (line === undefined) return plain.includes("more") ? [] : [`${surface}: #${row.id} is not among them`];
  const said = {
    glyph: line.split(" ")[0] ?? null,
    summary: line.includes(row.summary) ? row.summary : line,
    owner: line.split(" · ").at(-1) ?? null,
  };
  const held = itemHeld(row, [], walk.declared());
  return differ(`${surface}, #${row.id}`, said, {
    glyph: held["glyph"] ?? null,
    summary: row.summary,
    owner: ownerName(row),
  });
}

function ownerName({ ownerPerson, ownerTeam }: ItemRow): string {
  if (ownerTeam !== null) return "Web team";
  if (ownerPerson === null) return "nobody's";
  return Object.entries(PERSONS).find(([key]) => key === ownerPerson)?.[1].name ?? ownerPerson;
}

function counted(plain: string, title: string): string {
  return new RegExp(String.raw`\*${title}\* \((\d+)\)`).exec(plain)?.[1] ?? "none";
}

function said(count: number): string {
  return count === 0 ? "none" : `${count}`;
}

function ids(plain: string): string {
  return [...plain.matchAll(/^\S+ \*#(\d+)/gm)]
    .map((each) => Number(each[1]))
    .toSorted((a, b) => a - b)
    .join(" ");
}

function idsOf(items: readonly ItemRow[]): string {
  return items.map(({ id }) => id).join(" ");
}

async function homes(walk: Walk, rows: Rows): Promise<string[]> {
  const found: string[] = [];
  for (const who of walk.people) {
    const actor = walk.as(who.account);
    const [home, desk] = [await actor.home(), await actor.asks("/day2")];
    const declared = walk.declared();
    const key =
      who.person !== null && declared.people.some((each) => each === who.person)
        ? (who.person as keyof typeof PERSONS)
        : null;
    const person = key === null ? null : PERSONS[key];
    const acting: Acting = {
      person: key,
      account: who.account,
      team: "T0LOCAL",
      kind: who.name === "gus" ? "guest" : "member",
      role: person?.role ?? null,
      services: person?.services ?? {},
      name: who.name,
    };
    const teams: readonly string[] = person?.teams ?? [];
    const open = rows.items.filter((each) => each.state !== "resolved");
    const mine = open.filter(
      (each) =>
        (key !== null && each.ownerPerson === key) || (each.ownerTeam !== null && teams.includes(each.ownerTeam)),
    );
    const unowned = open.filter((each) => each.ownerPerson === null && each.ownerTeam === null);
    const waiting = rows.operations.filter(
      (each) =>
        each.state === "awaiting_approval" &&
        each.requestedBy !== key &&
        !each.decisions.some((decision) => decision.person === key) &&
        may("approve", acting, { service: each.service, catalogHasPeople: true }),
    );
    const held = { mine: `${mine.length}`, unowned: `${unowned.length}`, waiting: `${waiting.length}` };
    for (const [surface, plain] of [
      ["Home", home.plain],
      ["/day2", desk.plain],
    ] as const) {
      const counts = {
        mine: /\*Yours\* \((\d+)\)/.exec(plain)?.[1] ?? "0",
        unowned: /\*Nobody's\* \((\d+)\)/.exec(plain)?.[1] ?? "0",
        waiting: /\*Waits for your approval\* \((\d+)\)/.exec(plain)?.[1] ?? "0",
      };
      found.push(...differ(`${surface} of ${who.name}`, counts, held));
    }
    for (const row of rowsSaid(home.raw["blocks"])) {
      const item = open.find((each) => each.id === row.id);
      if (item === undefined) {
        found.push(`Home of ${who.name}: #${row.id} is not open`);
        continue;
      }
      const glyph = itemHeld(item, [], declared)["glyph"] ?? null;
      const allowed = may("own", acting, { service: item.service ?? undefined, catalogHasPeople: true });
      const taken = item.ownerPerson !== null && item.ownedSince !== null;
      const buttons = buttonsAtHome(item, allowed, taken);
      found.push(
        ...differ(
          `Home of ${who.name}, #${row.id}`,
          { glyph: row.text.split(" ")[0] ?? null, buttons: row.buttons.join(", ") },
          { glyph, buttons },
        ),
      );
    }
  }
  return found;
}

function buttonsAtHome(item: ItemRow, allowed: boolean, taken: boolean): string {
  if (!allowed) return "";
  if (item.reverses !== null) return "Extend…, Keep it…, Take it back now, Hand off…, Note…";
  return taken ? "Resolve…, Snooze…, Hand off…, Note…" : "Take it";
}
