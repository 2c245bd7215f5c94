import { createHash } from "node:crypto";
import { endDeclared } from "../additions.ts";
import type { App } from "../app.ts";
import { changeUnasked, type Change } from "../caller.ts";
import { KINDS } from "../catalog-kinds.ts";
import { readCatalog, type Problem } from "../catalog.ts";
import type { Catalog } from "../domain/catalog.ts";
import { concerned, differences, isOneOf, type Concerned } from "../domain/catalog-difference.ts";
import { describeDuty, type Assignee } from "../domain/duty.ts";
import { Invalid } from "../errors.ts";
import { redactedOutside } from "../redaction.ts";
import { closeIfOpen, openItem } from "../items/lifecycle.ts";
import { overlay } from "./overlay.ts";
import {
  endOverride,
  insertVersion,
  lockCatalog,
  newestVersion,
  overridesInForce,
  type Override,
} from "../store/catalog.ts";
import { keepChecks } from "../store/checks.ts";
import { keepHeartbeats } from "../store/heartbeats.ts";
import { place, wantAt } from "../store/postings.ts";
import { touchUpConcerned } from "../store/touch-ups.ts";
import { keepDeclared } from "../windows/declared.ts";

/** The way in for the catalog file: read whole, checked whole, kept as an immutable version. */

const FINGERPRINT = "catalog/file";

/**
 * Imports the text of the file if it says something new. A wrong one changes nothing: with a good version there already
 * it opens an item that lists the problems, else it is refused.
 *
 * @throws Invalid with every problem, by line and column, when there is no good version to keep.
 */
export async function importText(
  app: App,
  path: string,
  text: string,
): Promise<"imported" | "unchanged" | "kept the last good one"> {
  const read = readCatalog(text, KINDS);
  if ("catalog" in read) return importCatalog(app, read.catalog, path);
  const problems = read.problems.map((problem) => describeProblem(path, problem));
  if (app.inForce().version === null)
    throw new Invalid(
      `The catalog has ${problems.length === 1 ? "a problem" : `${problems.length} problems`}:\n${problems.join("\n")}`,
    );
  app.log.error({ path, problems }, "the catalog is wrong, the last good one stays in force");
  await changeUnasked(app, (change) => reportProblems(app, change, path, read.problems));
  return "kept the last good one";
}

export function describeProblem(path: string, problem: Problem): string {
  return redactedOutside(`${path}:${problem.line}:${problem.column} ${withHint(problem)}`);
}

function withHint({ message, hint }: Problem): string {
  return hint === undefined ? message : `${message} ${hint}`;
}

async function reportProblems(app: App, change: Change, path: string, problems: readonly Problem[]): Promise<void> {
  const [first] = problems;
  const wrong = redactedOutside(first?.message ?? "").replace(/\.$/, "");
  const more = problems.length > 1 ? ` and ${problems.length - 1} more` : "";
  await openItem(change, app.inForce(), {
    fingerprint: FINGERPRINT,
    origin: "catalog",
    service: null,
    responsibility: "on-call",
    severity: "warning",
    summary: `the catalog is wrong at line ${first?.line ?? 0}: ${wrong}${more}; the last good one stays in force`,
    evidence: Object.fromEntries(
      problems
        .slice(0, 10)
        .map((each) => [`line ${each.line}, column ${each.column}`, redactedOutside(withHint(each))]),
    ),
    since: change.now,
  });
  app.log.info({ path }, "the catalog's problems are an item");
}

/**
 * Makes a catalog the one in force. Overrides whose value the file changed, or whose service left, end, and so does what
 * was added in Slack and stands in the file now.
 */
export async function importCatalog(app: App, catalog: Catalog, source: string): Promise<"imported" | "unchanged"> {
  const digest = createHash("sha256").update(JSON.stringify(catalog)).digest("hex");
  const result = await changeUnasked(app, async (change) => {
    await lockCatalog(change.db);
    const before = await newestVersion(change.db);
    await closeIfOpen(change, FINGERPRINT, { by: null, how: "the catalog can be read again" });
    if (before?.digest === digest) return "unchanged";
    const version = await insertVersion(change.db, { source, digest, body: catalog, importedAt: change.now });
    const merged = overlay(catalog, await endDeclared(change, catalog));
    await keepDeclared(app, change, catalog);
    await keepHeartbeats(change.db, Object.values(catalog.heartbeats ?? {}), change.now);
    await keepChecks(change.db, dueTimes(merged, change.now), change.now);
    const over = await overridesInForce(change.db);
    await endCovered(change, over, before?.body ?? null, catalog, merged);
    if (before !== null) await touchUpCards(change, over, concerned(before.body, catalog));
    const changes = before === null ? [] : differences(before.body, catalog);
    const services = Object.keys(catalog.services).length;
    const event = await change.log({ kind: "catalog.imported", detail: { version, services, changes } });
    if (changes.length > 0) await wantAt(change.db, "event", event, place.channel(catalog.channel), change.now);
    return "imported";
  });
  await app.followCatalog();
  return result;
}

/** First looks are spread over the interval, but none later than 20 s: a newcomer wants to see something. */
function dueTimes(catalog: Catalog, now: Date): { key: string; service: string; dueAt: Date }[] {
  const checks = Object.values(catalog.services).flatMap((service) => service.checks);
  return checks.map((check, index) => {
    const spread = Math.min(check.every, 20_000);
    return {
      key: check.key,
      service: check.service,
      dueAt: new Date(now.getTime() + Math.floor((index / checks.length) * spread)),
    };
  });
}

/** What the files said before and after decides; a service that was added in Slack has not left. */
async function endCovered(
  change: Change,
  overrides: readonly Override[],
  before: Catalog | null,
  after: Catalog,
  merged: Catalog,
): Promise<void> {
  for (const override of overrides) {
    const was = describeDuty(before?.services[override.service]?.duties[override.responsibility]);
    const is = describeDuty(after.services[override.service]?.duties[override.responsibility]);
    const gone = override.to !== null && !isThere(after, override.to);
    if (was === is && !gone && merged.services[override.service] !== undefined) continue;
    await endOverride(change.db, override.service, override.responsibility, change.now);
    await change.log({
      kind: "service.assignment_ended",
      service: override.service,
      detail: { responsibility: override.responsibility },
    });
  }
}

function isThere({ people, teams, rotations = {} }: Catalog, to: Assignee): boolean {
  if ("person" in to) return people[to.person] !== undefined;
  return ("team" in to ? teams[to.team] : rotations[to.rotation]) !== undefined;
}

/** Who was named in Slack may be called something else now, or may have left: then that ended with it. */
async function touchUpCards(change: Change, over: readonly Override[], files: Concerned): Promise<void> {
  const said = over.filter(({ to }) => to !== null && isOneOf(to, files)).map(({ service }) => service);
  await touchUpConcerned(change.db, { ...files, services: [...files.services, ...said] }, change.now);
}
