import type { KnownBlock, ModalView } from "@slack/types";
import type { Action, Arguments } from "../domain/action.ts";
import type { Observation } from "../domain/observation.ts";
import type { Declared } from "../domain/task.ts";
import {
  PROCESS,
  DURATION,
  RELEASE,
  ALL,
  SESSION,
  LAST_GOOD,
  MODE,
  UPDATE,
  durationField,
  modeField,
  sessionField,
  updateField,
  processField,
  releaseField,
} from "./act-fields.ts";
import { context, section } from "./blocks.ts";
import {
  type FormState,
  type Submission,
  chosen,
  durationOf,
  entered,
  modal,
  radioField,
  submission,
  textField,
  typed,
  wholeNumberField,
} from "./form.ts";
import { type ActSubject, CALLBACK_IDS, writeAct } from "./ids.ts";
import { ACTION_LABELS } from "./operation-words.ts";
import { readTaskFields, taskFields } from "./task-fields.ts";
import { plain } from "./text.ts";

/** Asks for an action with its arguments; what it would change is drawn next, and comes to the thread. */

const COUNT = "count";
const DESPITE = "despite";
const WHAT = "what";
const STATEMENT = "statement";

export type ActForm = ActSubject & {
  /** What was last seen of the target; null where nothing was yet. */
  readonly observation: Observation | null;
  /** What is to be run, where something is, as the catalog has it. */
  readonly declared?: Declared | null;
};

export function actModal(form: ActForm): ModalView {
  const item = form.item === null ? "" : ` for #${form.item}`;
  return modal(CALLBACK_IDS.act, ACTION_LABELS[form.action], "Draw the plan", writeAct(form), [
    section(`*${ACTION_LABELS[form.action]}* ${whatIn(form)}${item}`),
    ...FORMS[form.action].fields(form.observation, form.declared ?? null),
    textField({
      id: DESPITE,
      label: "Despite a pause or a freeze, because",
      hint: "Only if one blocks it. Approvers read the reason, and one of them must approve.",
      optional: true,
    }),
    context("First a plan is drawn; it asks for approval where policy says so. Nothing changes before that."),
  ]);
}

function whatIn({ task, target }: ActForm): string {
  return task === undefined ? plain(target, 80) : `${plain(task, 40)} on ${plain(target, 80)}`;
}

/** The arguments that were entered for the action that the modal is about (`readAct(private_metadata)`). */
export function readArguments(
  action: Action,
  state: FormState,
  declared: Declared | null = null,
): Submission<Arguments> {
  return FORMS[action].read(state, declared);
}

/** Why it shall go over a pause or through a freeze; null where nothing was written. */
export function readDespite(state: FormState): string | null {
  return typed(state, DESPITE);
}

type Form = {
  readonly fields: (seen: Observation | null, declared: Declared | null) => readonly KnownBlock[];
  readonly read: (state: FormState, declared: Declared | null) => Submission<Arguments>;
};

/** Of what is asked without arguments. */
const BARE: Form = { fields: () => [], read: () => ({ value: {} }) };

const FORMS: Readonly<Record<Action, Form>> = {
  scale: {
    fields: (seen) => [
      processField(seen, []),
      wholeNumberField(COUNT, "How many?", seen?.sizes[0]?.wanted),
      durationField("for good"),
    ],
    read: readScale,
  },
  rollback: {
    fields: (seen) => [releaseField(seen)],
    read: (state) => {
      const release = entered(state, RELEASE);
      return { value: release === null || release === LAST_GOOD ? {} : { release } };
    },
  },
  restart: {
    // What was seen without any is restarted as one whole.
    fields: (seen) => (seen?.sizes.length === 0 ? [] : [processField(seen, [{ label: "All of them", value: ALL }])]),
    read: (state) => {
      const process = entered(state, PROCESS);
      return { value: process === null || process === ALL ? {} : { process } };
    },
  },
  "renew-cert": {
    ...BARE,
    fields: (seen) =>
      (seen?.certificates ?? [])
        .slice(0, 10)
        .map(({ servername, notAfter }) =>
          section(`${plain(servername, 100)}, valid until ${plain(notAfter.slice(0, 10))}`),
        ),
  },
  pause: { fields: () => [durationField("until somebody resumes it")], read: readPause },
  resume: BARE,
  backup: BARE,
  maintenance: {
    fields: (seen) => [modeField(seen), durationField("until somebody turns it off")],
    read: readMaintenance,
  },
  reboot: BARE,
  patch: {
    fields: (seen) => [updateField(seen)],
    read: (state) => {
      const update = entered(state, UPDATE);
      return { value: update === null ? {} : { update } };
    },
  },
  end: {
    fields: (seen) => [
      sessionField(seen),
      radioField(WHAT, "What should end?", [
        { label: "The session, with its transaction", value: SESSION },
        { label: "Only the statement that it runs now", value: STATEMENT },
      ]),
    ],
    read: readEnd,
  },
  run: {
    fields: (_seen, declared) => taskFields(declared),
    read: (state, declared) => readTaskFields(declared, state),
  },
};

function readScale(state: FormState): Submission<Arguments> {
  const process = entered(state, PROCESS);
  const wanted = typed(state, COUNT) ?? "";
  const temporary = readDuration(state);
  const wrongCount = /^\d{1,4}$/.test(wanted) ? null : "Write a whole number from 0 to 9999.";
  const problems = {
    [PROCESS]: process === null ? "Say which process." : null,
    [COUNT]: wrongCount,
    [DURATION]: typeof temporary === "string" ? temporary : null,
  };
  return submission(problems, () => ({
    sizes: { [process ?? ""]: Number(wanted) },
    ...(typeof temporary === "number" ? { temporary } : {}),
  }));
}

function readPause(state: FormState): Submission<Arguments> {
  const temporary = readDuration(state);
  const wrong = typeof temporary === "string" ? temporary : null;
  return submission({ [DURATION]: wrong }, () => (typeof temporary === "number" ? { temporary } : {}));
}

/** In ms, or what is wrong with it. */
function readDuration(state: FormState): number | string | undefined {
  const duration = typed(state, DURATION);
  return duration === null ? undefined : durationOf(duration);
}

function readMaintenance(state: FormState): Submission<Arguments> {
  const maintenance = chosen(state, MODE) === "off" ? "off" : "on";
  const temporary = readDuration(state);
  if (temporary !== undefined && maintenance === "off")
    return { errors: { [DURATION]: "Only on has an end; leave it empty." } };
  return submission({ [DURATION]: typeof temporary === "string" ? temporary : null }, () => ({
    maintenance,
    ...(typeof temporary === "number" ? { temporary } : {}),
  }));
}

function readEnd(state: FormState): Submission<Arguments> {
  const session = entered(state, SESSION) ?? "";
  const wrong = /^\d{1,10}$/.test(session) ? null : "Write its number, like 12345.";
  return submission({ [SESSION]: wrong }, () => ({
    session,
    ...(chosen(state, WHAT) === STATEMENT ? { statement: true } : {}),
  }));
}
