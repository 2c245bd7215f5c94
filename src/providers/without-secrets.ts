import { stripVTControlCharacters } from "node:util";
import { Expected } from "../errors.ts";
import { redactedIn, redactedOutside } from "../redaction.ts";
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
      return cleaned(outcome);
    },
    verify: (target, plan, use) =>
      saying(async () => {
        const verdict = await provider.verify(target, plan, use);
        const printed = verdict.printed === undefined ? {} : { printed: listened(verdict.printed) };
        return { ...verdict, ...printed, seen: clean(verdict.seen) };
      }),
  };
}

function clean(text: string): string {
  return redactedOutside(stripVTControlCharacters(text));
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

/** By its version it is compared; all else is words. */
function seen({ target, observedAt, version, ...words }: Observation): Observation {
  return { target, observedAt, version, ...redactedIn(words, redactedOutside) };
}

async function saying<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Expected) error.message = clean(error.message);
    throw error;
  }
}

function cleaned(outcome: Outcome): Outcome {
  return outcome.kind === "done"
    ? { ...outcome, summary: clean(outcome.summary) }
    : { ...outcome, reason: clean(outcome.reason) };
}
