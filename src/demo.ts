import type { App } from "./app.ts";
import { changeFor, type Caller } from "./caller.ts";
import { authorise } from "./domain/permit.ts";
import { Invalid, Unavailable } from "./errors.ts";

/** What happens to the demo from outside: somebody else's bad release, or a fresh start. */

const SAID = {
  "bad-release": "Dana rolls out v142 of the shop. Give it a few seconds: the http check will notice.",
  reset: "The demo fleet starts over: v141, two web processes, a certificate with six days left.",
} as const;

/** @throws Invalid outside the demo, Unavailable when the fleet does not answer */
export async function demo(app: App, caller: Caller, what: keyof typeof SAID): Promise<string> {
  if (app.demo === null)
    throw new Invalid("That works only while the demo runs.", { hint: "`/day2 help` shows what works here." });
  authorise("demo", caller.actor, { catalogHasPeople: true });
  const { url, token } = app.demo;
  try {
    const response = await fetch(new URL(`/demo/${what}`, url), {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(30_000),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`the fleet answered ${response.status}`);
  } catch (cause) {
    throw new Unavailable("The demo fleet does not answer.", {
      cause,
      hint: "Stop Daytwo and start it again with `npm start`.",
    });
  }
  await changeFor(app, caller, ({ log }) => log({ kind: "demo.changed", detail: { what } }));
  return SAID[what];
}

/** While the demo runs the log says who read the digest: the tour asks for it. */
export async function digestRead(app: App, caller: Caller): Promise<void> {
  if (app.demo !== null) await changeFor(app, caller, ({ log }) => log({ kind: "digest.read" }));
}
