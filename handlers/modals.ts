import type { App } from "../src/app.ts";
import * as board from "../src/board.ts";
import type { Caller } from "../src/caller.ts";
import { goAlone } from "../src/operations/going-alone.ts";
import * as items from "../src/items.ts";
import { Invalid } from "../src/errors.ts";
import { callNoise } from "../src/items/noise.ts";
import * as operations from "../src/operations.ts";
import { personOfAccount } from "../src/people.ts";
import { accountZone } from "../src/slack-accounts.ts";
import * as reversals from "../src/operations/reversals.ts";
import { silence } from "../src/alerts/silences.ts";
import { readArguments, readDespite } from "../src/slack/act-modal.ts";
import type { FormState, Submission } from "../src/slack/form.ts";
import { readHandOff } from "../src/slack/hand-off-modal.ts";
import { readHold } from "../src/slack/hold-modal.ts";
import { CALLBACK_IDS, readAct, readApproval, readId } from "../src/slack/ids.ts";
import { readNewItem } from "../src/slack/new-item-modal.ts";
import { readReason } from "../src/slack/reason-modals.ts";
import { readExtend } from "../src/slack/reversal-modals.ts";
import { readSnooze } from "../src/slack/snooze-modal.ts";
import type { FieldErrors, Submitted } from "./boundary.ts";
import { objectIn, textOf } from "../src/domain/json-object.ts";

/** What each submitted form does; field errors stay in the form. */

type Submit = (call: Submitted, about: string, state: FormState) => Promise<FieldErrors | null>;

export const FORMS: Readonly<Record<string, Submit>> = {
  [CALLBACK_IDS.act]: ({ app, caller }, about, state) => {
    const { item, action, task, target } = readAct(about);
    const [service = ""] = target.split("/");
    return whenRead(readArguments(action, state, board.declared(app, service, task)), async (merged) => {
      const asked = { action, service, target, arguments: merged, item };
      const despite = readDespite(state);
      await operations.request(app, caller, despite === null ? asked : { ...asked, despite });
    });
  },
  [CALLBACK_IDS.resolve]: withText(items.resolve),
  [CALLBACK_IDS.noise]: withText(callNoise),
  [CALLBACK_IDS.hold]: ({ app, caller }, about, state) =>
    whenRead(readHold(state), (ms) => items.acknowledge(app, caller, readId(about), ms)),
  [CALLBACK_IDS.note]: withText(items.note),
  [CALLBACK_IDS.deny]: withText(operations.deny),
  [CALLBACK_IDS.approve]: ({ app, caller }, about, state) =>
    whenRead(readReason(state), (typed) => {
      const { operation, planHash } = readApproval(about);
      return operations.approve(app, caller, operation, { seenHash: planHash, typed });
    }),
  [CALLBACK_IDS.goAlone]: ({ app, caller }, about, state) =>
    whenRead(readReason(state), (reason) => {
      const { operation, planHash } = readApproval(about);
      return goAlone(app, caller, operation, { reason, seenHash: planHash });
    }),
  [CALLBACK_IDS.snooze]: untilThen(items.snooze),
  [CALLBACK_IDS.silence]: untilThen(silence),
  [CALLBACK_IDS.extend]: ({ app, caller }, about, state) =>
    whenRead(readExtend(state), (ms) => reversals.extend(app, caller, readId(about), ms)),
  [CALLBACK_IDS.keep]: withText(reversals.keep),
  [CALLBACK_IDS.handOff]: ({ app, caller }, about, state) =>
    whenRead(readHandOff(state), async ({ account, note }) => {
      const person = personOfAccount(app.inForce().catalog, account);
      if (person === null)
        throw new Invalid("The catalog does not know that person.", {
          hint: "Items go to people of the catalog: add them under `people:`.",
        });
      await items.handOff(app, caller, readId(about), { person: person.key }, note);
    }),
  [CALLBACK_IDS.newItem]: ({ app, caller }, about, state) =>
    whenRead(readNewItem(state), async ({ service, summary }) => {
      await items.openByPerson(app, caller, { service, summary, link: about === "" ? null : about });
    }),
};

/** A form that asks for one text: why, or what to note. */
function withText(does: (app: App, caller: Caller, id: number, text: string) => Promise<unknown>): Submit {
  return ({ app, caller }, about, state) =>
    whenRead(readReason(state), (text) => does(app, caller, readId(about), text));
}

/** A form that asks until when, and why. */
function untilThen(
  does: (app: App, caller: Caller, id: number, until: Date, reason: string) => Promise<unknown>,
): Submit {
  return async ({ app, caller }, about, state) => {
    const zone = await accountZone(app, caller.actor);
    return whenRead(readSnooze(state, app.now(), zone), ({ until, reason }) =>
      does(app, caller, readId(about), until, reason),
    );
  };
}

async function whenRead<Value>(
  read: Submission<Value>,
  then: (value: Value) => Promise<unknown>,
): Promise<FieldErrors | null> {
  if ("errors" in read) return read.errors;
  await then(read.value);
  return null;
}

/** A submission of any form of ours. */
export async function submit(call: Submitted): Promise<FieldErrors | null> {
  const view = objectIn(call.body, "view");
  const form = FORMS[textOf(view["callback_id"]) ?? ""];
  if (form === undefined)
    throw new Invalid("I do not know that form.", {
      hint: "It may be from another version of Daytwo. `/day2` shows what needs you now.",
    });
  const values = objectIn(objectIn(view, "state"), "values") as FormState["values"];
  return form(call, textOf(view["private_metadata"]) ?? "", { values });
}
