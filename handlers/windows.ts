import type { App } from "../src/app.ts";
import { lineOf, windows } from "../src/board/windows.ts";
import type { Caller } from "../src/caller.ts";
import type { WindowRequest } from "../src/command/request.ts";
import { namesOf } from "../src/people.ts";
import type { Message } from "../src/slack/blocks.ts";
import { endedMessage, plannedMessage, windowsMessage } from "../src/slack/windows-message.ts";
import { end, plan } from "../src/windows.ts";
import { serviceOf } from "./places.ts";

/** What is said about maintenance and freezes: planned, ended, or listed. */
export async function window(app: App, caller: Caller, request: WindowRequest): Promise<Message> {
  switch (request.what) {
    case "list":
      return windowsMessage(await windows(app), namesOf(app.inForce()), app.now());
    case "end": {
      const { window: ended, next, zone } = await end(app, caller, request.window);
      return endedMessage(lineOf(ended), next, zone, app.now());
    }
    case "plan": {
      const { span, reason } = request;
      const kind = request.verb === "freeze" ? "freeze" : "maintenance";
      const planned = await plan(app, caller, { kind, on: await serviceOf(app, request.on), span, reason });
      return plannedMessage(lineOf(planned.window), planned.zone, app.now());
    }
  }
}
