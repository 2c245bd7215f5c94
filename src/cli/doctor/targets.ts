import type { Service, Target } from "../../domain/catalog.ts";
import type { Observation } from "../../domain/observation.ts";
import { waitingIn } from "../../domain/waiting.ts";
import { Expected } from "../../errors.ts";
import { actionsOn, providerNamed } from "../../providers/index.ts";
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
    const standing = await provider.examine?.(target, signal);
    const as = standing === undefined ? "" : ` as ${standing.identity}`;
    if (standing !== undefined && standing.missing.length > 0)
      return [
        ill(
          `${target.key} is seen through ${provider.name}${as}${release}, who may not ${standing.missing.join(", nor ")}.`,
          `Allow it there; docs/providers/${provider.name}.md has the least that it takes.`,
        ),
      ];
    return [
      well(
        `${target.key} is seen through ${provider.name}${as}${release}; it can ${actionsOn(target).join(", ")}, and cannot ${provider.about.cannot.join(", ")}.`,
      ),
      ...blindChecks(service, target, seen),
    ];
  } catch (error) {
    const why = signal.aborted ? "no answer in time" : because(error);
    return [
      ill(
        `${target.key} cannot be seen through ${target.provider}: ${why}.`,
        (error instanceof Expected ? error.hint : undefined) ??
          "Check its settings in the catalog, and that this machine can reach it.",
      ),
    ];
  }
}

/** What these checks look at, and whether it is told. */
const LOOKED_AT: Readonly<Record<string, { readonly what: string; isTold(seen: Observation): boolean }>> = {
  backup: { what: "backups", isTold: ({ backups }) => backups !== undefined },
  updates: { what: "updates or reboots", isTold: (seen) => waitingIn(seen) !== undefined },
};

function blindChecks({ checks }: Service, target: Target, seen: Observation): Finding[] {
  return checks.flatMap((spec) => {
    const looked = LOOKED_AT[spec.check];
    if (spec.target !== target.key || looked === undefined || looked.isTold(seen)) return [];
    return doubtful(
      `The check ${spec.key} has nothing to look at: nobody tells of ${looked.what} of ${target.key}.`,
      "Take it away; docs/catalog.md says of which targets that is told.",
    );
  });
}
