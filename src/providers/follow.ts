import { Expected } from "../errors.ts";
import type { ApplyUse, Outcome, Verdict } from "./provider.ts";

const SOON = 100; // ms until the first look, each time a little longer
const BLIND = 10; // looks in a row without an answer after which others look

/**
 * Looks at a change that was taken until it is there or surely is not going to be: that it takes long is no doubt about it.
 * `system` is who took it, `later` the most ms between two looks.
 */
export async function follow(
  look: () => Promise<Verdict>,
  { system, later, signal, report }: Omit<ApplyUse, "token"> & { readonly system: string; readonly later: number },
): Promise<Outcome> {
  let said = "";
  let blind = 0;
  for (let wait = SOON; !signal.aborted && blind < BLIND; wait = Math.min(later, 1.5 * wait)) {
    await pause(wait, signal);
    try {
      const { kind, seen } = await look();
      if (kind === "holds") return { kind: "done", summary: seen };
      if (kind === "failed") return { kind: "failed", reason: seen };
      if (seen !== said) report(seen);
      said = seen;
      if (kind === "differs") break; // whoever verifies says so
      blind = 0;
    } catch (error) {
      if (!(error instanceof Expected)) throw error;
      blind += 1;
    }
  }
  return { kind: "done", summary: `${system} took it, and was still at it: ${said === "" ? "not seen yet" : said}` };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
