import type { Action, Arguments } from "../../src/domain/action.ts";
import type { Target } from "../../src/domain/catalog.ts";
import type { Outcome, Provider } from "../../src/providers/provider.ts";
import type { Ending } from "./json-server.ts";

/** The system on the other side, as the suite needs it. */
export type FarSide = {
  readonly provider: Provider;
  readonly target: Target;
  /** The same target as a wrong catalog would have it. */
  readonly wrong: {
    /** Nobody listens there. */
    readonly nowhere: Target;
    /** The system answers, and has no such thing. */
    readonly missing: Target;
    /** With credentials that it does not accept, and with a reference to credentials that are not there. */
    readonly stranger: Target;
    readonly unarmed: Target;
  };
  /** A change that can be asked for as it is now, and another one of the same thing. */
  readonly change: { readonly action: Action; readonly arguments: Arguments };
  readonly other: { readonly action: Action; readonly arguments: Arguments };
  /** A request that cannot be meant, and what its refusal names as possible. */
  readonly nonsense: { readonly action: Action; readonly arguments: Arguments; readonly possible: RegExp };
  readonly secrets: readonly string[];
  /** What becomes of the next change, and of the next look. */
  changes(ending: Ending): void;
  looks(ending: Ending): void;
  /** Whether something is held back, and lets it go on. */
  isHolding(): boolean;
  release(): void;
  /** Somebody else changes what a plan rests on. */
  moves(): void;
  /** A change that is made takes until `finishes`, or ends without success. */
  takesLong(): void;
  finishes(): void;
  fails(): void;
  /** The tokens of the changes that took effect, in their order. */
  effects(): readonly string[];
  close(): Promise<void>;
};

/** What is put to the test, and where it is another than most. */
export type Conforming = {
  readonly name: string;
  open(): Promise<FarSide>;
  /** Answers that mean something else here: a 409 after which it may look and try again, a 503 that is a throttle. */
  readonly answers?: Readonly<Record<number, Outcome["kind"]>>;
  /** Whether the system says that what was begun ended without success; else it stays on its way until the time is up. */
  readonly tellsFailure?: boolean;
  /** Whether the system says for how long it wants to be left alone. */
  readonly saysWhen?: boolean;
  /** Whether the system keeps what was asked of it; else what could not be done looks as if nobody had asked. */
  readonly remembers?: boolean;
  /**
   * Whether the system itself compares before it changes, and knows a request that it had before. Else the provider looks
   * right before it sends, and what arrives between that look and its request is applied too.
   */
  readonly compares?: boolean;
  /** Whether its change only adds something, like a backup: the version stays, and so does what others have planned. */
  readonly adds?: boolean;
  /** Whether its change can be taken back by another one. */
  readonly undoes?: boolean;
};
