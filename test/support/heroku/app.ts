import { randomUUID } from "node:crypto";
import { stepAcm, type Acm } from "./acm.ts";
import { isTransferring, newPostgres, stepTransfers, type Postgres } from "./postgres.ts";

/** An app as the dyno manager and the release phase move it on: what is asked for takes a moment, and can fail. */

export type Release = {
  readonly id: string;
  readonly version: number;
  readonly description: string;
  readonly created_at: string;
  readonly user: { readonly id: string; readonly email: string };
  readonly slug: { readonly id: string } | null;
  readonly eligible_for_rollback: boolean;
  status: "pending" | "succeeded" | "failed" | "expired";
  current: boolean;
};
export type Dyno = {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly size: string;
  readonly command: string;
  readonly created_at: string;
  release: { readonly id: string; readonly version: number };
  updated_at: string;
  state: "starting" | "up" | "idle" | "crashed" | "down";
};
export type Config = Readonly<Record<string, string>>;
export type Formation = { readonly id: string; readonly type: string; quantity: number; size: string };

export type App = {
  readonly name: string;
  /** The account that it belongs to, and the team, where it is one's. */
  readonly owner: string;
  readonly team: { readonly id: string; readonly name: string } | null;
  maintenance: boolean;
  /** An app of the generation that has no maintenance mode. */
  isOfFir: boolean;
  readonly formation: Formation[];
  /** Whether sizes are told under their old name too, which Heroku means to take away. */
  hasOldSizes: boolean;
  dynos: Dyno[];
  readonly releases: Release[];
  /** The config vars of each release, by its id; they are not shown with it. */
  readonly configs: Map<string, Config>;
  readonly acm: Acm;
  readonly addons: object[];
  readonly postgres: Postgres;
  /** Slugs whose dynos crash, and whose release phase fails. */
  readonly crashing: Set<string>;
  readonly failing: Set<string>;
};

/** Every moment is a second after the one before. */
let moment = Date.parse("2026-11-30T08:00:00Z");
export function now(): string {
  moment += 1_000;
  return new Date(moment).toISOString().replace(".000Z", "Z");
}

const OWNER = { id: randomUUID(), email: "dana@example.com" };

export function newApp(name: string, team?: string): App {
  const app: App = {
    name,
    owner: OWNER.email,
    team: team === undefined ? null : { id: team, name: team },
    maintenance: false,
    isOfFir: false,
    formation: [],
    hasOldSizes: true,
    dynos: [],
    releases: [],
    configs: new Map(),
    acm: { domains: [], endpoints: [], leaves: [], refusal: null },
    addons: [],
    postgres: newPostgres(),
    crashing: new Set(),
    failing: new Set(),
  };
  release(app, { description: "Initial release", slug: null });
  release(app, { description: "Enable Logplex", slug: null });
  return app;
}

export function currentOf(app: App): Release | undefined {
  return app.releases.find(({ current }) => current);
}

export function configOf(app: App, of = currentOf(app)): Config {
  return app.configs.get(of?.id ?? "") ?? {};
}

type Reason = {
  readonly description: string;
  readonly slug?: { readonly id: string } | null;
  readonly config?: Config;
};

/** A release by way of its release phase, where the app has one. */
export function release(app: App, { description, slug, config }: Reason): Release {
  const before = currentOf(app);
  const own = slug === undefined ? (before?.slug ?? null) : slug;
  const made: Release = {
    id: randomUUID(),
    version: app.releases.length + 1,
    description,
    created_at: now(),
    user: OWNER,
    slug: own,
    eligible_for_rollback: own !== null,
    status: "pending",
    current: false,
  };
  app.releases.push(made);
  app.configs.set(made.id, config ?? configOf(app, before));
  if (own === null || !app.formation.some(({ type }) => type === "release")) succeed(app, made);
  return made;
}

function succeed(app: App, made: Release): void {
  for (const each of app.releases) each.current = false;
  Object.assign(made, { status: "succeeded", current: true });
  restart(app);
}

/** Every dyno of the formation goes from what it is to starting, on the current release; those for single commands end. */
export function restart(app: App): void {
  const current = currentOf(app);
  if (current === undefined) return;
  app.dynos = app.dynos.filter(({ type }) => app.formation.some((each) => each.type === type));
  for (const dyno of app.dynos) {
    const release = { id: current.id, version: current.version };
    Object.assign(dyno, { state: "starting", release, updated_at: now() });
  }
  for (const each of app.formation) fit(app, each);
}

export function scale(app: App, of: Formation, quantity: number): void {
  of.quantity = quantity;
  fit(app, of);
}

function fit(app: App, { type, quantity, size }: Formation): void {
  const current = currentOf(app);
  function isOurs(dyno: Dyno): boolean {
    return dyno.type === type;
  }
  app.dynos = app.dynos.filter((dyno) => !isOurs(dyno) || Number(dyno.name.split(".")[1]) <= quantity);
  for (let number = app.dynos.filter(isOurs).length + 1; number <= quantity && current?.slug; number += 1)
    app.dynos.push(newDyno(`${type}.${number}`, { type, size, release: current }));
}

export function newDyno(
  name: string,
  { type, size, release: of }: { type: string; size: string; release: Release },
): Dyno {
  const at = now();
  return {
    id: randomUUID(),
    name,
    type,
    size,
    command: `bin/${type}`,
    created_at: at,
    updated_at: at,
    release: { id: of.id, version: of.version },
    state: "starting",
  };
}

/** One moment of the dyno manager, of the issuer of certificates, of transfers and of the release phase. */
export function step(app: App): void {
  stepAcm(app.acm, now());
  stepTransfers(app.postgres);
  for (const dyno of app.dynos.filter(({ state }) => state === "starting")) {
    const slug = app.releases.find(({ version }) => version === dyno.release.version)?.slug?.id ?? "";
    Object.assign(dyno, { state: app.crashing.has(slug) ? "crashed" : "up", updated_at: now() });
  }
  const pending = app.releases.find(({ status }) => status === "pending");
  if (pending === undefined) return;
  if (app.failing.has(pending.slug?.id ?? "")) pending.status = "failed";
  else succeed(app, pending);
}

export function isAtRest(app: App): boolean {
  return (
    app.dynos.every(({ state }) => state !== "starting") &&
    app.releases.every(({ status }) => status !== "pending") &&
    !isTransferring(app.postgres)
  );
}
