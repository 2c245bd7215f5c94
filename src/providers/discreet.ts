import { stripVTControlCharacters } from "node:util";
import type { Outcome, Provider } from "./provider.ts";

/**
 * The same provider, whose words have been through `hide`: what a program prints goes to a channel and into the record,
 * where a secret would stay.
 */
export function discreet(provider: Provider, hide: (text: string) => string): Provider {
  function clean(text: string): string {
    return hide(stripVTControlCharacters(text));
  }
  return {
    ...provider,
    async apply(target, plan, use) {
      const outcome = await provider.apply(target, plan, { ...use, report: (line) => use.report(clean(line)) });
      return cleaned(outcome, clean);
    },
    async verify(target, plan, use) {
      const verdict = await provider.verify(target, plan, use);
      return { ...verdict, seen: clean(verdict.seen) };
    },
  };
}

function cleaned(outcome: Outcome, clean: (text: string) => string): Outcome {
  return outcome.kind === "done"
    ? { ...outcome, summary: clean(outcome.summary) }
    : { ...outcome, reason: clean(outcome.reason) };
}
