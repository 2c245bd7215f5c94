import type { z } from "zod";
import type { CheckSpec, Rule, Service } from "../domain/catalog.ts";
import type { Duty, Responsibility } from "../domain/duty.ts";
import type { Found } from "../domain/discovered.ts";
import type { Observation } from "../domain/observation.ts";
import type { Reference } from "../domain/secret-reference.ts";
import type { Level, Reading, Unit } from "../domain/reading.ts";
import type { KeptSessions } from "./kept-sessions.ts";
import type { Reach } from "./reach.ts";

/** What a check may use besides its settings. */
export type Use = {
  readonly now: Date;
  /** When the check's service first appeared. */
  readonly since: Date;
  /** Where it may connect to; null is anywhere. */
  readonly reach: Reach | null;
  /** Aborted at the check's deadline; every look must honour it. */
  readonly signal: AbortSignal;
  /** The observation of the check's target, shared by all checks of one tick. @throws Unavailable */
  observe(): Promise<Observation>;
  /** What else runs where the check's target is. @throws Invalid | Unavailable */
  neighbourhood(): Promise<Neighbourhood>;
  /** Resolves a credential reference of the catalog. @throws Invalid naming the reference, never the value. */
  secret(reference: Reference): Promise<string>;
  /** Connections that stay open between looks; the worker owns them. */
  readonly sessions: KeptSessions;
  /** Who answers for each responsibility now, overrides included; for checks on a service. */
  readonly duties: Readonly<Partial<Record<Responsibility, Duty>>>;
  /** People and teams that still exist and can be reached; a duty whose party is not in here is a gap. */
  readonly reachable: ReadonlySet<string>;
};

/** All that runs in a place. */
export type Neighbourhood = {
  /** As `daytwo discover` is told of it: "kubernetes beside=shop/web". */
  readonly place: string;
  readonly count: number;
  /** Those of them that nobody answers for by the catalog. */
  readonly unowned: readonly Found[];
};

export type Subject = { readonly spec: CheckSpec; readonly service: Service };

/** How sentences call what a check on a target looks at: its target, by the name that its service has for it. */
export function nameOf({ target, service }: CheckSpec): string {
  return target?.split("/")[1] ?? service;
}

/** Which of two limits a value lies above. */
export function levelAbove(
  value: number,
  limits: { readonly warning: number; readonly critical: number },
): Exclude<Level, "unknown"> {
  if (value > limits.critical) return "critical";
  return value > limits.warning ? "warning" : "ok";
}

/**
 * One kind of look. `look` returns a reading for everything that it can name (a refused connection is `critical`, a
 * look that could not be made is `unknown`); what it throws is recorded as `unknown` with the error's sentence.
 */
export type Check<Settings = never> = {
  readonly name: string;
  readonly on: CheckSpec["on"];
  /** It also asks what runs beside its target, which not every provider can say. */
  readonly discovers?: true;
  readonly responsibility: Responsibility;
  readonly settings: z.ZodType<Settings>;
  /** What its readings' value is, where the last day of it is worth a picture. */
  readonly unit?: Unit;
  /** Default ms between two looks. */
  readonly every: number;
  /** Default hysteresis. */
  readonly rule: Rule;
  look(subject: Subject, settings: Settings, use: Use): Promise<Reading>;
};

/** A check whose settings type is its own business: what the registry holds. */
export type AnyCheck = Omit<Check, "settings" | "look"> & {
  readonly settings: z.ZodType;
  look(subject: Subject, settings: unknown, use: Use): Promise<Reading>;
};

/** Closes over the settings' type, and parses them once more on the way in, so that the registry needs no cast. */
export function defineCheck<Settings>(check: Check<Settings>): AnyCheck {
  return {
    ...check,
    look: (subject, settings, use) => check.look(subject, check.settings.parse(settings), use),
  };
}
