import type { App } from "../src/app.ts";
import { abilities } from "../src/board/abilities.ts";
import { needsMe } from "../src/board/desk.ts";
import { standingOf } from "../src/board/whoami.ts";
import type { Caller } from "../src/caller.ts";
import { helpLine, helpLines } from "../src/command/help.ts";
import type { Asked, Request } from "../src/command/request.ts";
import { demo } from "../src/demo.ts";
import { answerMessage } from "../src/slack/answer-message.ts";
import type { Message } from "../src/slack/blocks.ts";
import { deskMessage } from "../src/slack/desk-message.ts";
import { helpMessage, providersMessage, verbHelpMessage } from "../src/slack/help-message.ts";
import { whoamiMessage } from "../src/slack/whoami-message.ts";
import { note } from "../src/telemetry/trace.ts";
import { ACT } from "./verbs/act.ts";
import { ANSWER_FOR } from "./verbs/answer-for.ts";
import { DECIDE } from "./verbs/decide.ts";
import { SEE } from "./verbs/see.ts";
import { TAKE_CARE } from "./verbs/take-care.ts";
import type { Does, Verbs } from "./verbs/verb.ts";

/** What each verb does and answers. The answer goes only to the person who asked. */

const VERBS: Verbs = {
  desk: async (app, { actor }) => deskMessage(await needsMe(app, actor)),
  ...SEE,
  ...TAKE_CARE,
  ...ACT,
  ...DECIDE,
  ...ANSWER_FOR,
  whoami: (app, { actor }) => Promise.resolve(whoamiMessage(standingOf(app.inForce(), actor))),
  help: (app, _caller, { about }) => Promise.resolve(helpAbout(app, about)),
  demo: async (app, caller, { what }) => answerMessage(await demo(app, caller, what)),
};

/** Does what was asked. @throws the doors' errors */
export async function answer(app: App, caller: Caller, request: Request): Promise<Message> {
  note({ "daytwo.verb": request.verb });
  const does = VERBS[request.verb] as Does<Request["verb"]>;
  return does(app, caller, request as never);
}

function helpAbout(app: App, about: Asked<"help">["about"]): Message {
  if (about === "providers") return providersMessage(abilities());
  return about === null ? helpMessage(helpLines({ demo: app.demo !== null })) : verbHelpMessage(helpLine(about));
}
