import { createHash } from "node:crypto";
import { z } from "zod";
import { canonical } from "../../domain/canonical.ts";
import { look, pathOf, shortened, wide, type Settings } from "./api.ts";

/** What there is of a Cloud Run service. What is none, false or empty Google leaves out of its answers. */

const TO_LATEST = "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST";
const TO_REVISION = "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION";

const share = z.object({
  type: z.string().default(TO_LATEST),
  revision: z.string().default(""),
  percent: z.int().default(0),
  tag: z.string().optional(),
});
type Share = z.infer<typeof share>;

const condition = z.object({
  type: z.string().default(""),
  state: z.string().default(""),
  message: z.string().default(""),
});

const service = z.object({
  generation: wide.default("0"),
  observedGeneration: wide.default("0"),
  etag: z.string().default(""),
  uri: z.string().optional(),
  annotations: z.record(z.string(), z.string()).default({}),
  template: z.object({
    annotations: z.record(z.string(), z.string()).default({}),
    containers: z.array(z.object({ image: z.string().default("") })).default([]),
  }),
  scaling: z
    .object({
      scalingMode: z.string().optional(),
      minInstanceCount: z.int().default(0),
      maxInstanceCount: z.int().optional(),
      manualInstanceCount: z.int().default(0),
    })
    .default({ minInstanceCount: 0, manualInstanceCount: 0 }),
  traffic: z.array(share).default([]),
  trafficStatuses: z.array(share).default([]),
  latestReadyRevision: z.string().default(""),
  latestCreatedRevision: z.string().default(""),
  reconciling: z.boolean().default(false),
  terminalCondition: condition.optional(),
});
export type Service = z.infer<typeof service>;

const revision = z.object({
  name: z.string(),
  createTime: z.string(),
  creator: z.string().optional(),
  deleteTime: z.string().optional(),
  containers: z.array(z.object({ image: z.string().default("") })).default([]),
  conditions: z.array(condition).default([]),
});
export type Revision = z.infer<typeof revision>;

/** @throws Unavailable | Invalid */
export async function serviceOf(where: Settings, signal: AbortSignal): Promise<Service> {
  return look(where, { path: pathOf(where) }, service, signal);
}

const page = z.object({ revisions: z.array(revision).default([]), nextPageToken: z.string().default("") });
const PAGE = "100";

/** All of them, the newest first. @throws Unavailable | Invalid */
export async function revisionsOf(where: Settings, signal: AbortSignal): Promise<Revision[]> {
  const all: Revision[] = [];
  let pageToken = "";
  do {
    const query = { pageSize: PAGE, ...(pageToken === "" ? {} : { pageToken }) };
    const { revisions, nextPageToken } = await look(where, { path: pathOf(where, "/revisions"), query }, page, signal);
    all.push(...revisions.filter(({ deleteTime }) => deleteTime === undefined));
    pageToken = nextPageToken;
  } while (pageToken !== "");
  return all.toSorted((a, b) => Date.parse(b.createTime) - Date.parse(a.createTime));
}

/** "shop-00042-abc", of what may be its whole path. */
export function shortOf(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

/** How much of the traffic each revision really gets, the most first. */
export function sharesOf({ trafficStatuses, latestReadyRevision }: Service): (readonly [string, number])[] {
  const shares = new Map<string, number>();
  for (const { type, revision: named, percent } of trafficStatuses.filter((each) => each.percent > 0)) {
    const name = shortOf(type === TO_LATEST ? latestReadyRevision : named);
    if (name !== "") shares.set(name, (shares.get(name) ?? 0) + percent);
  }
  return [...shares].toSorted(([, a], [, b]) => b - a);
}

/** Whether what is deployed from now on gets no traffic by itself. */
export function isPinned({ traffic }: Service): boolean {
  return traffic.length > 0 && traffic.every(({ type, percent }) => type !== TO_LATEST || percent === 0);
}

/** All traffic to one, or to whichever is the newest; addresses of their own that revisions have stay. */
export function allTo({ traffic }: Service, name: string | null): Share[] {
  const to = name === null ? { type: TO_LATEST, revision: "" } : { type: TO_REVISION, revision: name };
  return [
    { ...to, percent: 100 },
    ...traffic.filter(({ tag }) => tag !== undefined).map((each) => ({ ...each, percent: 0 })),
  ];
}

/** Who gets traffic, as it is declared; whatever the order and the addresses. */
export function declaredTo({ traffic }: Pick<Service, "traffic">): string {
  const getting = traffic.filter(({ percent }) => percent > 0).map((each) => `${each.type} ${shortOf(each.revision)}`);
  return traffic.length === 0 ? `${TO_LATEST} ` : getting.toSorted().join();
}

/** Whether it runs as many as it is told, whatever the traffic. */
export function isManual({ scaling }: Pick<Service, "scaling">): boolean {
  return scaling.scalingMode === "MANUAL";
}

/** How many it is told to run: exactly, or at the least. */
export function countOf(of: Pick<Service, "scaling">): number {
  return isManual(of) ? of.scaling.manualInstanceCount : of.scaling.minInstanceCount;
}

/** What Google is not content with, once it no longer tries. */
export function troubleOf({ reconciling, terminalCondition: said }: Service): string | null {
  return !reconciling && said?.state === "CONDITION_FAILED" ? shortened(said.message) : null;
}

const WELL = new Set(["CONDITION_SUCCEEDED", "CONDITION_PENDING", "CONDITION_RECONCILING"]);

/** What Google says of how it is, where that is a word that is not known; null where all is clear. */
export function unclearOf({ reconciling, terminalCondition: said }: Service): string | null {
  const state = said?.state ?? "";
  if (reconciling || WELL.has(state) || state === "CONDITION_FAILED") return null;
  return state === "" ? "Google does not say how it is" : `Google calls its state ${shortened(state)}`;
}

/** The token of the operation of ours that changed it last stands here. */
export const OPERATION = "daytwo.dev/operation";
/** And of the one that last asked for a new revision of the same. */
export const RESTARTED = "daytwo.dev/restarted";

/** What somebody wants of it, and nothing that comes of that by itself. */
export function versionOf({ generation, traffic, scaling, annotations }: Service): string {
  const text = canonical({ traffic, scaling, operation: annotations[OPERATION] ?? null });
  return `g${generation}.${createHash("sha256").update(text).digest("hex").slice(0, 12)}`;
}
