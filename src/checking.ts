import type { App } from "./app.ts";
import type { Change } from "./caller.ts";
import { inOneStatement, isNotNow, type Db } from "./db/sql.ts";
import type { Catalog, CheckSpec, Service, Target } from "./domain/catalog.ts";
import { advance, advanceQuietly, type BeliefChange, type Health } from "./domain/hysteresis.ts";
import type { Severity } from "./domain/item.ts";
import type { Reading } from "./domain/reading.ts";
import { changeAll } from "./due.ts";
import { isRecent, openItem, recoverIfOpen } from "./items/lifecycle.ts";
import { inMaintenance } from "./windows/maintenance.ts";
import { tellingOf } from "./board/neighbours.ts";
import { checksInBatches, checksOfService, hasten, saveChecks, type StoredCheck } from "./store/checks.ts";
import { isMeasured, wantPicture } from "./delivery/pictures.ts";
import { lockNewest, type StoredItem } from "./store/items.ts";
import { touchUpAround } from "./store/touch-ups.ts";

/**
 * The door for what checks see: readings change what is believed of a check, and that opens and resolves items. What
 * providers see of targets is in `observing.ts`.
 */

/** A check whose turn it is, as it stood when it was read. */
export type Claimed = { readonly spec: CheckSpec; readonly service: Service; readonly check: StoredCheck };

/** The checks of each of these claimed batches that are still in the catalog, with their services. */
export async function claimed(app: App, batches: readonly number[]): Promise<Claimed[][]> {
  const checks = await checksInBatches(app.db, batches);
  let found = inCatalog(app, checks);
  // Another process made them due and knows a newer catalog than we; or what was said in Slack of a service made them due.
  if (found.length < checks.length || found.some(({ spec }) => spec.on === "service")) {
    await app.followCatalog();
    found = inCatalog(app, checks);
  }
  const byBatch = Map.groupBy(found, ({ check }) => check.batch);
  return batches.map((batch) => byBatch.get(batch) ?? []);
}

/** All checks of a service that look at something outside Daytwo. */
export async function outwardChecks(app: App, service: string): Promise<Claimed[]> {
  return inCatalog(app, await checksOfService(app.db, service)).filter(({ spec }) => spec.on !== "service");
}

function inCatalog(app: App, checks: readonly StoredCheck[]): Claimed[] {
  const { services } = app.inForce().catalog;
  return checks.flatMap((check) => {
    const service = services[check.service];
    const spec = service?.checks.find((each) => each.key === check.key);
    return service === undefined || spec === undefined ? [] : [{ spec, service, check }];
  });
}

/** The targets whose health is looked at. */
export function lookedAt(catalog: Catalog): Target[] {
  const services = Object.values(catalog.services);
  const keys = new Set(services.flatMap(healthChecks).map(({ target }) => target));
  return services.flatMap(({ targets }) => targets.filter(({ key }) => keys.has(key)));
}

/** Something may be wrong with these targets: those whose health is believed good are looked at now. */
export async function lookSooner(app: App, targets: ReadonlySet<string>): Promise<void> {
  const checks = Object.values(app.inForce().catalog.services).flatMap(healthChecks);
  const keys = checks.filter(({ target = "" }) => targets.has(target)).map(({ key }) => key);
  await inOneStatement(app.db, (db) => hasten(db, keys, app.now()));
}

function healthChecks({ checks }: Service): CheckSpec[] {
  return checks.filter(({ check }) => check === "health");
}

export type Looked = Omit<Claimed, "service"> & { readonly reading: Reading };

/**
 * Takes readings of claimed checks: what each check now believes, in one statement, and for the few that are not well an
 * item that opens, worsens or resolves. Nothing of a check changes while its batch has it; so what was read with the claim
 * still holds, and one that its batch no longer has is ignored: it left the catalog, or was made due anew, and what was
 * found is older than what made it due.
 */
export async function takeReadings(app: App, looked: readonly Looked[]): Promise<void> {
  const newest = new Map<string, Looked>();
  for (const each of looked) if (batchOf(each) >= batchOf(newest.get(each.spec.key))) newest.set(each.spec.key, each);
  const all = [...newest.values()];
  const isKept = await saveWell(app, all.filter(isWell));
  // What cannot be kept of one makes it due again, once its claim has run out.
  await changeAll(
    app,
    { ...KEEPING, nameOf: ({ spec }) => spec.key, work: (change, some) => takeSome(app, change, some) },
    isKept ? all.filter((each) => !isWell(each)) : all,
  );
}

const KEEPING = { what: "keeping what checks found", severity: "critical" } as const;

/** False where one of them cannot be kept: which one, and why, is found out with all others. */
async function saveWell(app: App, well: readonly Looked[]): Promise<boolean> {
  const now = app.now();
  const turned = well.map((each) => believe(each, now, false));
  try {
    if (turned.length > 0) await inOneStatement(app.db, (db) => save(db, turned));
    return true;
  } catch (error) {
    if (isNotNow(error)) throw error;
    return false;
  }
}

/** A check that was claimed anew meanwhile is the newer batch's. */
function batchOf(looked: Looked | undefined): number {
  return looked?.check.batch ?? 0;
}

/** It was well and is: of that only its row tells. */
function isWell({ check, reading }: Looked): boolean {
  return (
    check.phase === "ok" && check.unknownStreak === 0 && reading.level === "ok" && saidAround(check.reading) === ""
  );
}

async function takeSome(app: App, change: Change, looked: readonly Looked[]): Promise<void> {
  const quiet = await inMaintenance(app.inForce(), change);
  const turned = looked.map((each) => believe(each, change.now, quiet.has(each.spec.service)));
  const lost = await save(change.db, turned);
  for (const each of turned) if (!lost.has(each.spec.key)) await tellOf(app, change, each);
}

function save(db: Db, turned: readonly Turned[]): Promise<ReadonlySet<string>> {
  const measured = turned.filter(({ spec }) => isMeasured(spec)).map(({ spec }) => spec.key);
  const checks = turned.map(({ next }) => next);
  return saveChecks(db, checks, new Set(measured));
}

/** `quiet`: in maintenance nothing opens and nothing gets worse; it does with the next look after it. */
type Turned = Looked & { readonly next: StoredCheck; readonly turn: BeliefChange; readonly quiet: boolean };

function believe(looked: Looked, now: Date, quiet: boolean): Turned {
  const { spec, check, reading } = looked;
  const before: Health = {
    phase: check.phase,
    level: check.believed,
    streak: check.streak,
    unknownStreak: check.unknownStreak,
  };
  const { health, change: turn } = (quiet ? advanceQuietly : advance)(before, reading.level, spec.rule);
  const next: StoredCheck = {
    ...check,
    phase: health.phase,
    believed: health.level,
    streak: health.streak,
    unknownStreak: health.unknownStreak,
    reading,
    lookedAt: now,
    turnedAt: before.phase === "ok" && health.phase !== "ok" ? now : check.turnedAt,
    dueAt: nextDue(check.dueAt, spec.every, now),
  };
  return { ...looked, next, turn, quiet };
}

/** Keeps each check's own phase, so that checks of one interval stay spread out; slots that were missed are skipped. */
function nextDue(due: Date, every: number, now: Date): Date {
  const missed = Math.floor((now.getTime() - due.getTime()) / every);
  return new Date(due.getTime() + (Math.max(missed, 0) + 1) * every);
}

async function tellOf(app: App, change: Change, { spec, check, reading, next, turn, quiet }: Turned): Promise<void> {
  if (saidAround(check.reading) !== saidAround(reading)) await touchUpWhereTold(app, change, spec);
  const level = next.believed;
  const since = next.turnedAt ?? change.now;
  const blind = `${spec.key}/blind`;
  if (turn === "blind") {
    await openItem(change, app.inForce(), {
      fingerprint: blind,
      origin: "check",
      service: spec.service,
      responsibility: spec.responsibility,
      severity: "warning",
      summary: `cannot look: ${reading.summary}`,
      evidence: reading.evidence,
      since,
    });
  }
  if (turn === "sighted") await recoverIfOpen(change, blind, "can look again");
  if (turn === "recovered") await recoverIfOpen(change, spec.key, reading.summary);
  if (level === "ok" || reading.level === "unknown" || reading.level === "ok") return;
  const item = await sighted(app, change, spec, reading, { level, since, fresh: turn === "opened", quiet });
  if (item?.severity === "critical" && (turn === "opened" || turn === "worsened"))
    await wantPicture(change, item, spec);
}

/** Cards of critical items name the other checks that are not well, of what their service depends on too. */
async function touchUpWhereTold(app: App, change: Change, spec: CheckSpec): Promise<void> {
  const critical = tellingOf(app.inForce().catalog, spec.service);
  await touchUpAround(change.db, { own: [], critical, except: spec.key }, change.now);
}

/** What those cards say of a check. */
function saidAround(reading: Reading | null): string {
  return reading === null || reading.level === "ok" || reading.level === "unknown"
    ? ""
    : `${reading.level} ${reading.summary}`;
}

/**
 * A failing check opens its item when it turns, and counts on it afterwards. What a person closed while the check still
 * fails stays closed for the reopen window, then it comes back as a new item.
 */
async function sighted(
  app: App,
  change: Change,
  spec: CheckSpec,
  reading: Reading,
  seen: { level: Severity; since: Date; fresh: boolean; quiet: boolean },
): Promise<StoredItem | null> {
  if (!seen.fresh) {
    const newest = await lockNewest(change.db, spec.key);
    if (seen.quiet && (newest === null || newest.state === "resolved")) return null;
    if (newest !== null && newest.state === "resolved" && isRecent(newest, change.now)) return null;
  }
  return openItem(change, app.inForce(), {
    fingerprint: spec.key,
    origin: "check",
    service: spec.service,
    responsibility: spec.responsibility,
    severity: seen.level,
    summary: reading.summary,
    evidence: reading.evidence,
    since: seen.since,
  });
}
