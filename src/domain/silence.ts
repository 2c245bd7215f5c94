import type { Alert, AlertFormat } from "./alert.ts";
import { canonical } from "./canonical.ts";
import type { Catalog } from "./catalog.ts";
import type { AlertSource } from "./alert-source.ts";
import { decidingLabels, route, valueOf } from "./routing.ts";

/** A silence at the source of alerts: until it ends, the source tells nobody of them. */

/** `asked` and `ending` are still to be done over there; what was refused was not done, or taken back. */
export const SILENCE_STATES = ["asked", "on", "ending", "over", "refused"] as const;
export type SilenceState = (typeof SILENCE_STATES)[number];

/** Whether it is, or is to be, or may still be at the source. */
export function isHeld(state: SilenceState): boolean {
  return state === "asked" || state === "on" || state === "ending";
}

export type Silence = {
  readonly state: SilenceState;
  /** Key of the source. */
  readonly source: string;
  /** Person key, or Slack user id. */
  readonly by: string;
  readonly endsAt: Date;
  /** Why the source has not done it, or not yet. */
  readonly problem: string | null;
};

/** Formats whose senders have an API for silences. */
const SILENCEABLE = ["alertmanager", "grafana"] as const satisfies readonly AlertFormat[];
export type SilenceableFormat = (typeof SILENCEABLE)[number];

export function canSilence(format: AlertFormat): format is SilenceableFormat {
  return SILENCEABLE.some((each) => each === format);
}

/** By label, the value that an alert must have; empty is the same as without that label. */
export type Matchers = Readonly<Record<string, string>>;

export function isMeant(matchers: Matchers, labels: Alert["labels"]): boolean {
  return Object.entries(matchers).every(([label, value]) => valueOf(labels, label) === value);
}

/**
 * What silences all of these alerts of one item, and no alert that could be of another one: they share the labels by which the
 * item was found. One for each set of values. What the catalog meanwhile finds elsewhere is left out.
 */
export function matchersFor(
  catalog: Pick<Catalog, "services" | "routes">,
  source: AlertSource,
  item: string,
  alerts: readonly Pick<Alert, "labels" | "name" | "severity">[],
): Matchers[] {
  const theirs = alerts.filter((alert) => route(catalog, source, alert).group === item);
  const sets = theirs.map(({ labels }): Matchers =>
    Object.fromEntries(decidingLabels(catalog, source, labels).map((label) => [label, valueOf(labels, label)])),
  );
  return [...new Map(sets.map((matchers) => [canonical(matchers), matchers])).values()];
}
