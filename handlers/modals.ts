import * as board from "../src/board.ts";
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
  [CALLBACK_IDS.resolve]: ({ app, caller }, about, state) =>
    whenRead(readReason(state), (reason) => items.resolve(app, caller, readId(about), reason)),
  [CALLBACK_IDS.noise]: ({ app, caller }, about, state) =>
    whenRead(readReason(state), (reason) => callNoise(app, caller, readId(about), reason)),
  [CALLBACK_IDS.hold]: ({ app, caller }, about, state) =>
    whenRead(readHold(state), (ms) => items.acknowledge(app, caller, readId(about), ms)),
  [CALLBACK_IDS.note]: ({ app, caller }, about, state) =>
    whenRead(readReason(state), (text) => items.note(app, caller, readId(about), text)),
  [CALLBACK_IDS.deny]: ({ app, caller }, about, state) =>
    whenRead(readReason(state), (reason) => operations.deny(app, caller, readId(about), reason)),
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
  [CALLBACK_IDS.snooze]: async ({ app, caller }, about, state) => {
    const zone = await accountZone(app, caller.actor);
    return whenRead(readSnooze(state, app.now(), zone), ({ until, reason }) =>
      items.snooze(app, caller, readId(about), until, reason),
    );
  },
  [CALLBACK_IDS.silence]: async ({ app, caller }, about, state) => {
    const zone = await accountZone(app, caller.actor);
    return whenRead(readSnooze(state, app.now(), zone), ({ until, reason }) =>
      silence(app, caller, readId(about), until, reason),
    );
  },
  [CALLBACK_IDS.extend]: ({ app, caller }, about, state) =>
    whenRead(readExtend(state), (ms) => reversals.extend(app, caller, readId(about), ms)),
  [CALLBACK_IDS.keep]: ({ app, caller }, about, state) =>
    whenRead(readReason(state), (reason) => reversals.keep(app, caller, readId(about), reason)),
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
