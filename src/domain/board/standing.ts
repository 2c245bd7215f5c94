import type { Responsibility } from "../duty.ts";
import type { Actor } from "../actor.ts";

/** How somebody stands here. */
export type Standing = {
  readonly actor: Actor;
  /** Names of the teams, as they are shown. */
  readonly teams: readonly string[];
  readonly answersFor: readonly { readonly service: string; readonly responsibilities: readonly Responsibility[] }[];
  /** Where a service makes no difference: "take items". */
  readonly may: readonly string[];
  /** Names of those who can change the catalog. */
  readonly keepers: readonly string[];
  /** As code: what the catalog says of them, or what it would have to say. */
  readonly line: string;
};
