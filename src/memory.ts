import type { Severity } from "./domain/item.ts";

/** What a process remembers from one round to the next, by itself. All of it may be lost: whatever counts is in rows. */
export type Memory = {
  /** Work on rows that broke lately (`broken.ts`). */
  readonly broken: Map<string, Broken>;
  /** Accounts of which Slack said nothing, and when it may be asked again (`slack-accounts.ts`). */
  readonly unanswered: Map<string, Date>;
  /** How far somebody got who looked for a channel before Slack asked to wait, by its name (`delivery/places.ts`). */
  readonly pages: Map<string, string>;
  /** The newest event when all chains were last looked through, and when that was (`on-call/escalating.ts`). */
  chainsKept: { readonly event: number; readonly at: Date } | null;
};

/** What is done to rows: "taking back temporary changes". Critical where people wait to be called by it. */
export type Doing = { readonly what: string; readonly severity?: Severity };

export type Broken = {
  readonly doing: Doing;
  readonly name: string;
  readonly problem: string;
  /** In a row. */
  readonly times: number;
  readonly leftUntil: Date;
  /** Whether an item tells of it. */
  readonly isTold: boolean;
};

export function openMemory(): Memory {
  return { broken: new Map(), unanswered: new Map(), pages: new Map(), chainsKept: null };
}
