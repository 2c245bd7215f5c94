import type { Observation } from "../domain/observation.ts";
import { Expected, Invalid } from "../errors.ts";

/** What of a target cannot be seen: it is told, and all else is seen without it. */

/** Why each cannot be seen, by the label under which it is told: a fact like any other. */
export type Unseen = Readonly<Record<string, string>>;

export type Sight = {
  /** What there is; `instead` where it cannot be seen. */
  of<Found>(label: string, work: Promise<Found>, instead: Found): Promise<Found>;
  readonly unseen: Unseen;
};

/** Of what plans rest on: left out is what we may not see, or is not there. What only does not answer is asked again. */
export function openSight(): Sight {
  return leavingOut(Invalid);
}

/** Of what is told beside: it is left out for whatever reason. */
export function openSightAround(): Sight {
  return leavingOut(Expected);
}

function leavingOut(kind: typeof Invalid | typeof Expected): Sight {
  const unseen: Record<string, string> = {};
  return {
    unseen,
    async of(label, work, instead) {
      try {
        return await work;
      } catch (error) {
        if (!(error instanceof kind)) throw error;
        unseen[label] = error.message.replace(/\.$/, "");
        return instead;
      }
    },
  };
}

/** What became of a change is told by it and by nothing else. @throws Invalid with why it is not seen */
export function mustSee({ unseen }: { readonly unseen: Unseen }, label: string): void {
  const why = unseen[label];
  if (why !== undefined) throw new Invalid(`${label}: ${why}.`);
}

/** @throws Invalid where that was not seen, and what is asked for rests on it */
export function refuseUnseen({ facts }: Observation, label: string, what: string): void {
  const why = facts[label];
  if (why === undefined) return;
  throw new Invalid(`It cannot be ${what} without seeing all that matters. ${label}: ${why}.`, {
    hint: "`daytwo doctor` says which rights are missing.",
  });
}
