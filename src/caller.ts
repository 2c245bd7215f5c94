import type { App } from "./app.ts";
import { transaction, type Db } from "./db/sql.ts";
import type { Actor } from "./domain/permit.ts";
import { Conflict } from "./errors.ts";
import { insertEvent, type NewEvent } from "./store/events.ts";
import { markHandled } from "./store/inbox.ts";
import { happened, note } from "./trace.ts";

export type Surface = "command" | "button" | "modal" | "home" | "mention" | "shortcut" | "cli";

/** Who asks, through what, and under which key of the inbox the request was recorded. */
export type Caller = { readonly actor: Actor; readonly surface: Surface; readonly request: string | null };

/** What a door's transaction works with: one moment, and the log line's who and where filled in. */
export type Change = {
  readonly db: Db;
  readonly now: Date;
  log(event: Omit<NewEvent, "at" | "person" | "account" | "surface">): Promise<number>;
};

/**
 * Runs what a person asked for in one transaction: the change, its event, and the request marked as handled, all or
 * nothing. A repeat of the same request changes nothing.
 *
 * @throws Conflict when the request was carried out before.
 */
export async function changeFor<T>(app: App, caller: Caller, work: (change: Change) => Promise<T>): Promise<T> {
  return transaction(app.db, async (db) => {
    const now = app.now();
    if (caller.request !== null && !(await markHandled(db, caller.request, now))) {
      throw new Conflict("That was done already.");
    }
    return work({
      db,
      now,
      log: (event) =>
        keep(db, {
          ...event,
          at: now,
          person: caller.actor.person,
          account: caller.actor.account,
          surface: caller.surface,
        }),
    });
  });
}

/** The same for what the bot does by itself. */
export async function changeAlone<T>(app: App, work: (change: Change) => Promise<T>): Promise<T> {
  return transaction(app.db, async (db) => {
    const now = app.now();
    return work({ db, now, log: (event) => keep(db, { ...event, at: now, surface: "bot" }) });
  });
}

/** One event of the log, which the trace of what led to it names too. */
function keep(db: Db, event: NewEvent): Promise<number> {
  happened(event.kind);
  note({ "daytwo.item": event.item, "daytwo.operation": event.operation, "daytwo.service": event.service });
  return insertEvent(db, event);
}
