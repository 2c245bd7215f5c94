import type { App } from "../app.ts";
import { CHANGES_KEPT } from "../observing.ts";
import type { Before, Blind, News } from "../domain/board/surroundings.ts";
import { dependenciesOf, type Service, type Target } from "../domain/catalog.ts";
import { isOurs, momentOfChange, releasesOf, wordsFor, type SeenChange } from "../domain/observed-change.ts";
import type { OperationState } from "../domain/operation.ts";
import { addHours, subDays, subHours, subMinutes } from "../domain/time.ts";
import { changesOf } from "../store/changes.ts";
import { observationsOf, type Observed } from "../store/observations.ts";
import { operationsBetween, type StoredOperation } from "../store/operations.ts";

/** What changed on a service, and on what it depends on, in the hour before something went wrong there. */

const SHOWN = 3;
/** Every service is looked at in five minutes, and a look may be a moment late. */
const RECENT = 6; // minutes
/** An operation counts as the cause of what is seen to have changed between two looks that lie this far apart. */
const BETWEEN_LOOKS = 24; // hours

type Window = { readonly from: Date; readonly to: Date };

/** Null where the onset is so long ago that it is no longer remembered. */
export async function justBefore(app: App, service: Service, onset: Date): Promise<Before | null> {
  if (onset < subDays(app.now(), CHANGES_KEPT - 1)) return null;
  const hour: Window = { from: subHours(onset, 1), to: onset };
  const services = [service, ...dependenciesOf(app.inForce().catalog, service)];
  const targets = services.flatMap((each) => each.targets);
  const keys = targets.map((target) => target.key);
  const [observed, changes, operations] = await Promise.all([
    observationsOf(app.db, keys),
    changesOf(app.db, keys, hour),
    operationsBetween(
      app.db,
      services.map((each) => each.key),
      { from: subHours(hour.from, BETWEEN_LOOKS), to: addHours(onset, 1) },
    ),
  ]);
  const by = new Map(targets.map((target) => [target.key, target]));
  const news = [
    ...notOurs(observed, changes, operations, hour).map((change) => newsOf(change, service, services, by)),
    ...operations.filter((each) => touches(each, hour)).map(newsOfOperation),
  ].toSorted((a, b) => b.at.getTime() - a.at.getTime());
  return { news: news.slice(0, SHOWN), more: Math.max(news.length - SHOWN, 0), ...sight(services, observed, hour) };
}

/** What others did: releases by the moment they were made, and what the looks tell beyond them. */
function notOurs(
  observed: readonly Observed[],
  changes: readonly SeenChange[],
  operations: readonly StoredOperation[],
  { from, to }: Window,
): SeenChange[] {
  const made = observed
    .flatMap(({ body }) => (body === null ? [] : releasesOf(body)))
    .filter(({ madeAt }) => madeAt !== null && madeAt >= from && madeAt <= to);
  const known = new Set(made.map((each) => `${each.target} ${each.became}`));
  const seen = changes.filter(
    (each) => each.madeAt === null || (each.madeAt <= to && !known.has(`${each.target} ${each.became}`)),
  );
  return [...made, ...seen].filter((each) => !isOurs(each, operations));
}

function newsOf(
  change: SeenChange,
  own: Service,
  services: readonly Service[],
  targets: ReadonlyMap<string, Target>,
): News {
  const target = targets.get(change.target);
  const service = services.find((each) => each.key === target?.service) ?? own;
  const several = service.targets.length > 1;
  const words = [...(service === own ? [] : [service.name]), ...(several && target !== undefined ? [target.name] : [])];
  return {
    at: momentOfChange(change),
    dated: change.madeAt !== null,
    place: words.length === 0 ? null : words.join(" "),
    what: wordsFor(change),
    by: change.madeBy === null ? null : { by: change.madeBy },
  };
}

function touches({ startedAt, finishedAt }: StoredOperation, { from, to }: Window): boolean {
  return startedAt !== null && startedAt <= to && (finishedAt === null || finishedAt >= from);
}

const ENDED: Readonly<Partial<Record<OperationState, string>>> = {
  running: "under way",
  failed: "failed",
  reverted: "taken back",
  cancelled: "cancelled",
  closed_unknown: "how it ended is not known",
};

/** By the moment from which it may have had an effect. */
function newsOfOperation({ id, plan, action, state, requestedBy, startedAt, requestedAt }: StoredOperation): News {
  const ended = ENDED[state];
  return {
    at: startedAt ?? requestedAt,
    dated: true,
    place: null,
    what: `op-${id} ${plan?.title ?? action}${ended === undefined ? "" : ` (${ended})`}`,
    by: { person: requestedBy },
  };
}

/** What of all this was in sight: "nothing seen" is only said of what somebody looked at. */
function sight(
  services: readonly Service[],
  observed: readonly Observed[],
  { from, to }: Window,
): Pick<Before, "watched" | "blind"> {
  const recent = observed.filter(({ seenAt }) => seenAt !== null && seenAt >= subMinutes(to, RECENT));
  const firsts = recent.flatMap(({ firstSeenAt }) => firstSeenAt ?? []);
  const since = firsts.toSorted((a, b) => b.getTime() - a.getTime())[0];
  return {
    watched: since === undefined ? null : { since: since > from ? since : null },
    blind: services.flatMap((service) => blindSpots(service, recent, observed)),
  };
}

function blindSpots(service: Service, recent: readonly Observed[], observed: readonly Observed[]): Blind[] {
  if (service.targets.length === 0) return [{ place: service.name, why: "no target" }];
  return service.targets
    .filter((target) => recent.every((each) => each.target !== target.key))
    .map((target) => ({
      place: service.targets.length > 1 ? `${service.name} ${target.name}` : service.name,
      why: whyBlind(observed.find((each) => each.target === target.key)),
    }));
}

function whyBlind(last: Observed | undefined): Blind["why"] {
  if (last === undefined) return "never looked at";
  return last.problem === null ? "not looked at lately" : "not reached";
}
