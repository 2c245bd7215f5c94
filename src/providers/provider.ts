import type { z } from "zod";
import type { Action, Plan } from "../domain/action.ts";
import type { Target } from "../domain/catalog.ts";
import type { Found, Sameness } from "../domain/discovered.ts";
import type { Observation } from "../domain/observation.ts";
import type { PlanRequest } from "./draw.ts";

/**
 * How an attempt to apply a plan ended. A closed set:
 * - `done`: the provider confirms it was applied; `verify` still decides whether it holds.
 * - `refused`: surely no effect (refused before anything was sent, or an answer that proves it).
 * - `unknown`: perhaps an effect (a timeout or a broken connection after the first byte). Never retried blindly.
 * - `failed`: it was begun, and ended without success: that is known, what it did stays, and it is not tried again.
 * - `later`: surely no effect now, worth asking again after `after` ms (throttled, busy).
 */
export type Outcome =
  | { readonly kind: "done"; readonly summary: string }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "unknown"; readonly reason: string }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "later"; readonly after: number; readonly reason: string };

/**
 * What a look at the target says about a plan that was, or may have been, applied.
 * - `holds`: the target shows what the plan wanted.
 * - `pending`: on its way there; look again.
 * - `untouched`: exactly as it was when the plan was drawn.
 * - `failed`: it was begun, and ended without success; nothing is left to find out.
 * - `differs`: neither; a person has to decide.
 */
export type Verdict = {
  readonly kind: "holds" | "pending" | "untouched" | "failed" | "differs";
  /** Plain words for the card: "serial 0A41 served 20 times in a row". */
  readonly seen: string;
  /** Lines that were printed meanwhile, as far as the system kept them; for whoever did not listen as they came. */
  readonly printed?: readonly string[];
};

export const CANCELLED = "cancelled";

export type ApplyUse = {
  /** The same on every attempt of one step; providers that can, use it so that a repeat has no second effect. */
  readonly token: string;
  /** Aborted at the hard deadline, on shutdown, and with `CANCELLED` as its reason when a person asks to stop. */
  readonly signal: AbortSignal;
  /** One line of what it says, as it comes; which of them people see, the caller decides. */
  report(line: string): void;
};

export type Standing = {
  /** "system:serviceaccount:ops:daytwo" */
  readonly identity: string;
  /** Each as a sentence goes on: "list horizontalpodautoscalers in shop, for scale". */
  readonly missing: readonly string[];
};

/** What people may expect of a provider: help, doctor and documents say it, each from here. */
export type About = {
  /** What a target is: "a Deployment, StatefulSet or DaemonSet". */
  readonly target: string;
  /** What each of its actions does there, as a sentence goes on. */
  readonly does: Readonly<Partial<Record<Action, string>>>;
  /** What somebody might expect and it does not do, each as "it cannot" goes on. */
  readonly cannot: readonly string[];
  /** What stays as it is when something is taken back. */
  readonly keeps: readonly string[];
};

/** What runs there, whoever knows of it. */
export type Discovery = {
  /** The shape of where to look: of a target's settings, those that do not name one thing. */
  readonly place: z.ZodObject;
  /** In the order of their names. @throws Unavailable | Invalid. Never puts a secret in a message. */
  list(place: unknown, signal: AbortSignal): Promise<readonly Found[]>;
  readonly isSame: Sameness;
};

export type WatchUse = {
  readonly signal: AbortSignal;
  /** Something there says that all is not well with it. */
  troubled(target: Target): void;
  /** What cannot be heard of for now, and why: "pods in shop: the cluster …". */
  unheard(what: string): void;
};

/** What the adapter to one outside system can do. Stateless: everything it needs is in the target's settings. */
export type Provider = {
  readonly name: string;
  /** The shape of a target's settings in the catalog. Credentials are references: `{ env: NAME }` or `{ file: path }`. */
  readonly settings: z.ZodType;
  /**
   * Those of a target's settings that say which thing it is over there; not how it is reached or logged in to, nor what else
   * is known of it. Two targets with the same are one place. All settings if left out. They may be of an earlier release.
   */
  whereabouts?(settings: Readonly<Record<string, unknown>>): unknown;
  readonly actions: readonly Action[];
  /** Which of them a target with such settings has, where its targets are of several kinds; they need not be good ones. */
  actionsOf?(settings: unknown): readonly Action[];
  /** What its tasks are written as in the catalog; a command if left out. */
  readonly tasks?: "query" | undefined;
  readonly about: About;
  /** ms after the last byte of `apply` by which an unanswered request has surely been applied or lost. */
  readonly settles: number;
  /** Where the system can be asked for all that it runs. */
  readonly discovery?: Discovery;
  /** Who we are there, and what of all that the provider does there we may not do; where the system can be asked. @throws Expected */
  examine?(target: Target, signal: AbortSignal): Promise<Standing>;
  /** @throws Unavailable when the system cannot be asked, Invalid when the target does not exist there. Never puts a secret in a message. */
  observe(target: Target, signal: AbortSignal): Promise<Observation>;
  /**
   * Hears from the system itself when something goes wrong with one of these, until the signal ends it; where the system can
   * tell. A look decides what it was, and looks find what was not heard. What breaks is tried again.
   */
  watch?(targets: readonly Target[], use: WatchUse): Promise<void>;
  /** Pure. @throws Invalid when the observation does not allow it, naming what would be possible. */
  plan(request: PlanRequest, seen: Observation): Plan;
  /** Sends the change, conditional on `plan.version` where the system can. Never throws for an outcome that it can name. */
  apply(target: Target, plan: Plan, use: ApplyUse): Promise<Outcome>;
  /** Looks, and says whether the plan's effect is there to stay. */
  verify(target: Target, plan: Plan, use: { token: string; signal: AbortSignal }): Promise<Verdict>;
};
