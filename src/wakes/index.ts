import type { Wake } from "../domain/wake.ts";
import { Expected } from "../errors.ts";
import { readSecret } from "../secret.ts";
import type { WakeFacts, Use } from "./facts.ts";
import type { Outcome } from "./answer.ts";
import { ntfy } from "./ntfy.ts";
import { pagerduty } from "./pagerduty.ts";
import { webhook } from "./webhook.ts";

/** Says one thing through one way. A credential that cannot be read is a refusal. */
export async function raise(wake: Wake, facts: WakeFacts, use: Use = { secret: readSecret }): Promise<Outcome> {
  try {
    switch (wake.kind) {
      case "pagerduty":
        return await pagerduty(wake, facts, use);
      case "ntfy":
        return await ntfy(wake, facts, use);
      case "webhook":
        return await webhook(wake, facts, use);
    }
  } catch (error) {
    if (error instanceof Expected) return { kind: "refused", why: error.message.replace(/\.$/, "") };
    throw error;
  }
}
