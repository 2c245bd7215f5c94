import { minuteText } from "../../domain/measures.ts";
import type { Observation, Release, Size } from "../../domain/observation.ts";
import type { Target } from "../../domain/catalog.ts";
import { countsOf, gaveUp, heldBy, replacing, rolloutOf, troubleIn, troubleOf, type Counts } from "./rollout.ts";
import {
  currentImage,
  currentRelease,
  decides,
  wantedOf,
  versionOf,
  type Around,
  type Core,
  type Revision,
} from "./see.ts";
import { failureOf, isIssuing, triesAgain } from "./certificate.ts";
import { CAUSE, CERTIFICATE, imageOf, short, type Autoscaler } from "./objects.ts";
import { addressesOf } from "./renewal.ts";
import { askedAt } from "../serves.ts";
import { workloadOf } from "./settings.ts";
import { boundsAsSizes } from "../bounds.ts";
import { told } from "../facts.ts";

/** A look at a workload, as every provider tells of one. */

/** What else is told of it, under these names; plans go by some of them. */
export const FACT = {
  kind: "Workload",
  rollout: "Rollout",
  trouble: "Trouble",
  autoscaler: "Autoscaler",
  asleep: "At none",
  paused: "Paused",
  kept: "Kept by",
  sized: "Sized by",
  replaced: "Pods are replaced",
  held: "Waits for",
  usage: "Usage",
  image: "Image",
  warning: "Last warning",
} as const;

export function observation(
  target: Target,
  core: Core,
  { revisions, around }: { readonly revisions: readonly Revision[]; readonly around: Around },
): Observation {
  const counts = countsOf(core);
  const name = target.name;
  return {
    target: target.key,
    observedAt: new Date().toISOString(),
    version: versionOf(core),
    health: healthOf(counts, gaveUp(core) || troubleOf(around) !== null),
    ...problemOf(core, around),
    release: currentRelease(core),
    releases: releasesOf(core, revisions),
    sizes: [
      { process: name, wanted: counts.wanted, running: counts.running, healthy: counts.available },
      ...boundsOf(name, core),
    ],
    certificates: certificatesOf(core),
    facts: { ...factsOf(core, around), ...core.unseen, ...around.unseen, ...certificateFacts(core, new Date()) },
  };
}

function healthOf({ wanted, available }: Counts, isTroubled: boolean): Observation["health"] {
  if (wanted > 0 && available === 0) return "down";
  return available < wanted || isTroubled ? "degraded" : "ok";
}

function problemOf(core: Core, around: Around): Pick<Observation, "problem"> {
  const release = currentRelease(core);
  const trouble = troubleIn(around);
  if (trouble !== null) return { problem: `a pod of ${release} does not come up: ${trouble.words}` };
  return gaveUp(core) ? { problem: `the rollout of ${release} is stuck` } : {};
}

function boundsOf(name: string, { autoscaler }: Core): Size[] {
  if (autoscaler === null) return [];
  const { minReplicas: min, maxReplicas: max } = autoscaler.spec;
  return boundsAsSizes(name, { min, max });
}

/** One for each release, the youngest first: a restart makes another revision of the same one. */
function releasesOf(core: Core, revisions: readonly Revision[]): Release[] {
  const { container } = core.where;
  const oldest = new Map<string, Revision>();
  for (const each of revisions) {
    const before = oldest.get(each.release);
    if (before === undefined || each.createdAt < before.createdAt) oldest.set(each.release, each);
  }
  return [...oldest.values()]
    .toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1))
    .map(({ release, createdAt, template, annotations }) => ({
      release,
      createdAt,
      summary: annotations[CAUSE] ?? imageOf(template, container),
    }));
}

function factsOf(core: Core, around: Around): Observation["facts"] {
  const { workload, autoscaler, where } = core;
  const rollout = rolloutOf(core);
  const kept = keptBy(core);
  const { kind, name } = workloadOf(where);
  const [warning] = around.warnings;
  return told([
    [FACT.trouble, troubleOf(around)],
    [FACT.rollout, rollout.state === "complete" ? null : rollout.words],
    [FACT.autoscaler, autoscaler === null ? null : `${autoscaler.spec.minReplicas} to ${autoscaler.spec.maxReplicas}`],
    [
      FACT.asleep,
      decides(core) && wantedOf({ where, workload }) === 0 ? "by its autoscaler, until there is work" : null,
    ],
    [FACT.paused, workload.spec.paused ? "what is changed is not rolled out" : null],
    [FACT.kept, kept],
    [FACT.sized, autoscaler === null ? null : sizedBy(autoscaler)],
    [FACT.replaced, replacing(core)],
    [FACT.held, heldBy(core, around)],
    [FACT.usage, around.usage],
    [FACT.image, currentImage(core)],
    [FACT.warning, warning === undefined ? null : short(warning.message)],
    [FACT.kind, `${kind} ${name} in ${where.namespace}`],
  ]);
}

function certificatesOf(core: Core): Observation["certificates"] {
  const { certificate } = core;
  if (certificate === null || certificate.issued === null) return [];
  const { serial, notBefore, notAfter } = certificate.issued;
  const [name = certificate.metadata.name] = certificate.spec.dnsNames;
  const addresses = addressesOf(core.where);
  return (addresses.length === 0 ? [name] : addresses).map((address) => ({
    address,
    servername: askedAt(address, name),
    serial,
    notBefore: notBefore.toISOString(),
    notAfter: notAfter.toISOString(),
  }));
}

function certificateFacts({ certificate }: Core, now: Date): Observation["facts"] {
  if (certificate === null) return {};
  const { metadata, spec, status, waits, issued } = certificate;
  const until = issued === null ? "" : `, until ${issued.notAfter.toISOString().slice(0, 10)}`;
  const failure = failureOf(status);
  const again = triesAgain(status);
  return {
    [CERTIFICATE.named]: `${metadata.name} from ${spec.issuerRef.name}${until}`,
    ...(isIssuing(status) ? { [CERTIFICATE.issuing]: waits } : {}),
    ...(failure === null ? {} : { [CERTIFICATE.failed]: failure }),
    ...(again === null || again <= now ? {} : { [CERTIFICATE.again]: minuteText(again) }),
  };
}

/** What makes the autoscaler, and writes its bounds again when somebody else has. */
function sizedBy({ metadata: { ownerReferences } }: Autoscaler): string | null {
  const keda = ownerReferences.find(({ kind }) => kind === "ScaledObject");
  return keda === undefined ? null : `KEDA's ScaledObject ${keda.name}`;
}

/** What keeps it as a repository says, and takes back what is changed beside that. */
function keptBy({ workload: { metadata } }: Core): string | null {
  const { labels, annotations } = metadata;
  const argo = labels["argocd.argoproj.io/instance"] ?? annotations["argocd.argoproj.io/tracking-id"]?.split(":", 1)[0];
  if (argo !== undefined) return `Argo CD (${argo})`;
  const flux = labels["kustomize.toolkit.fluxcd.io/name"] ?? labels["helm.toolkit.fluxcd.io/name"];
  return flux === undefined ? null : `Flux (${flux})`;
}
