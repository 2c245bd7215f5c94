import type { App } from "../src/app.ts";
import { needsMe } from "../src/board/desk.ts";
import type { Actor } from "../src/domain/actor.ts";
import { isLacking } from "../src/slack-client.ts";
import { homeTab } from "../src/slack/home-tab.ts";
import type { Call, Submitted } from "./boundary.ts";
import { objectIn, textOf } from "../src/domain/json-object.ts";

/** The viewer's Home tab, drawn when they open it, after each of their presses there, and after each form that they opened from it. */

export async function openHome({ app, caller, body }: Call): Promise<void> {
  if (objectIn(body, "event")["tab"] === "home") await publishHome(app, caller.actor);
}

/** Whether a press happened on the Home tab. */
export function isAtHome({ body }: Submitted): boolean {
  return objectIn(body, "view")["type"] === "home";
}

const FROM_HOME = "home.";

/** A press on Home: the forms that it opens know where they came from, and Home is drawn anew whether it worked or not. */
export async function pressAtHome(call: Call, press: (call: Call) => Promise<void>): Promise<void> {
  try {
    await press({
      ...call,
      openModal: (view) => call.openModal({ ...view, external_id: `${FROM_HOME}${call.origin.trigger}` }),
    });
  } finally {
    await tryPublish(call);
  }
}

/** After a form: Home is still in view behind one that was opened there. */
export async function redrawHome(call: Submitted): Promise<void> {
  if (textOf(objectIn(call.body, "view")["external_id"])?.startsWith(FROM_HOME)) await tryPublish(call);
}

/** What was done is done, whether Home shows it or not: it is drawn anew when it is opened. */
async function tryPublish({ app, caller }: Submitted): Promise<void> {
  await publishHome(app, caller.actor).catch((err: unknown) => app.log.warn({ err }, "Home could not be drawn"));
}

/** Where there is no Home, there is nobody who sees that it was not drawn. */
function unlessLacking(error: unknown): void {
  if (!isLacking(error)) throw error;
}

const publishing = new Map<string, Promise<void>>();

/** One at a time for each viewer, so that what was read first never covers what was read later. */
async function publishHome(app: App, actor: Actor): Promise<void> {
  const before = publishing.get(actor.account) ?? Promise.resolve();
  const mine = before
    .catch(() => undefined) // whoever asked for that one has heard of it
    .then(async () => homeTab(await needsMe(app, actor)))
    .then((view) => app.slack.call("views.publish", { user_id: actor.account, view }))
    .then(() => undefined, unlessLacking);
  publishing.set(actor.account, mine);
  await mine.finally(() => {
    if (publishing.get(actor.account) === mine) publishing.delete(actor.account);
  });
}
