import { stepPlans } from "./plan.ts";
import { MAINTENANCE_MODE, type MaintenanceMode, type Observation, type Release } from "./observation.ts";
import type { Operation } from "./operation.ts";

/** What changed on a target between two looks, whoever did it and however. */

export const CHANGE_KINDS = ["release", "size", "certificate", "other"] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** `other` without a name is what only the version gives away. */
export type Difference = {
  readonly what: ChangeKind;
  /** The process, the address of the certificate, or what else it is. */
  readonly name: string | null;
  /** Null where there was nothing, or is nothing any more. */
  readonly was: string | null;
  readonly became: string | null;
  /** Who did it and when, where the provider says so. */
  readonly madeBy: string | null;
  readonly summary: string | null;
  readonly madeAt: Date | null;
};

export function differences(before: Observation, after: Observation): Difference[] {
  const seen = [
    ...releaseDifference(before, after),
    ...named("size", sizesOf(before), sizesOf(after)),
    ...named("certificate", serialsOf(before), serialsOf(after)),
    ...modeDifference(before.maintenance, after.maintenance),
  ];
  // That people come and go is no change of a database.
  if (seen.length > 0 || before.version === after.version || after.sessions !== undefined) return seen;
  return [{ ...UNSIGNED, what: "other", name: null, was: before.version, became: after.version }];
}

const UNSIGNED = { madeBy: null, summary: null, madeAt: null };

/** Only a release that was not there before was made between the looks; going back to an old one has no date of its own. */
function releaseDifference(before: Observation, after: Observation): Difference[] {
  if (before.release === after.release) return [];
  const isNew = before.releases.every((each) => each.release !== after.release);
  const made = after.releases.find((each) => isNew && each.release === after.release);
  const signed = made === undefined ? UNSIGNED : signatureOf(made);
  return [{ ...signed, what: "release", name: null, was: before.release ?? null, became: after.release ?? null }];
}

function signatureOf({ createdBy, summary, createdAt }: Release): Pick<Difference, "madeBy" | "summary" | "madeAt"> {
  return { madeBy: createdBy ?? null, summary: summary ?? null, madeAt: momentOf(createdAt) };
}

/** Null for what is no date: the text comes from outside. */
function momentOf(written: string): Date | null {
  const date = new Date(written);
  return Number.isNaN(date.getTime()) ? null : date;
}

function sizesOf({ sizes }: Observation): Map<string, string> {
  return new Map(sizes.map((each) => [each.process, String(each.wanted)]));
}

function serialsOf({ certificates }: Observation): Map<string, string> {
  return new Map(certificates.map((each) => [each.address, each.serial]));
}

function modeDifference(was: MaintenanceMode | undefined, became: MaintenanceMode | undefined): Difference[] {
  if (was === undefined || became === undefined || was.mode === became.mode) return [];
  return [{ ...UNSIGNED, what: "other", name: MAINTENANCE_MODE, was: was.mode, became: became.mode }];
}

function named(what: ChangeKind, before: Map<string, string>, after: Map<string, string>): Difference[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names]
    .map((name) => ({ ...UNSIGNED, what, name, was: before.get(name) ?? null, became: after.get(name) ?? null }))
    .filter(({ was, became }) => was !== became);
}

/** What an operation did, or may have done, to its target, and between which moments. */
export type Doing = Pick<Operation, "target" | "action" | "plan" | "startedAt" | "finishedAt">;

/** A change that was seen between two looks. */
export type SeenChange = Difference & { readonly target: string; readonly notBefore: Date; readonly seenAt: Date };

/** Of a sequence, each of its steps: any of them may have been at any moment of it. */
function stepByStep(doing: Doing): Doing[] {
  const { plan } = doing;
  return plan === null
    ? [doing]
    : stepPlans(plan).map((step) => ({ ...doing, target: step.target, action: step.action, plan: step }));
}

/** Whether a change is what one of these operations did: on its target, in its time, and of what it set out to change. */
export function isOurs(change: SeenChange, doings: readonly Doing[]): boolean {
  return doings
    .flatMap(stepByStep)
    .some(
      (each) =>
        each.target === change.target &&
        each.startedAt !== null &&
        each.startedAt <= change.seenAt &&
        (each.finishedAt === null || each.finishedAt >= change.notBefore) &&
        sets(each, change),
    );
}

/**
 * Taken back is its doing as well, so that either end will do. Where going back makes a release with a new name, it is
 * the operation's unless somebody signed it for something else.
 */
function sets({ action, plan }: Doing, { what, name, was, became, madeBy, summary }: SeenChange): boolean {
  const ends = [was, became].filter((each) => each !== null);
  if (what === "certificate") return action === "renew-cert";
  if (what === "size") {
    const size = plan?.arguments.sizes?.[name ?? ""];
    return action === "scale" && size !== undefined && ends.includes(String(size));
  }
  if (what === "other") return name === null || plan?.changes[name] !== undefined;
  const [from, to] = plan?.changes["release"] ?? [];
  if (from === undefined || to === undefined) return false;
  return ends.includes(from) || ends.includes(to) || madeBy === null || (summary?.includes(to) ?? false);
}

/** The releases that a target shows, as changes that happened when they were made. */
export function releasesOf({ target, releases }: Observation): SeenChange[] {
  return releases.flatMap((release) => {
    const signed = signatureOf(release);
    if (signed.madeAt === null) return [];
    const { madeAt } = signed;
    return [
      {
        ...signed,
        target,
        what: "release",
        name: null,
        was: null,
        became: release.release,
        notBefore: madeAt,
        seenAt: madeAt,
      },
    ];
  });
}

/** The moment to tell: when it happened where that is known, else when it was seen. */
export function momentOfChange({ madeAt, seenAt }: SeenChange): Date {
  return madeAt ?? seenAt;
}

/** In words that need nothing around them: "release v142", "web 2 → 4". */
export function wordsFor({ what, name, was, became, madeAt }: SeenChange): string {
  switch (what) {
    case "release":
      return madeAt === null ? `release ${was ?? "none"} → ${became ?? "none"}` : `release ${became ?? "none"}`;
    case "size":
      return `${name ?? "size"} ${was ?? "0"} → ${became ?? "0"}`;
    case "certificate":
      return became === null ? `no certificate any more at ${name ?? ""}` : `a new certificate at ${name ?? ""}`;
    case "other":
      return name === null
        ? `another change (version ${was ?? "none"} → ${became ?? "none"})`
        : `${name} ${was ?? "none"} → ${became ?? "none"}`;
  }
}
