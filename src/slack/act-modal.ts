import type { KnownBlock, ModalView } from "@slack/types";
import type { Action, Arguments } from "../domain/action.ts";
import { formatDuration } from "../domain/measures.ts";
import type { Observation, Release } from "../domain/observation.ts";
import type { Declared } from "../domain/task.ts";
import { context, section } from "./blocks.ts";
import {
  type Choice,
  type FormState,
  type Submission,
  chosen,
  durationOf,
  modal,
  radioField,
  selectField,
  submission,
  textField,
  typed,
  wholeNumberField,
} from "./form.ts";
import { type ActSubject, CALLBACK_IDS, writeAct } from "./ids.ts";
import { ACTION_LABELS } from "./operation-words.ts";
import { readTaskFields, taskFields } from "./task-fields.ts";
import { literal, plain } from "./text.ts";

/** Asks for an action with its arguments; what it would change is drawn next, and comes to the thread. */

const PROCESS = "process";
const COUNT = "count";
const DURATION = "duration";
const RELEASE = "release";
const DESPITE = "despite";
/** Not a process or release name: those have no spaces. */
const ALL = "(all of them)";
const SESSION = "session";
const WHAT = "what";
const STATEMENT = "statement";
const LAST_GOOD = "(the last one)";
const MODE = "mode";
const UPDATE = "update";

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
    ...FIELDS[form.action](form.observation, form.declared ?? null),
    textField({
      id: DESPITE,
      label: "Despite a pause or a freeze, because",
      hint: "Only where one holds it up. Approvers read the reason, and one of them must approve.",
      optional: true,
    }),
    context("First a plan is drawn, and asks for approval where policy says so. Nothing changes before that."),
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
  return READERS[action](state, declared);
}

/** Why it shall go over a pause or through a freeze; null where nothing was written. */
export function readDespite(state: FormState): string | null {
  return typed(state, DESPITE);
}

const FIELDS: Readonly<Record<Action, (seen: Observation | null, declared: Declared | null) => readonly KnownBlock[]>> =
  {
    scale: (seen) => [
      processField(seen, []),
      wholeNumberField(COUNT, "How many?", seen?.sizes[0]?.wanted),
      durationField("for good"),
    ],
    rollback: (seen) => [releaseField(seen)],
    restart: (seen) => [processField(seen, [{ label: "All of them", value: ALL }])],
    "renew-cert": (seen) =>
      (seen?.certificates ?? [])
        .slice(0, 10)
        .map(({ servername, notAfter }) =>
          section(`${plain(servername, 100)}, valid until ${plain(notAfter.slice(0, 10))}`),
        ),
    pause: () => [durationField("until somebody resumes it")],
    resume: () => [],
    backup: () => [],
    maintenance: (seen) => [modeField(seen), durationField("until somebody turns it off")],
    reboot: () => [],
    patch: (seen) => [updateField(seen)],
    end: (seen) => [
      sessionField(seen),
      radioField(WHAT, "What of it?", [
        { label: "All of it, with its transaction", value: SESSION },
        { label: "Only what it runs now", value: STATEMENT },
      ]),
    ],
    run: (_seen, declared) => taskFields(declared),
  };

const READERS: Readonly<Record<Action, (state: FormState, declared: Declared | null) => Submission<Arguments>>> = {
  scale: readScale,
  rollback: (state) => {
    const release = chosen(state, RELEASE) ?? typed(state, RELEASE);
    return { value: release === null || release === LAST_GOOD ? {} : { release } };
  },
  restart: (state) => {
    const process = chosen(state, PROCESS) ?? typed(state, PROCESS);
    return { value: process === null || process === ALL ? {} : { process } };
  },
  "renew-cert": () => ({ value: {} }),
  pause: readPause,
  resume: () => ({ value: {} }),
  backup: () => ({ value: {} }),
  maintenance: readMaintenance,
  reboot: () => ({ value: {} }),
  patch: (state) => {
    const update = chosen(state, UPDATE) ?? typed(state, UPDATE);
    return { value: update === null ? {} : { update } };
  },
  end: readEnd,
  run: (state, declared) => readTaskFields(declared, state),
};

function readScale(state: FormState): Submission<Arguments> {
  const process = chosen(state, PROCESS) ?? typed(state, PROCESS);
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
  const session = chosen(state, SESSION) ?? typed(state, SESSION) ?? "";
  const wrong = /^\d{1,10}$/.test(session) ? null : "Write its number, like 12345.";
  return submission({ [SESSION]: wrong }, () => ({
    session,
    ...(chosen(state, WHAT) === STATEMENT ? { statement: true } : {}),
  }));
}

function durationField(empty: string): KnownBlock {
  return textField({
    id: DURATION,
    label: "For how long",
    hint: `Like 10m or 2h; then it is taken back by itself. Empty means ${empty}.`,
    optional: true,
  });
}

/** The other of what it is now comes first. */
function modeField(seen: Observation | null): KnownBlock {
  const choices = [
    { label: "On: visitors see a maintenance page", value: "on" },
    { label: "Off: visitors are let in again", value: "off" },
  ];
  return radioField(MODE, "Maintenance mode", seen?.maintenance?.mode === "on" ? choices.toReversed() : choices);
}

function sessionField(seen: Observation | null): KnownBlock {
  const sessions = seen?.sessions ?? [];
  if (sessions.length === 0)
    return textField({ id: SESSION, label: "Which session?", hint: "Its number, like 12345." });
  const choices = sessions.map(({ id, who, state, holdsUp }) => ({
    label: literal(`${id} ${holdsUp.length === 0 ? "" : `holds up ${holdsUp.length}, `}${state}, ${who}`, 75),
    value: id,
  }));
  return selectField(SESSION, "Which session?", choices);
}

function updateField(seen: Observation | null): KnownBlock {
  const updates = (seen?.updates ?? []).filter(({ name }) => name.length <= 150);
  if (updates.length === 0)
    return textField({
      id: UPDATE,
      label: "Which update?",
      hint: "Empty means the only one that waits.",
      optional: true,
    });
  const choices = updates.map(({ name, summary }) => ({
    label: literal(summary === "" ? name : `${name}: ${summary}`, 75),
    value: name,
  }));
  return selectField(UPDATE, "Which update?", choices);
}

function processField(seen: Observation | null, besides: readonly Choice[]): KnownBlock {
  const sizes = (seen?.sizes ?? []).filter(({ process }) => process.length <= 150);
  if (sizes.length === 0)
    return textField({
      id: PROCESS,
      label: "Which process?",
      hint: "As the service names it, like web.",
      optional: besides.length > 0,
    });
  const choices = sizes.map(({ process, wanted, healthy }) => ({
    label: literal(`${process} (${healthy} of ${wanted} healthy)`, 75),
    value: process,
  }));
  return selectField(PROCESS, "Which process?", [...besides, ...choices]);
}

function releaseField(seen: Observation | null): KnownBlock {
  const others = (seen?.releases ?? []).filter(({ release }) => release !== seen?.release && release.length <= 150);
  if (others.length === 0)
    return textField({
      id: RELEASE,
      label: "Back to which release?",
      hint: "Empty means the one before, or the last that ran well where that is known.",
      optional: true,
    });
  const choices = others.slice(0, 99).map((release) => ({ label: releaseLabel(release), value: release.release }));
  const isKnown = others.some(({ healthySeconds }) => healthySeconds !== undefined);
  return selectField(RELEASE, "Back to which release?", [
    { label: isKnown ? "The last one that ran well" : "The one before what runs now", value: LAST_GOOD },
    ...choices,
  ]);
}

function releaseLabel({ release, createdAt, healthySeconds }: Release): string {
  const ran = healthySeconds === undefined ? "" : `, ran well for ${formatDuration(healthySeconds * 1_000)}`;
  return literal(`${release} of ${createdAt.slice(0, 10)}${ran}`, 75);
}
