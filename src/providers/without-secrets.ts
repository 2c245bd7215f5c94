import { stripVTControlCharacters } from "node:util";
import { Expected } from "../errors.ts";
import { redacted, redactedIn, redactedName, redactedOutside } from "../redaction.ts";
import type { Plan } from "../domain/action.ts";
import type { Observation } from "../domain/observation.ts";
import type { Outcome, Provider } from "./provider.ts";

/**
 * The same provider, whose words hold no secret: what a system or a program says goes to a channel and into the record,
 * where it would stay.
 */
export function withoutSecrets(provider: Provider): Provider {
  const { discovery, examine, watch } = provider;
  return {
    ...provider,
    ...(examine === undefined
      ? {}
      : {
          examine: (target, signal) => saying(async () => redactedIn(await examine(target, signal), redactedOutside)),
        }),
    ...(discovery === undefined
      ? {}
      : { discovery: { ...discovery, list: (place, signal) => saying(() => discovery.list(place, signal)) } }),
    ...(watch === undefined
      ? {}
      : { watch: (targets, use) => watch(targets, { ...use, unheard: (what) => use.unheard(clean(what)) }) }),
    observe: (target, signal) => saying(async () => seen(await provider.observe(target, signal))),
    async apply(target, plan, use) {
      const outcome = await provider.apply(target, plan, { ...use, report: listening(use.report) });
      return cleaned(outcome, namesIn(plan));
    },
    verify: (target, plan, use) =>
      saying(async () => {
        const verdict = await provider.verify(target, plan, use);
        const printed = verdict.printed === undefined ? {} : { printed: listened(verdict.printed) };
        return { ...verdict, ...printed, seen: clean(verdict.seen, namesIn(plan)) };
      }),
  };
}

function clean(text: string, names: readonly string[] = []): string {
  return wordsAround(names)(stripVTControlCharacters(text));
}

const REMEMBERED = 1_000; // characters before a line, in which a secret may have begun

function listening(report: (line: string) => void): (line: string) => void {
  let before = "";
  return (line) => {
    const said = stripVTControlCharacters(line);
    report(redactedOutside(said, before));
    before = (before + said).slice(-REMEMBERED);
  };
}

function listened(lines: readonly string[]): string[] {
  const heard: string[] = [];
  lines.forEach(listening((line) => void heard.push(line)));
  return heard;
}

/** By its version it is compared; all else is words, and names that stand in them too. */
function seen(observation: Observation): Observation {
  const { target, observedAt, version, ...words } = observation;
  return { target, observedAt, version, ...redactedIn(words, wordsAround(namesSeen(observation))) };
}

/** What people type and plans go by. */
function namesSeen({ release = "", releases, sizes, servers = [] }: Observation): string[] {
  const names = [...sizes.map(({ process }) => process), ...servers.map(({ name }) => name)];
  return [release, ...releases.map((each) => each.release), ...names];
}

function namesIn({ arguments: { release = "", process = "", sizes = {} }, changes }: Plan): string[] {
  return [release, process, ...Object.keys(sizes), ...(changes["release"] ?? [])];
}

/** Hides what is or looks like a secret, but not names that read like a word with a secret behind it: the image `auth-token:v7`. */
function wordsAround(names: readonly string[]): (text: string) => string {
  const alike = names.filter((name) => redactedOutside(name) !== name && redactedName(name) === name);
  if (alike.length === 0) return redactedOutside;
  const longestFirst = alike.toSorted((a, b) => b.length - a.length);
  return (text) => around(redacted(text), longestFirst);
}

/** What a name ends before; where more follows it is another word, and may be a secret after all. */
const ENDED = /^(?:$|[\s"',;&]|[.:)\]]+(?:\s|$))/;

function around(text: string, [name, ...others]: readonly string[]): string {
  if (name === undefined) return redactedOutside(text);
  const [before = "", ...after] = text.split(name);
  if (!after.every((rest) => ENDED.test(rest))) return around(text, others);
  return [before, ...after].map((rest) => around(rest, others)).join(name);
}

async function saying<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Expected) {
      error.message = clean(error.message);
      error.hint = error.hint === undefined ? undefined : clean(error.hint);
    }
    throw error;
  }
}

function cleaned(outcome: Outcome, names: readonly string[]): Outcome {
  return outcome.kind === "done"
    ? { ...outcome, summary: clean(outcome.summary, names) }
    : { ...outcome, reason: clean(outcome.reason, names) };
}
