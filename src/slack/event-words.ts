import type { WindowLine } from "../domain/board/window-line.ts";
import type { EventLine } from "../domain/board/event-line.ts";
import type { Names } from "../domain/board/names.ts";
import { capital, count, joined, named, plain, when } from "./text.ts";
import { openWindow, windowName, windowTimes } from "./window-words.ts";

/** What happened, as a sentence: the lines of an item's thread and of the audit. */

/** `who` did it (a name, or "Daytwo"); `what` is its item or operation as it is called at that place ("it", "#151", "op-17"). */
type Told = {
  readonly who: string;
  readonly what: string;
  readonly names: Names;
  readonly detail: EventLine["detail"];
};

const OURSELVES = "Daytwo";

const SENTENCES: Readonly<Record<string, (told: Told) => string>> = {
  "item.opened": ({ who, what, detail }) =>
    `${who === OURSELVES ? "" : `${who} `}opened ${what}${because(detail["summary"])}`,
  "item.reopened": ({ what, detail }) => `Came back: reopened ${what}${because(detail["summary"])}`,
  "item.worsened": ({ what, detail }) => `Got worse: ${what} is critical now${because(detail["summary"])}`,
  "item.eased": ({ what, detail }) => `Got milder: ${what} is a warning now${because(detail["summary"])}`,
  "item.looks_well": ({ what, detail }) =>
    `Looks well, but an operation on ${what} still runs${because(detail["how"])}`,
  "item.resolved": ({ who, what, detail }) => `${who} resolved ${what}${because(detail["how"])}`,
  "item.acknowledged": ({ who, what }) => `${who} has seen ${what}`,
  "item.acknowledgement_ended": ({ what, names, detail }) =>
    detail["asked"] === true
      ? `${people(names, [detail["was"]])} was asked, and did not say whether they are still on it: ${what} asks again`
      : `It was seen, and is still open: ${what} asks again`,
  "item.still_asked": ({ what, names, detail }) =>
    `Asked ${people(names, [detail["person"]])} whether they are still on ${what}`,
  "item.still_on": ({ who, what, detail }) => `${who} is on ${what}${until(detail["until"])}`,
  "item.released": ({ who, what, names, detail }) =>
    detail["taken"] === true
      ? `${who} gave ${what} back: ${answersFor(names, detail["to"])}`
      : `${who} is not on ${what} any more: it waits to be seen`,
  "item.noise": ({ who, what, detail }) => `${who} called ${what} noise${because(detail["reason"])}`,
  "item.flapping": ({ what }) =>
    `${capital(what)} is flapping, well and ill again all the time: it stays open until it has been well for 15 minutes, and turns are not told one by one`,
  "item.well_again": ({ what, detail }) => `${capital(what)} is well${because(detail["how"])}`,
  "item.ill_again": ({ what, detail }) => `${capital(what)} is not well again${because(detail["summary"])}`,
  "item.folded": ({ what, detail }) =>
    detail["why"] === "storm"
      ? `${capital(what)} is part of the storm #${text(detail["under"])}, and has no card of its own before that is over`
      : `#${text(detail["item"])}${detail["service"] === null ? "" : ` ${text(detail["service"])}`} folds under #${text(detail["under"])}, which may be its cause${because(detail["summary"])}`,
  "item.unfolded": ({ what, detail }) =>
    detail["why"] === "worse" || detail["why"] === "released"
      ? `${capital(what)} ${detail["why"] === "worse" ? "got worse" : "began after a release, which may be its cause"}, and has its own card now`
      : `${capital(what)} has its own card now: #${text(detail["from"])} no longer stands for it`,
  "item.taken": ({ who, what }) => `${who} took ${what}`,
  "item.handed_off": ({ who, what, names, detail }) =>
    `${who} handed ${what} to ${party(names, detail["to"])}${because(detail["note"])}`,
  "item.snoozed": ({ who, what, detail }) =>
    `${who} snoozed ${what}${until(detail["until"])}${because(detail["reason"])}${detail["takes"] === true ? ", and it is theirs" : ""}`,
  "item.silence_asked": ({ who, what, detail }) =>
    `${who} asks ${text(detail["source"])} to be silent about ${what}${until(detail["until"])}${because(detail["reason"])}`,
  "item.silenced": ({ what, detail }) => `${text(detail["source"])} is silent about ${what}${until(detail["until"])}`,
  "item.not_silenced": ({ what, detail }) =>
    `The silence of ${what} at ${text(detail["source"])} could not be ${detail["asked"] === true ? "begun" : "ended"}${detail["again"] === true ? " yet" : ""}${because(detail["why"])}`,
  "item.silence_ended": ({ who, what, detail }) => `${who} ends the silence of ${what} at ${text(detail["source"])}`,
  "item.silence_over": ({ what, detail }) =>
    `The silence of ${what} at ${text(detail["source"])} is over${meanwhile(detail["ended"])}`,
  "item.extended": ({ who, what, detail }) =>
    `${who} lets ${what} stay${until(detail["until"])}${because(detail["why"])}`,
  "item.woke": ({ what }) => `The snooze is over: ${what} is open again`,
  "item.reversal_refused": ({ what, detail }) =>
    `Not taken back by itself, ${what} needs its owner${because(detail["why"])}`,
  "item.told": toldWords,
  "item.woken": ({ names, detail }) => `${person(names, detail["person"])} was woken by ${text(detail["by"])}`,
  "item.not_woken": ({ names, detail }) =>
    `${person(names, detail["person"])} could not be woken by ${text(detail["by"]) || "what the catalog says"}${detail["again"] === true ? " yet" : ""}${because(detail["why"])}`,
  "item.passed_on": ({ what, names, detail }) =>
    detail["to"] === null
      ? `Nobody is on call any more: ${what} is nobody's`
      : `The turn is over: ${what} goes to ${party(names, detail["to"])}`,
  "item.pictured": ({ what, detail }) => `The last day of ${text(detail["check"])}, for ${what}`,
  "item.noted": ({ who, what, detail }) => `${who} on ${what}${because(detail["text"])}`,
  "operation.requested": ({ who, what, detail }) =>
    `${who} asked for ${what}: ${text(detail["action"])} ${taskOn(detail["arguments"])}${text(detail["target"])}${despite(detail["despite"])}`,
  "operation.planned": ({ what, detail }) => `The plan of ${what} is drawn${because(detail["title"])}`,
  "operation.asked": ({ what, names, detail }) => `Asked ${people(names, detail["people"])} to approve ${what}`,
  "operation.approved": ({ who, what, detail }) => `${who} approved ${what}${ofNeeded(detail)}`,
  "operation.admitted": ({ what }) => `The approvals of ${what} are enough again: somebody has the role for it back`,
  "operation.alone_offered": ({ what, names, detail }) =>
    `Nobody has answered: ${people(names, detail["people"])}, on call, may go alone with ${what}, and a reason`,
  "operation.gone_alone": ({ who, what, detail }) =>
    `${who}, on call, went alone with ${what}, without an approval${because(detail["reason"])}`,
  "operation.started": ({ what, detail }) =>
    `${what} ${detail["back"] === true ? "takes back" : "runs"}${stepOf(detail)}`,
  "operation.step_done": ({ what, detail }) =>
    `${stepOf(detail).trim()} of ${what} is ${detail["back"] === true ? "taken back" : "done"}${because(detail["seen"])}`,
  "operation.step_back": ({ what, detail }) => `${what} goes no further:${stepOf(detail)} is taken back`,
  "operation.reversal_started": ({ who, what, detail }) =>
    who === OURSELVES
      ? `${what} takes op-${text(detail["of"])} back, as it was due`
      : `${who} takes op-${text(detail["of"])} back now, with ${what}`,
  "operation.not_taken_back": ({ what, detail }) =>
    `${what} ${detail["isUnknown"] === true ? "may not have been" : "was not"} taken back${because(detail["why"])}`,
  "operation.unknown": ({ what, detail }) =>
    `Not known yet whether ${what}${ofStep(detail)} happened: looking, and nothing is sent again${because(detail["reason"])}`,
  "operation.later": ({ what, detail }) =>
    `${what}${ofStep(detail)} waits, and is tried again${because(detail["reason"])}`,
  "operation.untouched": ({ what, detail }) =>
    `${what}${ofStep(detail)} had no effect: it is tried again${because(detail["seen"])}`,
  "operation.needs_person": ({ what, detail }) =>
    `A person has to say whether ${what}${ofStep(detail)} happened${because(detail["seen"])}`,
  "operation.progress": ({ what, detail }) => `${what}${because(detail["text"])}`,
  "operation.output": ({ what, detail }) => `What ${what}${ofStep(detail)} printed, ${text(detail["lines"])} lines`,
  "operation.look_asked": ({ who, what }) => `${who} asked for another look at ${what}`,
  "operation.cancel_asked": ({ who, what }) => `${who} asked ${what} to stop`,
  "operation.succeeded": ({ what, detail }) => `${what} is done${because(detail["outcome"])}`,
  "operation.failed": ({ what, detail }) => `${what} failed${because(detail["outcome"])}`,
  "operation.reverted": ({ what, detail }) => `${what} failed and was taken back${because(detail["outcome"])}`,
  "operation.closed_unknown": ({ what, detail }) =>
    `${what} is closed, and how it ended is not known${because(detail["outcome"])}`,
  "operation.refused": ({ what, detail }) => `${what} was not run${because(detail["outcome"])}`,
  "operation.denied": ({ who, what, detail }) => `${who} on ${what}${because(detail["outcome"])}`,
  "operation.expired": ({ what, detail }) => `${what} was not run${because(detail["outcome"])}`,
  "operation.cancelled": ({ who, what, detail }) =>
    text(detail["outcome"]).startsWith("cancelled by")
      ? `${who} cancelled ${what}`
      : `${what} ended${because(detail["outcome"])}`,
  "service.checked": ({ who }) => `${who} asked for a look now`,
  "service.added": ({ who, detail }) => `${who} added ${text(detail["address"])}`,
  "service.removed": ({ who, detail }) => `${who} removed ${text(detail["address"])}, which was added here`,
  "service.addition_ended": ({ detail }) =>
    `What was added here ended: the catalog declares it itself, as ${text(detail["as"])}`,
  "service.assigned": ({ who, detail }) =>
    `${who} gave ${text(detail["responsibility"])} to ${text(detail["party"]) || "nobody"}`,
  "service.assignment_ended": ({ detail }) =>
    `What was said here about ${text(detail["responsibility"])} ended: the catalog holds again`,
  "window.planned": ({ who, detail }) =>
    `${windowTimes(windowIn(detail))} (${text(detail["name"])}): planned by ${who}`,
  "window.opened": ({ names, detail }) =>
    `${openWindow(windowIn(detail), names)}: ${WINDOW_MEANS[windowIn(detail).kind]}`,
  "window.closed": ({ detail }) => `${windowName(windowIn(detail))} is over (${text(detail["name"])})`,
  "window.ended": ({ who, detail }) =>
    `${windowName(windowIn(detail))} (${text(detail["name"])}) was ${detail["opened"] === true ? "ended" : "taken back"} by ${who}${again(detail["next"])}`,
  "rotation.covered": ({ who, names, detail }) =>
    `${who} put ${person(names, detail["person"])} on call of ${rotation(names, detail["rotation"])}${
      typeof detail["covering"] === "string" ? ` for ${person(names, detail["covering"])}` : ""
    }${until(detail["until"])}`,
  "rotation.covered_ended": ({ names, detail }) =>
    `${person(names, detail["person"])} stands in for ${rotation(names, detail["rotation"])} no more${endedBy(detail["why"])}`,
  "person.away": ({ who, names, detail }) =>
    `${who} said that ${person(names, detail["person"])} is away${until(detail["until"])}`,
  "person.away_ended": ({ names, detail }) =>
    `${person(names, detail["person"])} is not away any more${endedBy(detail["why"])}`,
  "rotation.handed_over": ({ names, detail }) =>
    detail["to"] === null
      ? `Nobody of ${rotation(names, detail["rotation"])} is there: nobody is on call`
      : `${person(names, detail["to"])} is on call of ${rotation(names, detail["rotation"])}${until(detail["until"])}`,
  "catalog.imported": ({ detail }) =>
    `A new catalog is in force, with ${count(Number(detail["services"]), "service")}${listOf(detail["changes"])}`,
  "digest.read": ({ who }) => `${who} read the digest`,
  "demo.changed": ({ who, detail }) => `${who} changed the demo${because(detail["what"])}`,
  refused: ({ who, detail }) => `${who} was refused${because(detail["why"])}`,
};

/** Where a sentence stands: in its item's thread, in a list of all kinds, or beneath the name of what it is about. */
export type SentencePlace = "thread" | "list" | "beneath";

/** One event as a sentence. In a thread the item needs no name. */
export function eventSentence(line: EventLine, names: Names, place: SentencePlace): string {
  const tell = SENTENCES[line.kind] ?? fallback(line.kind);
  const said = tell({ who: whoDid(line, names), what: subject(line, place), names, detail: line.detail });
  return capital(said);
}

function subject({ item, operation }: EventLine, place: SentencePlace): string {
  if (place === "beneath") return "it";
  if (operation !== null) return `op-${operation}`;
  if (item !== null && place === "list") return `#${item}`;
  return "it";
}

/** Without a notification wherever a name is known: who just acted need not be told. */
function whoDid({ person, account }: EventLine, names: Names): string {
  const key = person ?? account;
  return key === null ? OURSELVES : named(names, { person: key });
}

/** An event that this release has no sentence for still says its kind and its reason. */
function fallback(kind: string): (told: Told) => string {
  return ({ who, what, detail }) => {
    const about = what === "it" ? "" : ` ${what}`;
    return `${who}${about}, ${plain(kind.replaceAll(/[._-]+/g, " "), 60)}${because(detail["reason"] ?? detail["summary"])}`;
  };
}

function because(value: unknown): string {
  const said = text(value);
  return said === "" ? "" : `: ${said}`;
}

/** ", step 2 of 3 (Restart shop),". */
function ofStep(detail: EventLine["detail"]): string {
  const step = stepOf(detail);
  return step === "" ? "" : `,${step},`;
}

/** " step 2 of 3 (Restart shop)"; nothing where there is only one. */
function stepOf(detail: EventLine["detail"]): string {
  const [step, of, title] = [text(detail["step"]), text(detail["of"]), text(detail["title"])];
  return step === "" ? "" : ` step ${step} of ${of}${title === "" ? "" : ` (${title})`}`;
}

/** "trim-logs on ", of the arguments that ask for a task. */
function taskOn(given: unknown): string {
  const { task: name, sequence }: { task?: unknown; sequence?: unknown } = given ?? {};
  const task = text(name ?? sequence);
  return task === "" ? "" : `${task} on `;
}

function despite(value: unknown): string {
  const reason = text(value);
  return reason === "" ? "" : `, despite policy: ${reason}`;
}

const CHANGES_SHOWN = 12;

function listOf(value: unknown): string {
  const all = Array.isArray(value) ? value.map(text) : [];
  if (all.length === 0) return "";
  const left = all.length - CHANGES_SHOWN;
  return `: ${joined([...all.slice(0, CHANGES_SHOWN), ...(left > 0 ? [`and ${left} more`] : [])], "; ")}`;
}

function until(value: unknown): string {
  const date = new Date(typeof value === "string" ? value : "");
  return Number.isNaN(date.getTime()) ? "" : ` until ${when(date)}`;
}

function meanwhile(ended: unknown): string {
  return typeof ended === "number" && ended > 0 ? `: ${count(ended, "alert")} ended meanwhile` : "";
}

function ofNeeded(detail: EventLine["detail"]): string {
  const [given, needed] = [text(detail["approvals"]), text(detail["needed"])];
  return given === "" || needed === "" ? "" : ` (${given} of ${needed})`;
}

function party(names: Names, value: unknown): string {
  if (typeof value !== "object" || value === null) return text(value) || "somebody";
  if ("person" in value && typeof value.person === "string") return named(names, { person: value.person });
  if ("team" in value && typeof value.team === "string") return named(names, { team: value.team });
  return "somebody";
}

const WINDOW_MEANS = {
  maintenance: "what checks and alerts find in it asks nobody, and what still fails when it ends does",
  freeze: "changes need a reason and an approval",
} as const;

function again(next: unknown): string {
  return typeof next === "string" ? `; it opens again ${when(new Date(next))}` : "";
}

/** The window that an event is of, as its detail has it. */
function windowIn(detail: EventLine["detail"]): WindowLine {
  const [action, where, by] = [detail["action"], detail["where"], detail["by"]];
  return {
    id: Number(detail["window"]),
    kind: detail["of"] === "freeze" ? "freeze" : "maintenance",
    name: typeof detail["name"] === "string" ? detail["name"] : "",
    action: typeof action === "string" ? action : null,
    where: typeof where === "string" ? where : null,
    startsAt: new Date(String(detail["from"])),
    endsAt: new Date(String(detail["until"])),
    weekly: detail["weekly"] === true,
    by: typeof by === "string" ? by : null,
  };
}

function answersFor(names: Names, value: unknown): string {
  return typeof value === "object" && value !== null
    ? `${party(names, value)} answers for it`
    : "nobody answers for it";
}

const RUNG_WORDS: Readonly<Record<string, string>> = {
  owner: "who has it",
  "on-call": "on call",
  next: "next in turn",
};

/** "Ana is away until …: told Ben, on call, directly". */
function toldWords({ names, detail }: Told): string {
  const skipped = (Array.isArray(detail["skipped"]) ? detail["skipped"] : []).map((each: unknown) =>
    skippedWords(names, each, detail["people"]),
  );
  const before = skipped.length === 0 ? "" : `${skipped.join("; ")}: `;
  if (detail["channel"] === true) return `${before}Nobody has acted: told the whole channel`;
  const again = `${detail["again"] === true ? " again" : ""}${heldWords(names, detail["held"])}`;
  if (typeof detail["team"] === "string")
    return `${before}told ${named(names, { team: detail["team"] })} directly${again}`;
  const rung = RUNG_WORDS[text(detail["rung"])];
  return `${before}told ${people(names, detail["people"])}${rung === undefined ? "" : `, ${rung},`} directly${again}`;
}

function heldWords(names: Names, value: unknown): string {
  return Array.isArray(value) && value.length > 0
    ? ` (no message to ${people(names, value)}, who has many of them; Home has all)`
    : "";
}

function skippedWords(names: Names, value: unknown, told: unknown): string {
  const { person: who, why }: { person?: unknown; why?: unknown } = value ?? {};
  if (why === "left") return `${person(names, who)} is not there any more`;
  if (why === "unreachable") return `${person(names, who)} cannot be reached`;
  if (typeof why !== "object" || why === null) return `${person(names, who)} is away${until(why)}`;
  const { words, until: end }: { words?: unknown; until?: unknown } = why;
  const isCalled = Array.isArray(told) && told.includes(who);
  return `${person(names, who)} is away (${text(words)}${end === null ? "" : `,${until(end)}`})${isCalled ? " and on call" : ""}`;
}

function endedBy(why: unknown): string {
  return why === "left" ? ", because the catalog does not know them any more" : "";
}

function person(names: Names, value: unknown): string {
  return typeof value === "string" ? named(names, { person: value }) : "nobody";
}

function rotation(names: Names, value: unknown): string {
  return typeof value === "string" ? named(names, { rotation: value }) : "the rotation";
}

function people(names: Names, value: unknown): string {
  const keys = Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
  return keys.map((person) => named(names, { person })).join(", ") || "nobody";
}

function text(value: unknown): string {
  if (typeof value === "number") return `${value}`;
  return typeof value === "string" ? plain(value, 300) : "";
}
