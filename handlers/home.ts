import type { App } from "../src/app.ts";
import * as board from "../src/board.ts";
import type { Actor } from "../src/domain/permit.ts";
import { homeTab } from "../src/slack/home-tab.ts";
import type { Call } from "./boundary.ts";
import { isRecord } from "./request-key.ts";

/** The viewer's Home tab, drawn when they open it and after each of their presses there. */

export async function openHome({ app, caller, body }: Call): Promise<void> {
  const event = isRecord(body["event"]) ? body["event"] : {};
  if (event["tab"] === "home") await publishHome(app, caller.actor);
}

export async function publishHome(app: App, actor: Actor): Promise<void> {
  await app.slack.call("views.publish", { user_id: actor.account, view: homeTab(await board.needsMe(app, actor)) });
}
