import type { z } from "zod";
import type { Action } from "../domain/action.ts";
import type { CheckSpec, Rule } from "../domain/catalog.ts";
import type { Responsibility } from "../domain/duty.ts";

/** What the reader must know of each kind of check and provider, and what a service may refer to. */

/** A kind of check. Its settings should be a strict object, so that a mistyped key is seen. */
export type CheckKind = {
  readonly name: string;
  readonly on: CheckSpec["on"];
  /** It asks what runs beside its target. */
  readonly discovers?: true;
  readonly responsibility: Responsibility;
  readonly settings: z.ZodType;
  readonly every: number;
  readonly rule: Rule;
};

/** A kind of provider. Its settings should be a strict object too. */
export type ProviderKind = {
  readonly name: string;
  readonly settings: z.ZodType;
  readonly actions: readonly Action[];
  /** Those of a target with such settings. */
  actionsOf?(settings: unknown): readonly Action[];
  readonly tasks?: TaskKind | undefined;
  /** There where it can say what it runs. */
  readonly discovery?: object;
};

/** What a task is written as: a program, or a query of a database. */
export type TaskKind = "command" | "query";

export type Kinds = { readonly checks: readonly CheckKind[]; readonly providers: readonly ProviderKind[] };

/** What a service may refer to. */
export type Surroundings = {
  readonly kinds: Kinds;
  readonly people: readonly string[];
  readonly teams: readonly string[];
  readonly rotations: readonly string[];
  readonly services: readonly string[];
  readonly channel: string;
};
