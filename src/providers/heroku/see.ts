import { createHash } from "node:crypto";
import { z } from "zod";
import type { OnOff } from "../../domain/action.ts";
import { canonical } from "../../domain/canonical.ts";
import { domain, isCustom, type Domain } from "./acm.ts";
import { list, look, pathOf, shaped, type Settings } from "./api.ts";
import { databasesAndBackups, type Database, type Sight } from "./backups.ts";
import { openSight, openSightAround, type Unseen } from "../sight.ts";

/** What there is of an app. */

/** `size` is to go: its schema says that `dyno_size` takes its place. */
const formation = z
  .object({
    type: z.string(),
    quantity: z.int(),
    size: z.string().nullish(),
    dyno_size: z.object({ name: z.string().nullish() }).nullish(),
  })
  .transform(({ size, dyno_size: named, ...each }) => ({ ...each, size: size ?? named?.name ?? "" }));
export type Formation = z.infer<typeof formation>;

const dyno = z.object({
  name: z.string(),
  type: z.string(),
  state: z.string(),
  /** When it changed its state last: whoever is restarted goes from up to starting. */
  updated_at: z.string(),
  release: z.object({ version: z.int() }),
});
export type Dyno = z.infer<typeof dyno>;

const release = z.object({
  id: z.string(),
  version: z.int(),
  /** "pending", "succeeded", "failed" or "expired"; none where it is from before there was a release phase. */
  status: z.string().nullish(),
  current: z.boolean(),
  description: z.string(),
  created_at: z.string(),
  slug: z.object({ id: z.string() }).nullish(),
  user: z.object({ email: z.string() }).nullish(),
  eligible_for_rollback: z.boolean().optional(),
});
/** A release as Heroku counts them: going back makes another one. */
export type Made = z.infer<typeof release>;

const app = z.object({ maintenance: z.boolean().nullish() });

function modeOf({ maintenance }: z.infer<typeof app>): OnOff | undefined {
  if (typeof maintenance !== "boolean") return undefined;
  return maintenance ? "on" : "off";
}

/** All that a change rests on. */
export type Core = {
  /** In the order of their names, both. */
  readonly formation: readonly Formation[];
  /** Of the formation; none that somebody started for a single command. */
  readonly dynos: readonly Dyno[];
  /** The newest first. */
  readonly releases: readonly Made[];
  /** Undefined where Heroku does not say. */
  readonly maintenance: OnOff | undefined;
  /** How many requests the account has left for now; undefined where Heroku does not say. */
  readonly left: number | undefined;
  readonly unseen: Unseen;
};

/** What may be out of sight, under these names. */
export const UNSEEN = { releases: "Releases not seen", domains: "Domains not seen" } as const;
const NEWEST = "version ..; order=desc,max=100";
const PHASE = "release"; // the process type whose command runs before a release; it has no size

/** @throws Unavailable | Invalid */
export async function coreOf(where: Settings, signal: AbortSignal): Promise<Core> {
  const sees = openSight();
  const [itself, sizes, dynos, made] = await Promise.all([
    look(where, { path: pathOf(where) }, signal),
    list(where, pathOf(where, "/formation"), formation, signal),
    list(where, pathOf(where, "/dynos"), dyno, signal),
    sees.of(UNSEEN.releases, releasesOf(where, signal), []),
  ]);
  const own = sizes.items.filter(({ type }) => type !== PHASE).toSorted((a, b) => (a.type < b.type ? -1 : 1));
  return {
    formation: own,
    dynos: dynos.items
      .filter(({ type, state }) => state !== "down" && own.some((each) => each.type === type))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    releases: made,
    maintenance: modeOf(shaped(app, itself)),
    left: sizes.left,
    unseen: sees.unseen,
  };
}

/** Whoever stands before Heroku may drop the order that is asked for. @throws Unavailable | Invalid */
async function releasesOf(where: Settings, signal: AbortSignal): Promise<Made[]> {
  const answer = await look(where, { path: pathOf(where, "/releases"), range: NEWEST }, signal);
  return shaped(z.array(release), answer).toSorted((a, b) => b.version - a.version);
}

export function currentOf({ releases }: Core): Made | undefined {
  return releases.find(({ current }) => current);
}

/** The number of the release that it is a copy of; its own where it is none. */
function copied({ version, description }: Made): number {
  const of = Number(/^Rollback to v(\d+)$/.exec(description)?.[1] ?? version);
  return of < version ? of : version;
}

export function isOriginal(made: Made): boolean {
  return copied(made) === made.version;
}

/** By what it is a copy of, "v141": going back makes another release of what was there before. */
export function nameOf(made: Made, releases: readonly Made[]): string {
  const of = copied(made);
  const source = isOriginal(made) ? undefined : releases.find(({ version }) => version === of);
  return source === undefined ? `v${of}` : nameOf(source, releases);
}

/** Whether it can be gone back to. */
export function isEligible({ eligible_for_rollback: eligible, status, slug }: Made): boolean {
  return (status ?? "succeeded") === "succeeded" && (eligible ?? (slug !== null && slug !== undefined));
}

/** Whether Heroku may set the number by itself; whether it does, its API does not show. */
export function mayScaleItself({ type, size }: Formation): boolean {
  return type === "web" && /^(performance|private|shield)/i.test(size);
}

/** The newest release, and all else that an action changes; no number that Heroku may set by itself. */
export function versionOf(core: Core): string {
  const sizes = core.formation.map((each) => [each.type, each.size, mayScaleItself(each) ? null : each.quantity]);
  const isOut = core.maintenance === "on" ? { maintenance: true } : {};
  const isUnseen = UNSEEN.releases in core.unseen ? { isUnseen: true } : {};
  const text = canonical({ sizes, current: currentOf(core)?.version ?? null, ...isOut, ...isUnseen });
  return `v${core.releases[0]?.version ?? 0}.${createHash("sha256").update(text).digest("hex").slice(0, 12)}`;
}

/** The number of the newest release that there was at that version. */
export function newestAt(version: string): number {
  return Number(/^v(\d+)/.exec(version)?.[1] ?? 0);
}

export function isUp({ state }: Dyno): boolean {
  return state === "up" || state === "idle"; // an eco dyno sleeps until somebody asks
}

/** When a dyno changed its state last; undefined where none runs. */
export function lastChangeOf({ dynos }: Core): string | undefined {
  return dynos.map((each) => each.updated_at).toSorted((a, b) => Date.parse(b) - Date.parse(a))[0];
}

/** What else there is to see: no version counts any of it. */
export type Around = {
  readonly domains: readonly Domain[];
  readonly databases: readonly Database[];
  readonly backups: Sight;
  readonly unseen: Unseen;
};
const FEW = "few requests are left to the account";
const SPARE = 1_000; // requests that are left for what must be seen, and for acting

export async function aroundOf(where: Settings, { left = SPARE }: Core, signal: AbortSignal): Promise<Around> {
  if (left < SPARE) return { domains: [], databases: [], backups: { unseen: FEW }, unseen: { [UNSEEN.domains]: FEW } };
  const sees = openSightAround();
  const [domains, more] = await Promise.all([
    sees.of(UNSEEN.domains, domainsOf(where, signal), []),
    databasesAndBackups(where, signal),
  ]);
  return { domains, ...more, unseen: sees.unseen };
}

/** Those that somebody added. @throws Unavailable | Invalid */
async function domainsOf(where: Settings, signal: AbortSignal): Promise<Domain[]> {
  const { items } = await list(where, pathOf(where, "/domains"), domain, signal);
  return items.filter(isCustom);
}
