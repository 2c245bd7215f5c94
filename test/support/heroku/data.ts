import type { Call, Reply } from "../json-server.ts";
import { error, type Heroku, type User } from "./api.ts";
import type { App } from "./app.ts";
import { begin, BY_HAND, type Addon } from "./postgres.ts";

/**
 * The data API, by what Heroku's command line asks of it, and by answers that were recorded: all that there is to backups, and
 * no paging. What it does not know it answers by a page of HTML that it calls JSON.
 */

const NOT_FOUND: Reply = { status: 404, body: "<h1>Not Found</h1>", headers: { "content-type": "application/json" } };

const PATHS = /^\/client\/v11\/(apps|databases)\/([^/]+)\/([a-z-]+)$/;

export function answerData(heroku: Heroku, call: Call): Reply {
  const { method, url, headers, body } = call;
  const user = heroku.users.get(/^Bearer (\S+)$/.exec(headers.authorization ?? "")?.[1] ?? "");
  if (user === undefined) return error(401, "Invalid credentials provided.");
  if (headers["user-agent"] === undefined || !/json/.test(headers.accept ?? ""))
    return error(400, "Who asks for what is missing.");
  if (!user.scopes.some((scope) => heroku.dataScopes.includes(scope)))
    return error(403, "You do not have access to this resource.");
  const [, of, name = "", what] = PATHS.exec(url.pathname) ?? [];
  const route = `${method} ${of} ${what}`;
  if (route === "GET apps transfers") {
    const app = heroku.apps.get(name);
    return app === undefined ? NOT_FOUND : { status: 200, body: app.postgres.transfers };
  }
  const found = databaseIn(heroku, name);
  if (found === undefined) return NOT_FOUND;
  const { app, database } = found;
  if (route === "GET databases transfer-schedules") return { status: 200, body: app.postgres.schedules };
  if (route !== "POST databases backups" || body !== "") return NOT_FOUND;
  return captured(heroku, { app, database }, user, call);
}

type Found = { readonly app: App; readonly database: Addon };

/** By its id or its name; nothing is known of one that is still being made, nor of the newer tier. */
function databaseIn({ apps }: Heroku, name: string): Found | undefined {
  for (const app of apps.values()) {
    const database = (app.addons as readonly Addon[]).find((each) => each.id === name || each.name === name);
    if (database?.state === "provisioned" && !database.plan.name.includes(":advanced")) return { app, database };
  }
  return undefined;
}

/** It is called by the database's own name, where it has one beside DATABASE. */
function captured(heroku: Heroku, { app, database }: Found, user: User, call: Call): Reply {
  const own = /^HEROKU_POSTGRESQL_(.*)_URL$/.exec(database.config_vars.at(-1) ?? "")?.[1] ?? "DATABASE";
  heroku.effect(call, user);
  return { status: 201, body: { ...begin(app.postgres, BY_HAND, own) } };
}
