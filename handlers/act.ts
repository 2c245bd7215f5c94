import * as board from "../src/board.ts";
import { authorise } from "../src/domain/permit.ts";
import { groundOf } from "../src/people.ts";
import { actModal } from "../src/slack/act-modal.ts";
import { readAct } from "../src/slack/ids.ts";
import type { Call } from "./boundary.ts";

/** The form of an action, from whichever button asked for it. */
export async function openAct({ app, caller, openModal }: Call, value: string): Promise<void> {
  const subject = readAct(value);
  const [service = ""] = subject.target.split("/");
  authorise("request", caller.actor, groundOf(app.inForce(), { service, item: subject.item ?? undefined }));
  const observation = await board.observation(app, subject.target);
  await openModal(actModal({ ...subject, observation, declared: board.declared(app, service, subject.task) }));
}
