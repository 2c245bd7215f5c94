import type { Target } from "../../domain/catalog.ts";
import type { Observation } from "../../domain/observation.ts";
import type { Kind } from "./settings.ts";
import { FACT } from "./observe.ts";

/** What plans of several actions say in the same words. */

export type Subject = {
  readonly target: Target;
  readonly seen: Observation;
  readonly kind: Kind;
  readonly name: string;
};

const BEGIN = 40_000; // ms until a pod that is asked for serves, where images are near
const PER_POD = 20_000; // and for each one that is replaced after another
const LONGEST = 200_000; // three times this is what a cluster waits by default before it gives up

export function takes(pods: number): number {
  return Math.min(LONGEST, BEGIN + pods * PER_POD);
}

export function replaces({ seen }: Subject, pods: number): string[] {
  const how = seen.facts[FACT.replaced];
  if (how !== undefined) return [`Pods are replaced ${how}`];
  return [`Replaces ${pods} ${pods === 1 ? "pod" : "pods"}, some at a time`];
}

export function underWay({ facts }: Observation): string[] {
  const rollout = facts[FACT.rollout];
  return rollout === undefined ? [] : [`In the middle of a rollout: ${rollout}`];
}

export function keptWarning({ facts }: Observation): string[] {
  const kept = facts[FACT.kept];
  return kept === undefined
    ? []
    : [`${kept} keeps it as its repository says, and will put this back unless its automatic sync is suspended`];
}

export function keptStays({ facts }: Observation): string[] {
  return facts[FACT.kept] === undefined ? [] : ["what the repository says"];
}
