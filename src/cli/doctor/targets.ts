import type { Service, Target } from "../../domain/catalog.ts";
import type { Observation } from "../../domain/observation.ts";
import { waitingIn } from "../../domain/waiting.ts";
import { Expected, Invalid } from "../../errors.ts";
import { actionsOn, providerNamed } from "../../providers/index.ts";
import type { Standing } from "../../providers/provider.ts";
import { because, doubtful, ill, unexamined, well, type Finding, type Patient } from "./finding.ts";

const PATIENCE = 8_000; // ms that one look may take

/** Whether each target can be seen through its provider, with the credentials of this process. */
export async function examineTargets({ catalog }: Patient, signal: AbortSignal): Promise<readonly Finding[]> {
  if (catalog === null) return [unexamined("Without a catalog that can be read, no target is known.")];
  const targets = Object.values(catalog.services).flatMap((service) =>
    service.targets.map((target) => ({ service, target })),
  );
  if (targets.length === 0) return [unexamined("The catalog names no targets.")];
  const findings = await Promise.all(
    targets.map(({ service, target }) =>
      examineOne(service, target, AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)])),
    ),
  );
  return findings.flat();
}

async function examineOne(service: Service, target: Target, signal: AbortSignal): Promise<readonly Finding[]> {
  try {
    const provider = providerNamed(target.provider);
    const seen = await provider.observe(target, signal);
    const release = seen.release === undefined ? "" : `, release ${seen.release}`;
    const standing = await standingOf(target, signal);
    const as = standing === undefined ? "" : ` as ${standing.identity}`;
    if (standing !== undefined && standing.missing.length > 0)
      return [ill(`${target.key} is seen through ${provider.name}${as}, ${mayNot(standing)}.`, allowIt(target))];
    return [
      well(
        `${target.key} is seen through ${provider.name}${as}${release}; it can ${actionsOn(target).join(", ")}, and cannot ${provider.about.cannot.join(", ")}.`,
      ),
      ...blindChecks(service, target, seen),
    ];
  } catch (error) {
    return [await unseen(target, error, signal)];
  }
}

/** With who asked and the rights that are missing, where those can be told all the same. */
async function unseen(target: Target, error: unknown, signal: AbortSignal): Promise<Finding> {
  const why = signal.aborted ? "no answer in time" : because(error);
  const standing = await standingOf(target, signal).catch(() => undefined);
  const as = standing === undefined ? "" : ` as ${standing.identity}`;
  const cannot = `${target.key} cannot be seen through ${target.provider}${as}`;
  if (standing !== undefined && standing.missing.length > 0)
    return ill(`${cannot}, ${mayNot(standing)}: ${why}.`, allowIt(target));
  return ill(`${cannot}: ${why}.`, (error instanceof Expected ? error.hint : undefined) ?? whatToCheck(error));
}

/** `Invalid` is an answer, so the way there is good: what is wrong is what was asked for, or with which credentials. */
function whatToCheck(error: unknown): string {
  if (error instanceof Invalid)
    return "Check its credentials and its settings in the catalog; docs/providers has what it takes.";
  return "Check its settings in the catalog, and that this machine can reach it.";
}

async function standingOf(target: Target, signal: AbortSignal): Promise<Standing | undefined> {
  return providerNamed(target.provider).examine?.(target, signal);
}

function mayNot({ missing }: Standing): string {
  return `who may not ${missing.join(", nor ")}`;
}

function allowIt({ provider }: Target): string {
  return `Allow it there; docs/providers/${provider}.md has the least that it takes.`;
}

type Sight = {
  readonly what: string;
  isTold(seen: Observation): boolean;
  /** Why it is not told of all, where that is known. */
  whyNotAll?(seen: Observation): string | undefined;
};

/** What these checks look at, and whether it is told. */
const LOOKED_AT: Readonly<Record<string, Sight>> = {
  backup: { what: "backups", isTold: ({ backups }) => backups !== undefined },
  updates: {
    what: "updates or reboots",
    isTold: (seen) => waitingIn(seen) !== undefined,
    whyNotAll: ({ updatesUnseen }) => updatesUnseen,
  },
};

function blindChecks({ checks }: Service, target: Target, seen: Observation): Finding[] {
  return checks.flatMap((spec) => {
    const looked = LOOKED_AT[spec.check];
    if (spec.target !== target.key || looked === undefined) return [];
    const why = looked.whyNotAll?.(seen);
    if (why !== undefined)
      return doubtful(
        `The check ${spec.key} does not see all ${looked.what} of ${target.key}: ${why}.`,
        `docs/providers/${target.provider}.md says what it takes.`,
      );
    if (looked.isTold(seen)) return [];
    return doubtful(
      `The check ${spec.key} has nothing to look at: nobody tells of ${looked.what} of ${target.key}.`,
      "Take it away; docs/catalog.md says of which targets that is told.",
    );
  });
}
