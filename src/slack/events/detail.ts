import type { EventLine } from "../../domain/board/event-line.ts";
import type { Names } from "../../domain/board/names.ts";
import { named, plain, when } from "../text.ts";

/** The words of an event's detail, which is whatever the release that wrote it put there. */

/** What a sentence is made of: `who` did it (a name, or "Daytwo"); `what` is its item or operation as it is called at that place ("it", "#151", "op-17"). */
export type EventParts = {
  readonly who: string;
  readonly what: string;
  readonly names: Names;
  readonly detail: EventLine["detail"];
};

export type Sentences = Readonly<Record<string, (told: EventParts) => string>>;

export const OURSELVES = "Daytwo";

export function because(value: unknown): string {
  const said = text(value);
  return said === "" ? "" : `: ${said}`;
}

export function text(value: unknown): string {
  if (typeof value === "number") return `${value}`;
  return typeof value === "string" ? plain(value, 300) : "";
}

export function until(value: unknown): string {
  const date = new Date(typeof value === "string" ? value : "");
  return Number.isNaN(date.getTime()) ? "" : ` until ${when(date)}`;
}

export function party(names: Names, value: unknown): string {
  if (typeof value !== "object" || value === null) return text(value) || "somebody";
  if ("person" in value && typeof value.person === "string") return named(names, { person: value.person });
  if ("team" in value && typeof value.team === "string") return named(names, { team: value.team });
  return "somebody";
}

export function person(names: Names, value: unknown): string {
  return typeof value === "string" ? named(names, { person: value }) : "nobody";
}

export function rotation(names: Names, value: unknown): string {
  return typeof value === "string" ? named(names, { rotation: value }) : "the rotation";
}

export function people(names: Names, value: unknown): string {
  const keys = Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
  return keys.map((person) => named(names, { person })).join(", ") || "nobody";
}
