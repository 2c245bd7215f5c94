import { z } from "zod";
import type { Target } from "../../domain/catalog.ts";
import { Expected, Invalid } from "../../errors.ts";
import { look, pathOf, settings, shaped, type Account, type Settings } from "./api.ts";
import { apply, verify } from "./apply.ts";
import { backupsOf, databasesOf } from "./backups.ts";
import { discovery } from "./discover.ts";
import { observation } from "./observe.ts";
import { drawPlan } from "./plan.ts";
import { aroundOf, coreOf } from "./see.ts";
import type { Provider, Standing } from "../provider.ts";

/** Apps on Heroku. */
export const heroku: Provider = {
  name: "heroku",
  settings,
  whereabouts: ({ app }) => app,
  actions: ["scale", "rollback", "restart", "renew-cert", "backup", "maintenance"],
  about: {
    target: "an app on Heroku",
    does: {
      scale: "sets how many dynos of a process run",
      rollback: "makes a new release that is a copy of an earlier one, config vars included",
      restart: "starts all dynos anew at once",
      "renew-cert": "has Heroku try again to issue the certificates that it could not issue",
      backup: "takes a backup of the app's main database, as `heroku pg:backups:capture` does",
      maintenance: "shows visitors Heroku's maintenance page while all dynos go on running, or lets them in again",
    },
    cannot: [
      "run tasks",
      "renew a certificate before Heroku does",
      "restart one process alone",
      "change the size of dynos",
      "see or set autoscaling",
      "restore a database, or schedule its backups",
      "keep two who act in the same second apart: both are applied",
    ],
    keeps: ["the database", "add-ons and what is in them", "number and size of dynos"],
  },
  // Heroku's own router gives up on a request after 30 s; as long again for what was begun by then.
  settles: 60_000,
  discovery,
  examine,
  async observe(target, signal) {
    const where = settings.parse(target.settings);
    const core = await coreOf(where, signal);
    return observation(target, core, await aroundOf(where, core, signal));
  },
  plan: drawPlan,
  apply,
  verify: (target, plan, { signal }) => verify(target, plan, signal),
};

/** What is done there, and the scopes each of which allows it, the least first. */
const SCOPES: readonly (readonly [what: string, scopes: readonly string[]])[] = [
  ["seeing releases", ["read-protected", "write-protected", "global"]],
  ["scale, restart, renew-cert and maintenance", ["write", "write-protected", "global"]],
  ["rollback", ["write-protected", "global"]],
];
const self = z.object({ email: z.string() });

/** Every answer names the scopes of the token that asked. */
async function examine(target: Target, signal: AbortSignal): Promise<Standing> {
  const where = settings.parse(target.settings);
  const { headers } = await look(where, { path: pathOf(where) }, signal);
  const own = String(headers["oauth-scope"] ?? "global").split(/[\s,]+/);
  return {
    identity: await identityOf(where, signal),
    missing: [
      ...SCOPES.filter(([, scopes]) => !scopes.some((scope) => own.includes(scope))).map(
        ([what, [least]]) => `the scope ${least} (for ${what})`,
      ),
      ...(await backupsMissing(where, signal)),
    ],
  };
}

/** Nobody says which scopes the data API wants: it is asked. */
async function backupsMissing(where: Settings, signal: AbortSignal): Promise<string[]> {
  try {
    await backupsOf(where, await databasesOf(where, signal), signal);
    return [];
  } catch (error) {
    if (error instanceof Invalid) return [`see backups of its database (${error.message.replace(/\.$/, "")})`];
    if (error instanceof Expected) return [];
    throw error;
  }
}

/** Without the scope identity Heroku does not say it. */
async function identityOf(as: Account, signal: AbortSignal): Promise<string> {
  try {
    return shaped(self, await look(as, { path: "/account" }, signal)).email;
  } catch (error) {
    if (error instanceof Expected) return "somebody whom Heroku does not name";
    throw error;
  }
}
