import { Expected } from "../errors.ts";
import { pause } from "../wait.ts";
import type { ApplyUse, Outcome, Verdict } from "./provider.ts";

/** Follows a change that a system took until it is clear what became of it. */

const SOON = 100; // ms until the first look, each time a little longer
const BLIND = 10; // looks in a row without an answer after which others look

/**
 * Until it shows, or surely is not going to. The change is made: that it takes long is no doubt about it. `later` is the
 * ms between two looks once it takes long.
 */
export async function untilClear(
  look: () => Promise<Verdict>,
  { name, later }: { readonly name: string; readonly later: number },
  { signal, report }: Pick<ApplyUse, "signal" | "report">,
): Promise<Outcome> {
  let said = "";
  let blind = 0;
  for (let wait = SOON; !signal.aborted && blind < BLIND; wait = Math.min(later, 1.5 * wait)) {
    await pause(wait, signal);
    try {
      const { kind, seen } = await look();
      if (kind === "holds") return { kind: "done", summary: seen };
      if (kind === "failed") return { kind: "failed", reason: seen };
      blind = 0;
      if (kind === "untouched") continue; // taken, and nothing of it to be seen yet
      if (seen !== said) report(seen);
      said = seen;
      if (kind === "differs") break; // whoever verifies says so
    } catch (error) {
      if (!(error instanceof Expected)) throw error;
      blind += 1;
    }
  }
  return { kind: "done", summary: `${name} took it, and was still at it: ${said === "" ? "not seen yet" : said}` };
}
