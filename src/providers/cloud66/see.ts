import { createHash } from "node:crypto";
import { z } from "zod";
import type { OnOff } from "../../domain/action.ts";
import { canonical } from "../../domain/canonical.ts";
import { list, one, type Settings } from "./api.ts";
import { writeImages, type Images } from "./images.ts";
import { processesOf, servicesOf, type Part } from "./parts.ts";

/** What there is of a stack, as far as plans and what became of them rest on it. */

/** Some write numbers as text. */
const number = z.union([z.int(), z.string().regex(/^\d+$/).transform(Number)]);

const stack = z.object({
  status: number.nullish(),
  health: number.nullish(),
  framework: z.string().nullish(),
  backend: z.string().nullish(),
  maintenance_mode: z.boolean().nullish(),
  is_busy: z.boolean().nullish(),
});
type Stack = z.infer<typeof stack>;

const deployment = z.object({
  id: number,
  triggered_by: z.string().nullish(),
  started_at: z.string().nullish(),
  finished_at: z.string().nullish(),
  outcome: z.object({ meaning: z.string().nullish() }).nullish(),
  git_hash: z.string().nullish(),
  is_live: z.boolean().nullish(),
  is_deploying: z.boolean().nullish(),
});
export type Deployment = z.infer<typeof deployment>;

const action = z.object({
  id: number,
  action: z.string(),
  finished_at: z.string().nullish(),
  finished_success: z.union([z.boolean(), z.enum(["true", "false"]).transform((said) => said === "true")]).nullish(),
  finished_message: z.string().nullish(),
});
/** Whatever Cloud 66 does in the background because somebody asked; the higher its number, the later it was begun. */
export type Begun = z.infer<typeof action>;

/** Whether it turned maintenance mode on or off. */
export function isOfMaintenance({ action: what }: Begun): boolean {
  return /maintenance/i.test(what);
}

export type Core = {
  readonly stack: Stack;
  /** The newest first. */
  readonly deployments: readonly Deployment[];
  /** The newest first. */
  readonly actions: readonly Begun[];
  /** In the order of their names. */
  readonly parts: readonly Part[];
  /** How many requests are left for this hour; undefined where it does not say. */
  readonly left: number | undefined;
};

/** @throws Unavailable | Invalid */
export async function coreOf(where: Settings, signal: AbortSignal): Promise<Core> {
  const { item, left } = await one(where, "", stack, signal);
  const [deployments, actions, parts] = await Promise.all([
    newest(where, "/deployments", deployment, signal),
    newest(where, "/actions", action, signal),
    isOfContainers(item) ? servicesOf(where, signal) : processesOf(where, signal),
  ]);
  return { stack: item, deployments, actions, parts: parts.toSorted((a, b) => (a.name < b.name ? -1 : 1)), left };
}

/** One page of those with the highest numbers, or all where the list does not begin with them. */
async function newest<Shape extends z.ZodType<{ id: number }>>(
  where: Settings,
  path: string,
  shape: Shape,
  signal: AbortSignal,
): Promise<z.infer<Shape>[]> {
  const items = await list(where, path, shape, {
    signal,
    isEnough: (read) => (read[0]?.id ?? 0) > (read.at(-1)?.id ?? 0),
  });
  return items.toSorted((a, b) => b.id - a.id);
}

/** Of the services that run an image; empty for a stack without containers. */
export function imagesOf({ parts }: Core): Images {
  return new Map(parts.flatMap(({ name, tag }) => (tag === undefined ? [] : [[name, tag] as const])));
}

export function partOf({ parts }: Core, process: string): Part | undefined {
  return parts.find(({ name }) => name === process);
}

export function isOfContainers({ framework, backend }: Stack): boolean {
  return framework === "docker" || backend === "docker" || backend === "kubernetes";
}

const SHORT = 7; // characters of a commit, as git shows it

/** A release is the commit that was deployed; one of which nothing is known is called by the deployment. */
export function nameOf({ id, git_hash: commit }: Deployment): string {
  return (commit ?? "") === "" ? `deployment-${id}` : `${commit?.slice(0, SHORT)}`;
}

/** "deployment 107 of 5675fcd" */
export function saidOf(made: Deployment): string {
  return `deployment ${made.id}${(made.git_hash ?? "") === "" ? "" : ` of ${nameOf(made)}`}`;
}

export function stateOf(made: Deployment): "under way" | "succeeded" | "failed" {
  if (made.is_deploying === true) return "under way";
  const meant = made.outcome?.meaning ?? "";
  if (/^success/i.test(meant) || (meant === "" && made.is_live === true)) return "succeeded";
  return /^fail/i.test(meant) || (made.finished_at ?? "") !== "" ? "failed" : "under way";
}

export function liveOf({ deployments }: Core): Deployment | undefined {
  return deployments.find((each) => each.is_live === true);
}

/** What runs: images where there are some, else the commit that is live. */
export function releaseOf(core: Core): string {
  const images = imagesOf(core);
  if (images.size > 0) return writeImages(images);
  const live = liveOf(core);
  return live === undefined ? "nothing" : nameOf(live);
}

/** Undefined where Cloud 66 does not say. */
export function modeOf({ stack: { maintenance_mode: isOn } }: Core): OnOff | undefined {
  if (typeof isOn !== "boolean") return undefined;
  return isOn ? "on" : "off";
}

/** Of the stack's status. */
const QUEUED = 5;
const DEPLOYING = 6;

/** What a deployment that is asked for now would be queued behind; null where nothing is. */
export function underWayOf({ stack: { status, is_busy: isBusy }, deployments }: Core): string | null {
  const [last] = deployments;
  if (last !== undefined && stateOf(last) === "under way") return `${saidOf(last)} is under way`;
  if (status === QUEUED) return "a deployment is queued";
  if (status === DEPLOYING) return "a deployment is under way";
  return isBusy === true ? "Cloud 66 is at work on the stack" : null;
}

/** The newest deployment, and all else that an action changes; not what is under way, which is looked at by itself. */
export function versionOf(core: Core): string {
  const text = canonical({
    live: liveOf(core)?.id ?? null,
    parts: core.parts.map(({ name, wanted, servers, tag }) => [
      name,
      wanted,
      servers,
      ...(tag === undefined ? [] : [tag]),
    ]),
    ...(modeOf(core) === "on" ? { maintenance: true } : {}),
  });
  return `d${core.deployments[0]?.id ?? 0}.${createHash("sha256").update(text).digest("hex").slice(0, 12)}`;
}

/** The number of the newest deployment that there was at that version. */
export function newestAt(version: string): number {
  return Number(/^d(\d+)/.exec(version)?.[1] ?? 0);
}
