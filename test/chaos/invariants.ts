import type { Breach } from "./breach.ts";
import type { Evidence } from "./evidence.ts";
import { acknowledged, bounded, chain, converged, digests, secrets } from "./invariants-around.ts";
import { audited, authorised, inOrder, lookedBefore, oneAtATime, onlyOnce, truthful } from "./invariants-of-effects.ts";

/** What must hold whatever happens. Pure: evidence in, violations out. */

export type Violation = { readonly invariant: string; readonly what: string; readonly evidence: readonly string[] };

export type Invariant = {
  readonly id: string;
  readonly name: string;
  readonly says: string;
  /** Once broken it stays broken: it can be asked while a run goes on. */
  readonly atAnyTime: boolean;
  readonly breaches: (evidence: Evidence) => readonly Breach[];
};

export const INVARIANTS: readonly Invariant[] = [
  {
    id: "I1",
    name: "ACK-DURABLE",
    says: "what somebody was told is in the database",
    atAnyTime: false,
    breaches: acknowledged,
  },
  {
    id: "I2",
    name: "AT-MOST-ONE-EFFECT",
    says: "each step takes effect at most once",
    atAnyTime: true,
    breaches: onlyOnce,
  },
  {
    id: "I3",
    name: "NO-SILENT-RETRY",
    says: "nothing is sent again before it settled and somebody looked; what cannot be known is a person's",
    atAnyTime: true,
    breaches: lookedBefore,
  },
  {
    id: "I4",
    name: "NO-FALSE-DONE",
    says: "how an operation ended is what happened",
    atAnyTime: false,
    breaches: truthful,
  },
  {
    id: "I5",
    name: "AUTHZ-AT-USE",
    says: "at its instant each effect has its approvals, by people who may, for that plan",
    atAnyTime: true,
    breaches: authorised,
  },
  {
    id: "I6",
    name: "AUDIT-BEFORE-EFFECT",
    says: "the intent is in the log before the first byte, and the log verifies",
    atAnyTime: true,
    breaches: audited,
  },
  {
    id: "I6",
    name: "AUDIT-BEFORE-EFFECT",
    says: "the intent is in the log before the first byte, and the log verifies",
    atAnyTime: false,
    breaches: chain,
  },
  {
    id: "I7",
    name: "THREAD-CONVERGES",
    says: "in the end every card in Slack is its row",
    atAnyTime: false,
    breaches: converged,
  },
  { id: "I9", name: "ONE-DIGEST", says: "one digest for a channel and a day", atAnyTime: false, breaches: digests },
  {
    id: "I10",
    name: "PER-TARGET-ORDER",
    says: "nothing starts on a target that is held, and no step takes effect before the one before it is done",
    atAnyTime: true,
    breaches: oneAtATime,
  },
  {
    id: "I10",
    name: "PER-TARGET-ORDER",
    says: "nothing starts on a target that is held, and no step takes effect before the one before it is done",
    atAnyTime: true,
    breaches: inOrder,
  },
  {
    id: "I11",
    name: "NO-SECRET-AT-REST",
    says: "no secret in the database or in a log",
    atAnyTime: false,
    breaches: secrets,
  },
  {
    id: "I12",
    name: "BOUNDED",
    says: "no process ends by itself, or grows without end",
    atAnyTime: false,
    breaches: bounded,
  },
];

export function check(evidence: Evidence, when: "at any time" | "at rest"): Violation[] {
  return INVARIANTS.filter(({ atAnyTime }) => atAnyTime || when === "at rest").flatMap(({ id, name, breaches }) =>
    breaches(evidence).map(({ what, evidence: shown }) => ({
      invariant: `${id} ${name}`,
      what: `${evidence.name}: ${what}`,
      evidence: shown,
    })),
  );
}
