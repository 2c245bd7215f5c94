import { Expected } from "../errors.ts";
import type { Outcome } from "./provider.ts";

/** What a target is like right before it is acted on. What cannot be seen then is not acted on: nothing was sent. */
export async function seenBefore<Seen>(look: () => Promise<Seen>): Promise<{ readonly seen: Seen } | Outcome> {
  try {
    return { seen: await look() };
  } catch (error) {
    if (!(error instanceof Expected)) throw error;
    return { kind: "refused", reason: `it could not be looked at just before acting: ${error.message}` };
  }
}
