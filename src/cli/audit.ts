import { parseArgs } from "node:util";
import { readConfig } from "../config.ts";
import { shortHead } from "../domain/seal.ts";
import { Invalid } from "../errors.ts";
import { openLog } from "../log.ts";
import { verify, type Verified } from "../record.ts";
import { withPool } from "./database.ts";

const USAGE = {
  hint: "Like this: daytwo audit verify, or with a head from an old digest: daytwo audit verify --head 3f2a91c04b7d",
};

/** `daytwo audit verify [--head <start>]`: exit 0 when nothing of the log was changed, 1 with the first place otherwise. */
export async function audit(args: readonly string[]): Promise<number> {
  const wanted = wantedHead(args);
  const config = readConfig(process.env);
  if (config.database === "embedded")
    throw new Invalid("There is no DATABASE_URL, so it is not clear whose log to verify.", {
      hint: "Set DATABASE_URL to the database of the Daytwo that you mean.",
    });
  const found = await withPool(config.database.url, openLog(config.logLevel), "daytwo-audit", (pool) =>
    verify(pool, wanted === undefined ? {} : { wanted }),
  );
  process.stdout.write(`${describeVerified(found, wanted)}\n`);
  return found.problem === null && found.knowsHead !== false ? 0 : 1;
}

function wantedHead(args: readonly string[]): string | undefined {
  const [verb, ...rest] = args;
  if (verb !== "verify") throw new Invalid("`daytwo audit` takes `verify`.", USAGE);
  const head = headOption(rest)?.toLowerCase();
  if (head !== undefined && !/^[0-9a-f]{8,64}$/.test(head))
    throw new Invalid("A head is 8 to 64 of the characters 0-9 and a-f.", USAGE);
  return head;
}

function headOption(args: readonly string[]): string | undefined {
  try {
    return parseArgs({ args: [...args], options: { head: { type: "string" } } }).values.head;
  } catch (cause) {
    throw new Invalid("`daytwo audit verify` takes only `--head <start>`.", { ...USAGE, cause });
  }
}

/** One sentence about the log; a second one where a head was asked about. */
export function describeVerified(found: Verified, wanted?: string): string {
  const log = logSentence(found);
  if (found.knowsHead === null || wanted === undefined) return log;
  const where = found.problem === null ? "the chain" : "the part before that";
  return `${log}\nHead ${wanted} is ${found.knowsHead ? "" : "not "}in ${where}.`;
}

function logSentence({ good, head, until, behind, problem }: Verified): string {
  if (problem !== null)
    return `The log was changed: ${problem}; the ${good} sealed events before that are as they were written.`;
  const waiting = behind === 0 ? "" : `; ${behind} not sealed yet`;
  return until === null
    ? `Nothing was changed: no event is sealed yet${waiting}.`
    : `Nothing was changed: ${good} sealed events until ${utc(until)}, head ${shortHead(head)}${waiting}.`;
}

function utc(microseconds: string): string {
  return new Date(Number(microseconds) / 1000).toISOString();
}
