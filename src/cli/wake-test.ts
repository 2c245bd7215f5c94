import { readCatalogFile } from "../in-force/file.ts";
import { describeProblem } from "../in-force/import.ts";
import { KINDS } from "../catalog-kinds.ts";
import { readCatalog } from "../catalog.ts";
import { setting } from "../config/names.ts";
import type { Catalog } from "../domain/catalog.ts";
import { WAKE_STATES, WAKE_WORDS, type Wake } from "../domain/wake.ts";
import { Invalid } from "../errors.ts";
import { personTyped } from "../people.ts";
import type { WakeFacts } from "../wakes/facts.ts";
import { raise } from "../wakes/index.ts";

/**
 * `daytwo wake-test <person>`: raises a test alarm through every way by which somebody would be woken, ends it, and says
 * what was answered. Exit 0 when each way took it.
 */
export async function wakeTest(args: readonly string[]): Promise<number> {
  const [typed, ...more] = args;
  if (typed === undefined || more.length > 0)
    throw new Invalid("`daytwo wake-test` takes one person.", { hint: "Like this: daytwo wake-test ana" });
  const catalog = await catalogInFile(setting(process.env, "DAYTWO_CATALOG") ?? "daytwo.yaml");
  const person = personTyped(catalog, typed);
  const ways = waysOf(catalog, person.key);
  if (ways.length === 0)
    throw new Invalid(`Nothing wakes ${person.name}: they have no wake, and no rotation of theirs has one.`, {
      hint: `Add \`wake:\` to \`people.${person.key}\`; docs/on-call.md has the ways.`,
    });
  let taken = true;
  for (const { via, wake } of ways) {
    const lines = await tryOut(via, wake, person.name);
    process.stdout.write(lines.map((line) => `${line.text}\n`).join(""));
    taken &&= lines.every(({ ok }) => ok);
  }
  process.stdout.write(
    taken ? `Did it ring? That only ${person.name} can say.\n` : "Put right what is said, and run it again.\n",
  );
  return taken ? 0 : 1;
}

async function catalogInFile(path: string): Promise<Catalog> {
  const read = readCatalog(await readCatalogFile(path), KINDS);
  if ("catalog" in read) return read.catalog;
  throw new Invalid(read.problems.map((problem) => describeProblem(path, problem)).join("\n"));
}

/** As the bot chooses: a wake of one's own goes before those of rotations. */
function waysOf({ people, rotations = {} }: Catalog, person: string): { via: string; wake: Wake }[] {
  const own = people[person]?.wake;
  if (own !== undefined) return [{ via: `people.${person}`, wake: own }];
  return Object.values(rotations).flatMap(({ key, members, wake }) =>
    wake !== undefined && members.includes(person) ? [{ via: `rotations.${key}`, wake }] : [],
  );
}

async function tryOut(via: string, wake: Wake, person: string): Promise<{ text: string; ok: boolean }[]> {
  const at = new Date();
  const lines: { text: string; ok: boolean }[] = [];
  for (const alarm of WAKE_STATES) {
    const outcome = await raise(wake, factsOf(alarm, person, via, at));
    const ok = outcome.kind === "taken";
    const how = ok ? outcome.said : outcome.why;
    lines.push({ text: `${ok ? "✅" : "❌"} ${via}, ${WAKE_WORDS[wake.kind]}: ${alarm}, ${how}`, ok });
    if (!ok) break;
  }
  return lines;
}

function factsOf(alarm: WakeFacts["alarm"], person: string, via: string, at: Date): WakeFacts {
  return {
    key: `daytwo/wake-test/${via}/${at.getTime()}`,
    alarm,
    summary: `A test of Daytwo's: this is how ${person} is woken. Nothing is wrong.`,
    item: null,
    service: null,
    severity: "critical",
    person,
    at,
    since: at,
    links: [],
  };
}
