import type { KnownBlock } from "@slack/types";
import { formatDuration } from "../domain/measures.ts";
import type { Observation, Release } from "../domain/observation.ts";
import { type Choice, openSelectField, radioField, selectField, textField } from "./form.ts";
import { literal } from "./text.ts";

/** What an action is asked with, offered from what was last seen of its target. */

export const PROCESS = "process";
export const DURATION = "duration";
export const RELEASE = "release";
/** Not a process or release name: those have no spaces. */
export const ALL = "(all of them)";
export const SESSION = "session";
export const LAST_GOOD = "(the last one)";
export const MODE = "mode";
export const UPDATE = "update";

export function durationField(empty: string): KnownBlock {
  return textField({
    id: DURATION,
    label: "For how long",
    hint: `Like 10m or 2h; then it is taken back by itself. Empty means ${empty}.`,
    optional: true,
  });
}

/** The other of what it is now comes first. */
export function modeField(seen: Observation | null): KnownBlock {
  const choices = [
    { label: "On: visitors see a maintenance page", value: "on" },
    { label: "Off: visitors are let in again", value: "off" },
  ];
  return radioField(MODE, "Maintenance mode", seen?.maintenance?.mode === "on" ? choices.toReversed() : choices);
}

export function sessionField(seen: Observation | null): KnownBlock {
  const sessions = seen?.sessions ?? [];
  if (sessions.length === 0)
    return textField({ id: SESSION, label: "Which session?", hint: "Its number, like 12345." });
  const choices = sessions.map(({ id, who, state, holdsUp }) => ({
    label: literal(`${id} ${holdsUp.length === 0 ? "" : `holds up ${holdsUp.length}, `}${state}, ${who}`, 75),
    value: id,
  }));
  return selectField(SESSION, "Which session?", choices);
}

export function updateField(seen: Observation | null): KnownBlock {
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
  // Nothing undoes one: of several none is chosen by what happens to come first.
  return (choices.length > 1 ? openSelectField : selectField)(UPDATE, "Which update?", choices);
}

export function processField(seen: Observation | null, besides: readonly Choice[]): KnownBlock {
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

export function releaseField(seen: Observation | null): KnownBlock {
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
