import { App as Bolt } from "@slack/bolt";
import type { App } from "../src/app.ts";
import { CALLBACK_IDS } from "../src/slack/ids.ts";
import { bounded, boundedModal, type Surroundings } from "./boundary.ts";
import { BUTTON_IDS, press } from "./buttons.ts";
import { openHome, redrawHome } from "./home.ts";
import { FORMS, submit } from "./modals.ts";
import type { Entrance } from "./receiver.ts";
import { command, mention, messageToItem, otherShortcut } from "./words.ts";
import { SILENT_LOGGER } from "../src/silent-logger.ts";

/** Every id that Slack can call us by. */
export function register(app: App, entrance: Entrance, apiUrl: string | undefined): Bolt {
  const around: Surroundings = { app, apiUrl };
  const bolt = openBolt(app, entrance);

  bolt.command("/day2", bounded(around, "command", "/day2", command));
  bolt.event("app_mention", bounded(around, "mention", "mention", mention));
  bolt.event("app_home_opened", bounded(around, "home", "home", openHome));
  bolt.shortcut(CALLBACK_IDS.messageToItem, bounded(around, "shortcut", CALLBACK_IDS.messageToItem, messageToItem));
  for (const id of BUTTON_IDS) bolt.action(id, bounded(around, "button", id, press));
  for (const id of Object.keys(FORMS)) bolt.view(id, boundedModal(around, id, submit, redrawHome));
  // What another release drew stays in Slack, and the app's settings may call the command otherwise: nobody is left without an answer.
  bolt.command(besides(["/day2"]), bounded(around, "command", "other command", command));
  bolt.action(besides(BUTTON_IDS), bounded(around, "button", "other button", press));
  bolt.view(besides(Object.keys(FORMS)), boundedModal(around, "other form", submit, redrawHome));
  bolt.shortcut(besides([CALLBACK_IDS.messageToItem]), bounded(around, "shortcut", "other shortcut", otherShortcut));
  return bolt;
}

function besides(ids: readonly string[]): RegExp {
  return new RegExp(`^(?!(?:${ids.join("|").replaceAll(".", "[.]")})$)`);
}

/** Bolt routes; who we are and what a token is worth we know from our own client. */
function openBolt(app: App, entrance: Entrance): Bolt {
  const bolt = new Bolt({
    receiver: entrance,
    authorize: () => Promise.resolve(us(app.workspace)),
    convoStore: false,
    logger: SILENT_LOGGER,
  });
  bolt.error((err) => {
    app.log.error({ err }, "bolt could not process a request");
    return Promise.resolve();
  });
  return bolt;
}

function us({ botId, botUser }: App["workspace"]): { botId?: string; botUserId?: string } {
  return { ...(botId === null ? {} : { botId }), ...(botUser === null ? {} : { botUserId: botUser }) };
}
