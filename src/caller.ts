import type { App } from "./app.ts";
import { transaction, type Db } from "./db/sql.ts";
import type { Actor } from "./domain/actor.ts";
import { Repeated } from "./errors.ts";
import { redactedIn } from "./redaction.ts";
import { insertEvent, insertEvents, type NewEvent } from "./store/events.ts";
import { markHandled, type Claim } from "./store/inbox.ts";
import { followTour } from "./tour.ts";
import { happened, note } from "./telemetry/trace.ts";

export type Surface = "command" | "button" | "modal" | "home" | "mention" | "shortcut" | "cli";

/** Who asks, through what, and by which claim on the request that the inbox keeps. */
export type Caller = { readonly actor: Actor; readonly surface: Surface; readonly request: Claim | null };

/** What a door's transaction works with: its connection, one moment, and a log that knows who asked and from where. */
export type Change = {
  readonly db: Db;
  readonly now: Date;
  log(event: Logged): Promise<number>;
  /** The same for many in one statement; their ids, in this order. */
  logAll(events: readonly Logged[]): Promise<number[]>;
};

export type Logged = Omit<NewEvent, "at" | "person" | "account" | "surface">;

/**
 * Runs what a person asked for in one transaction: the change, its event, and the request marked as handled, all or
 * nothing. A repeat of the same request changes nothing.
 *
 * @throws Repeated when the request was carried out before, or somebody else has taken it up.
 */
export async function changeFor<T>(app: App, caller: Caller, work: (change: Change) => Promise<T>): Promise<T> {
  return transaction(app.db, async (db) => {
    const now = app.now();
    if (caller.request !== null && !(await markHandled(db, caller.request, now))) {
      throw new Repeated("That was done already.");
    }
    const { person, account } = caller.actor;
    return change(app, { db, now, by: { person, account, surface: caller.surface } }, work);
  });
}

/** The same for what the bot does by itself. */
export async function changeUnasked<T>(app: App, work: (change: Change) => Promise<T>): Promise<T> {
  return transaction(app.db, (db) => change(app, { db, now: app.now(), by: { surface: "bot" } }, work));
}

type Circumstances = Pick<Change, "db" | "now"> & { readonly by: Pick<NewEvent, "person" | "account" | "surface"> };

async function change<T>(app: App, { db, now, by }: Circumstances, work: (change: Change) => Promise<T>): Promise<T> {
  const logged: { id: number; kind: string }[] = [];
  async function log(event: Parameters<Change["log"]>[0]): Promise<number> {
    const id = await keep(db, { ...event, ...by, at: now });
    logged.push({ id, kind: event.kind });
    return id;
  }
  async function logAll(events: readonly Logged[]): Promise<number[]> {
    const ids = await keepAll(
      db,
      events.map((event) => ({ ...event, ...by, at: now })),
    );
    logged.push(...ids.map((id, index) => ({ id, kind: events[index]?.kind ?? "" })));
    return ids;
  }
  const result = await work({ db, now, log, logAll });
  // Last, so that whoever waits here for another transaction holds nothing that it still wants.
  if (app.demo !== null) await followTour(db, now, logged);
  return result;
}

/** Writes one event, which the trace of what led to it names too. What is written stays for good, so no secret is. */
function keep(db: Db, event: NewEvent): Promise<number> {
  happened(event.kind);
  note({ "daytwo.item": event.item, "daytwo.operation": event.operation, "daytwo.service": event.service });
  return insertEvent(db, { ...event, detail: redactedIn(event.detail ?? {}) });
}

/** Writes many; the trace only tells how many. */
function keepAll(db: Db, events: readonly NewEvent[]): Promise<number[]> {
  note({ "daytwo.events": events.length });
  return insertEvents(
    db,
    events.map((event) => ({ ...event, detail: redactedIn(event.detail ?? {}) })),
  );
}
