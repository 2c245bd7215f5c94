import { subDays } from "date-fns/subDays";
import { subMinutes } from "date-fns/subMinutes";
import { canonical } from "../../src/domain/canonical.ts";
import { isUnowned, numbersIn } from "./lists.ts";
import { differ, line, nameOf, type Facts } from "./names.ts";
import { headsOf, rowsOf, type DigestRow, type Rows } from "./rows.ts";
import type { Walk } from "./world.ts";

/** The digest: as it is answered at any time, and as it is sent in the morning. */

export async function digestAnswered(walk: Walk, rows: Rows): Promise<string[]> {
  const { plain } = await walk.as("rae").asks("/day2 digest");
  const held = digestHeld(rows, written(walk.bot().now()));
  return [...differ("/day2 digest", digestSaid(plain), held), ...(await sealOf(walk, plain))];
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const TRIES = 5;

/**
 * The next digest that is sent while the rows stand still: what it says, and that it ends with a head of the record.
 * Something is asked for shortly before, so that there is something to wait for.
 */
export async function digestSent(walk: Walk): Promise<string[]> {
  const bot = walk.bot();
  await bot.slack.endFaults();
  for (let tries = 0; tries < TRIES; tries++) {
    await bot.passes(untilMorning(bot.now()) - 20 * MINUTE);
    await walk.as("cal").types(`/day2 restart ${walk.pick(walk.declared().services)}`);
    await bot.passes(18 * MINUTE);
    const before = await rowsOf(walk.pool, bot.now());
    await bot.passes(3 * MINUTE);
    const rows = await rowsOf(walk.pool, bot.now());
    const digest = rows.digests.at(-1);
    const isNew = digest !== undefined && digest.id !== before.digests.at(-1)?.id;
    if (!isNew) return [`no digest is sent at ${bot.now().toISOString()}`];
    if (worth(before) === worth(rows)) return sentDiffers(walk, rows, digest);
  }
  throw new Error(`In ${TRIES} mornings something happened in the very minutes in which the digest is sent.`);
}

/** ms to nine o'clock, which is not within the next half hour. */
function untilMorning(now: Date): number {
  const nine = new Date(now).setUTCHours(9, 0, 0, 0) - now.getTime();
  return nine > 30 * MINUTE ? nine : nine + DAY;
}

/** What a digest tells of. */
function worth({ items, operations }: Rows): string {
  return canonical({ items, operations });
}

async function sentDiffers(walk: Walk, rows: Rows, { id, localDate, instant }: DigestRow): Promise<string[]> {
  const posting = rows.postings.find((each) => each.subjectKind === "digest" && each.subject === id);
  const message = (await walk.as("rae").sees("#ops")).find((each) => each.ts === posting?.messageTs);
  const surface = `the digest of ${localDate}`;
  if (message === undefined) return [`${surface} is nowhere`];
  const before = { ...rows, digests: rows.digests.filter((each) => each.id !== id) };
  return [
    ...differ(surface, digestSaid(message.plain), digestHeld(before, instant)),
    ...(await sealOf(walk, message.plain)),
  ];
}

/** The head that it ends with is one that the record had by then. */
async function sealOf(walk: Walk, plain: string): Promise<string[]> {
  const said = line(plain, /the record up to here: `(\w+)`/);
  const at = line(plain, /^As of (\S+ \S+) UTC/m);
  const heads = await headsOf(walk.pool);
  if (said === null) return heads.length === 0 ? [] : ["a digest ends without the head of the record"];
  const then = heads.find(({ hash }) => hash.startsWith(said));
  if (then === undefined) return [`a digest ends with ${said}, which the record never had as its head`];
  const asOf = new Date(`${at?.replace(" ", "T")}Z`);
  return subMinutes(then.sealedAt, 2) <= asOf ? [] : [`a digest ends with ${said}, which was sealed after it`];
}

/** As rows have an instant, so that the two compare as text. */
function written(at: Date): string {
  return at.toISOString().replace("T", " ").replace("Z", "");
}

function digestSaid(plain: string): Facts {
  return {
    date: line(plain, /^Ownership on (.*)$/m),
    unowned: line(plain, /(\d+) without an owner/) ?? "0",
    owned: line(plain, /(\d+) with an owner/) ?? "0",
    overdue: line(plain, /(\d+) overdue/) ?? "0",
    waiting: line(plain, /(\d+) approvals? waiting/) ?? "0",
    "nobody's": numbered(part(plain, "Nobody's")),
    late: numbered(part(plain, "Overdue")),
    owners: [...part(plain, "By owner").matchAll(/^\*(.*)\* · (\d+) items?/gm)]
      .map(([, who, count]) => `${who} ${count}`)
      .toSorted()
      .join(", "),
    "waits for approval": [...part(plain, "Waits for approval").matchAll(/^⏳ \*?(op-\d+)/gm)]
      .map((each) => each[1])
      .join(" "),
    "done alone": [...part(plain, "Done by Daytwo alone").matchAll(/^• (\S+)/gm)].map((each) => each[1]).join(" "),
    "coming up": numbered(part(plain, "Coming up")),
  };
}

/** As it is made at an instant: `digests` are those before it, everything else is as it stands. */
function digestHeld({ items, operations, events, digests }: Rows, made: string): Facts {
  const localDate = made.slice(0, 10);
  const open = items.filter((each) => each.state !== "resolved");
  const unowned = open.filter(isUnowned);
  const owners = Map.groupBy(
    open.filter((each) => !isUnowned(each)),
    ({ ownerPerson }) => (ownerPerson === null ? "Web team" : nameOf(ownerPerson)),
  );
  const waiting = operations.filter((each) => each.state === "awaiting_approval");
  const since = digests.findLast((each) => each.localDate < localDate)?.instant ?? written(subDays(`${made}Z`, 1));
  const asked = new Set(events.filter((each) => each.person !== null).map((each) => each.operation));
  const alone = events.filter(
    ({ kind, instant, person, account, operation }) =>
      person === null &&
      account === null &&
      instant >= since &&
      ALONE.has(kind) &&
      !(kind === "operation.succeeded" && asked.has(operation)),
  );
  return {
    date: DATE.format(new Date(localDate)),
    unowned: `${unowned.length}`,
    owned: `${open.length - unowned.length}`,
    overdue: `${open.filter((each) => each.overdue).length}`,
    waiting: `${waiting.length}`,
    "nobody's": numbers(unowned),
    late: numbers(open.filter((each) => each.overdue)),
    owners: [...owners]
      .map(([who, of]) => `${who} ${of.length}`)
      .toSorted()
      .join(", "),
    "waits for approval": waiting.map(({ id }) => `op-${id}`).join(" "),
    "done alone": alone
      .toReversed()
      .slice(0, 20)
      .map(({ item, operation }) => (item === null ? `op-${operation}` : `#${item}`))
      .join(" "),
    "coming up": numbers(open.filter((each) => each.comingUp)),
  };
}

const DATE = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" });

const ALONE: ReadonlySet<string> = new Set(["item.resolved", "operation.succeeded", "operation.expired"]);

/** The lines beneath a heading. */
function part(plain: string, heading: string): string {
  const [, after = ""] = plain.split(new RegExp(String.raw`^\*${heading}\* \(\d+\)$`, "m"));
  return after.split(/^(?:\*[A-Z][^*]*\* \(\d+\)$|As of )/m)[0] ?? "";
}

function numbered(plain: string): string {
  return numbersIn(plain)
    .toSorted((a, b) => a - b)
    .join(" ");
}

function numbers(items: readonly { readonly id: number }[]): string {
  return items.map(({ id }) => id).join(" ");
}
