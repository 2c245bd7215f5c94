import { WATCHER } from "../../checks/postgres-survey.ts";
import type { Plan } from "../../domain/action.ts";
import type { Target } from "../../domain/catalog.ts";
import { apply, named, subjectOf } from "./apply.ts";
import { complaint, connected, settings } from "./connect.ts";
import { examine, observe } from "./observe.ts";
import { drawPlan } from "./plan.ts";
import { leftOf, lookAtSessions, nameOf } from "./sessions.ts";
import type { Provider, Verdict } from "../provider.ts";

/** A PostgreSQL database: who is connected and holds others up, and the end of a session or of what it runs. */
export const postgres: Provider = {
  name: "postgres",
  settings,
  whereabouts: ({ url }) => url,
  actions: ["end", "run"],
  tasks: "query",
  about: {
    target: "a PostgreSQL database",
    does: {
      end: "ends a session with its transaction, or with `statement` only what it runs now",
      run: "asks a query of the catalog, in a transaction that can only read",
    },
    cannot: [
      "change data, schema or settings",
      "start or restart the server",
      "act as a superuser unless it is told to",
    ],
    keeps: ["what was committed", "that an application connects again"],
  },
  // Whatever has arrived by then has run into one of the server's limits for it.
  settles: 30_000,
  examine,
  observe,
  plan: drawPlan,
  apply,
  verify,
};

/**
 * The server does not keep who ended what, so the question is not whether we did it, but whether it is gone. While the
 * session of this step is still there, it is on its way.
 */
async function verify(
  target: Target,
  { action, arguments: given, version }: Plan,
  { token, signal }: { token: string; signal: AbortSignal },
): Promise<Verdict> {
  const where = settings.parse(target.settings);
  return connected(target, WATCHER, signal, async ({ ask }): Promise<Verdict> => {
    const ours = await ask<object>(
      "select 1 from pg_stat_activity where application_name = $1 and usename = current_user and state <> 'idle' and pid <> pg_backend_pid()",
      [nameOf(token)],
    );
    if (ours.length > 0) return { kind: "pending", seen: "it is under way" };
    if (action === "run") return { kind: "holds", seen: "it has only read, and nothing of it is under way" };
    const subject = subjectOf(given);
    const what = named(subject);
    const left = await leftOf(ask, subject, where);
    if (left === null) return { kind: "holds", seen: `${what} has ended` };
    const now = await lookAtSessions(ask, where);
    return left === "as it was" && now.version === version
      ? { kind: "untouched", seen: `${what} is still there, as it was when the plan was drawn` }
      : { kind: "differs", seen: `${what} is still there, and it or others changed meanwhile` };
  }).catch((error: unknown) => {
    throw complaint(error);
  });
}
