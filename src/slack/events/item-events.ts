import type { Names } from "../../domain/board/names.ts";
import { capital, count } from "../text.ts";
import { because, text, until, party, people, OURSELVES, type Sentences } from "./detail.ts";

/** What happened to items. */

export const ITEM_SENTENCES: Sentences = {
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
    `${capital(what)} is flapping, well and ill again all the time: it stays open until it has been well for 15 minutes, and its changes are not told one by one`,
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
  "item.pictured": ({ what, detail }) => `The last day of ${text(detail["check"])}, for ${what}`,
  "item.noted": ({ who, what, detail }) => `${who} on ${what}${because(detail["text"])}`,
};

function answersFor(names: Names, value: unknown): string {
  return typeof value === "object" && value !== null
    ? `${party(names, value)} answers for it`
    : "nobody answers for it";
}

function meanwhile(ended: unknown): string {
  return typeof ended === "number" && ended > 0 ? `: ${count(ended, "alert")} ended meanwhile` : "";
}
