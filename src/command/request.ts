import type { Action, Arguments } from "../domain/action.ts";
import type { Responsibility } from "../domain/duty.ts";
import type { SaidMoment, SaidSpan } from "../domain/said-time.ts";
import type { Severity } from "../domain/item.ts";

/** What somebody asked for, in the words of the domain. Names of services and people are as typed: the doors know them. */

/** A person or team as typed: a mention, "me", `@ana`, or `team-web`. */
export type PartyWord =
  | { readonly kind: "account"; readonly account: string }
  | { readonly kind: "self" }
  | { readonly kind: "typed"; readonly typed: string }
  | { readonly kind: "team"; readonly team: string }
  | { readonly kind: "group"; readonly group: string };

/** The same, or `rotation-web`. */
export type AssigneeWord = PartyWord | { readonly kind: "rotation"; readonly rotation: string };

export type ItemPlace = { readonly item: number };
/** At least one, each once, in their order. */
export type ItemsPlace = { readonly items: readonly number[] };
export type ServicePlace = { readonly service: string };

/** An item, for how long or until when, and why. `duration` in ms. */
export type Aside = ItemPlace & { readonly reason: string } & (
    | { readonly duration: number }
    | { readonly until: SaidMoment }
  );

/** `on` is null where the service was left out in an item's thread: the item's service is meant. */
export type ActionRequest = {
  readonly verb: Action;
  readonly on: { readonly service: string; readonly target: string | null } | null;
  /** The item in whose thread it was asked. */
  readonly item: number | null;
  readonly arguments: Arguments;
  /** Why it shall be done although policy asks for a pause. */
  readonly despite?: string;
};

/** Times in which something else holds: in a `window` of maintenance, and in a `freeze`. */
export type WindowRequest = { readonly verb: "window" | "freeze" } & (
  | { readonly what: "list" }
  | { readonly what: "end"; readonly window: number }
  /** A service as typed, or an environment, or `all`. */
  | {
      readonly what: "plan";
      readonly on: ItemPlace | ServicePlace;
      readonly span: SaidSpan;
      readonly reason: string;
    }
);

export type Request =
  | { readonly verb: "desk" }
  | { readonly verb: "status"; readonly service: string | null }
  | { readonly verb: "items"; readonly which: "all" | "mine" | "unowned" | ItemPlace | ServicePlace }
  /** `duration` in ms; null as long as the catalog says. */
  | { readonly verb: "ack"; readonly on: ItemsPlace | ServicePlace; readonly duration: number | null }
  | { readonly verb: "own"; readonly on: ItemsPlace | ServicePlace; readonly duration: number | null }
  | { readonly verb: "release"; readonly item: number }
  | { readonly verb: "handoff"; readonly item: number; readonly to: PartyWord; readonly note: string }
  | ({ readonly verb: "snooze" } & Aside)
  | ({ readonly verb: "silence" } & (Aside | (ItemPlace & { readonly end: true })))
  | { readonly verb: "resolve"; readonly item: number; readonly reason: string }
  /** `about` is null for what is called noise most often. */
  | { readonly verb: "noise"; readonly about: (ItemPlace & { readonly reason: string }) | null }
  | { readonly verb: "note"; readonly item: number; readonly text: string }
  /** `check` is "http" or "certificate/www"; null = all of the service's. */
  | { readonly verb: "check"; readonly on: ItemPlace | (ServicePlace & { readonly check: string | null }) }
  /** The address as typed; `service` is null where it may be called what fits. */
  | { readonly verb: "add"; readonly address: string; readonly service: string | null }
  | { readonly verb: "remove"; readonly service: string }
  | { readonly verb: "open"; readonly service: string; readonly severity: Severity; readonly summary: string }
  | ActionRequest
  | { readonly verb: "plan"; readonly action: ActionRequest }
  /** `alone`: why it is gone alone with, without an approval. */
  | { readonly verb: "approve"; readonly operation: number; readonly alone?: string; readonly typed?: string }
  | { readonly verb: "deny"; readonly operation: number; readonly reason: string }
  | { readonly verb: "cancel"; readonly operation: number }
  | { readonly verb: "owners"; readonly service: string | null }
  | {
      readonly verb: "assign";
      readonly service: string;
      readonly responsibility: Responsibility;
      /** null = nobody. */
      readonly to: AssigneeWord | null;
    }
  | WindowRequest
  /** `of` is a rotation or a service as typed; null = all there are. */
  | {
      readonly verb: "oncall";
      readonly of: string | null;
      readonly change: null | "end" | { readonly person: PartyWord; readonly until: SaidMoment };
    }
  /** `rotation` is null for every one that they take turns in. */
  | { readonly verb: "cover"; readonly whom: PartyWord; readonly rotation: string | null; readonly until: SaidMoment }
  /** `whom` is null for oneself, `until` for who is back. */
  | { readonly verb: "away"; readonly whom: PartyWord | null; readonly until: SaidMoment | null }
  | { readonly verb: "digest" }
  | { readonly verb: "whoami" }
  | { readonly verb: "runbook"; readonly on: ItemPlace | ServicePlace }
  | { readonly verb: "audit"; readonly of: "all" | ItemPlace | ServicePlace | { readonly operation: number } }
  /** `about` is null for the whole help. */
  | { readonly verb: "help"; readonly about: VerbName | "providers" | null }
  | { readonly verb: "demo"; readonly what: "bad-release" | "reset" };

/** What somebody asked for with one verb. */
export type Asked<Verb extends Request["verb"]> = Extract<Request, { verb: Verb }>;

export type VerbName = Exclude<Request["verb"], "desk">;

/** Where a command was given. */
export type Context = {
  /** The item whose thread it was given in. */
  readonly item?: number | undefined;
  /** Whether the demo is running, which has a verb of its own. */
  readonly demo: boolean;
};
