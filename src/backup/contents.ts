import { createHash } from "node:crypto";
import { z } from "zod";
import { Invalid } from "../errors.ts";
import { notOurs } from "./envelope.ts";

/**
 * What is in a backup, as text: a line that says what it is, then every table as PostgreSQL's COPY writes it between a
 * line that names it and a line `\.`, and a last line with what has to come out.
 */

const FORMAT = 1;

const HEAD = z.object({
  daytwo: z.literal("backup"),
  format: z.literal(FORMAT),
  release: z.string(),
  madeAt: z.iso.datetime(),
  /** The server's major version. */
  postgres: z.int(),
  /** The migrations that had been applied, in order. */
  migrations: z.array(z.string()).min(1),
});
export type Head = z.infer<typeof HEAD>;
export type NewHead = Omit<Head, "daytwo" | "format">;

const SECTION = z.object({ table: z.string(), columns: z.array(z.string()).min(1).readonly() });
export type Section = z.infer<typeof SECTION>;

const FOOT = z.object({
  tables: z.record(z.string(), z.object({ rows: z.int(), sha256: z.string() })),
  /** bigints as text */
  sequences: z.record(z.string(), z.object({ last: z.string(), called: z.boolean() })),
  /** The newest seal of the log; its hash is the head of the chain. */
  seals: z.object({ seq: z.int(), hash: z.string() }),
});
export type Foot = z.infer<typeof FOOT>;

const NEWLINE = 10;
const END_OF_ROWS = "\\.\n";
const LONGEST_ROW = 1 << 30; // bytes that PostgreSQL could send as one
const LONGEST_LINE = 1 << 24; // bytes of one of ours

export function headLine(head: NewHead): Buffer {
  return line({ daytwo: "backup", format: FORMAT, ...head });
}

export function footLine(foot: Foot): Buffer {
  return line(foot);
}

/** One table: its lines, and at the end what was in it. */
export async function* section(
  { table, columns }: Section,
  rows: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer, Foot["tables"][string]> {
  yield line({ table, columns });
  const tally = tallyOf();
  for await (const chunk of rows) {
    tally.add(chunk);
    yield chunk;
  }
  yield Buffer.from(END_OF_ROWS);
  return tally.result();
}

/** What a reader does with each part as it comes. */
export type Takes = {
  head(head: Head): Promise<void>;
  /** Whole rows in each chunk; all of them must be taken. */
  table(section: Section, rows: AsyncIterable<Buffer>): Promise<void>;
};

/** Reads the contents with one row and one chunk in memory at most. @throws Invalid where they are not a backup that this release can read */
export async function readContents(contents: AsyncIterable<Buffer>, takes: Takes): Promise<Foot> {
  const lines = linesOf(contents);
  await takes.head(readHead(await lines.next()));
  const tallies: Foot["tables"] = {};
  for (;;) {
    const said = parse(await lines.next());
    const found = SECTION.safeParse(said);
    if (!found.success) return readFoot(said, tallies, (await lines.next()) === null);
    const tally = tallyOf();
    await takes.table(found.data, lines.rows(tally.add));
    tallies[found.data.table] = tally.result();
  }
}

function readHead(text: string | null): Head {
  const said = parse(text);
  const claims = z.object({ daytwo: z.literal("backup"), format: z.int(), release: z.string() }).safeParse(said);
  if (!claims.success) throw notOurs();
  if (claims.data.format > FORMAT)
    throw new Invalid(
      `The backup was made by Daytwo ${claims.data.release}, in a form that this release does not know.`,
      {
        hint: "Restore it with that release, or a newer one.",
      },
    );
  const head = HEAD.safeParse(said);
  if (!head.success) throw inconsistent();
  return head.data;
}

function readFoot(said: unknown, tallies: Foot["tables"], isLast: boolean): Foot {
  const foot = FOOT.safeParse(said);
  if (!foot.success || !isLast) throw inconsistent();
  const names = new Set([...Object.keys(foot.data.tables), ...Object.keys(tallies)]);
  for (const name of names) {
    const [wanted, found] = [foot.data.tables[name], tallies[name]];
    if (wanted?.rows !== found?.rows || wanted?.sha256 !== found?.sha256) throw inconsistent();
  }
  return foot.data;
}

function inconsistent(): Invalid {
  return new Invalid("The backup contradicts itself: somebody changed it after it was made.", {
    hint: "Take another one.",
  });
}

function parse(text: string | null): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}

function line(value: object): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}

/** Counts and hashes rows; COPY ends each with a newline and has none within. */
function tallyOf(): { add(chunk: Buffer): void; result(): Foot["tables"][string] } {
  const hash = createHash("sha256");
  let rows = 0;
  return {
    add(chunk) {
      hash.update(chunk);
      for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) rows += 1;
    },
    result: () => ({ rows, sha256: hash.digest("hex") }),
  };
}

type Lines = {
  /** The next line; null at the end. */
  next(): Promise<string | null>;
  /** Chunks of whole lines, until the one that ends the rows. */
  rows(seen: (chunk: Buffer) => void): AsyncGenerator<Buffer>;
};

function linesOf(contents: AsyncIterable<Buffer>): Lines {
  const chunks = contents[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);

  /** Whether there was more to hold. */
  async function more(most: number): Promise<boolean> {
    const { value, done } = await chunks.next();
    if (done === true) return false;
    held = Buffer.concat([held, value]);
    if (held.length > most) throw notOurs();
    return true;
  }

  function take(length: number): Buffer {
    const taken = held.subarray(0, length);
    held = held.subarray(length);
    return taken;
  }

  return {
    async next() {
      let end = held.indexOf(NEWLINE);
      while (end < 0) {
        if (!(await more(LONGEST_LINE))) return null;
        end = held.indexOf(NEWLINE);
      }
      return take(end + 1).toString("utf8");
    },
    async *rows(seen) {
      for (;;) {
        if (held.subarray(0, END_OF_ROWS.length).equals(Buffer.from(END_OF_ROWS))) break;
        const inner = held.indexOf(`\n${END_OF_ROWS}`);
        const whole = (inner < 0 ? held.lastIndexOf(NEWLINE) : inner) + 1;
        if (whole > 0) {
          const chunk = take(whole);
          seen(chunk);
          yield chunk;
        } else if (!(await more(LONGEST_ROW))) throw inconsistent();
      }
      take(END_OF_ROWS.length);
    },
  };
}
