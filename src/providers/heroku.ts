import type { Target } from "../domain/catalog.ts";
import { z } from "zod";
import { Expected } from "../errors.ts";
import { look, settings, shaped, type Settings } from "./heroku-api.ts";
import { apply } from "./heroku-apply.ts";
import { judge } from "./heroku-judge.ts";
import { observation } from "./heroku-observe.ts";
import { drawPlan } from "./heroku-plan.ts";
import { aroundOf, coreOf } from "./heroku-see.ts";
import type { Provider, Standing } from "./provider.ts";

/** Apps on Heroku. */
export const heroku: Provider = {
  name: "heroku",
  settings,
  actions: ["scale", "rollback", "restart"],
  about: {
    target: "an app on Heroku",
    does: {
      scale: "sets how many dynos of a process run",
      rollback: "makes a new release that is a copy of an earlier one, config vars included",
      restart: "starts all dynos anew at once",
    },
    cannot: [
      "run tasks",
      "renew certificates",
      "switch maintenance mode",
      "change the size of dynos",
      "see or set autoscaling",
    ],
    keeps: ["the database", "add-ons and what is in them", "number and size of dynos"],
  },
  // Heroku's own router gives up on a request after 30 s.
  settles: 45_000,
  examine,
  async observe(target, signal) {
    const where = settings.parse(target.settings);
    const core = await coreOf(where, signal);
    return observation(target, core, await aroundOf(where, core, signal));
  },
  plan: drawPlan,
  apply,
  async verify(target, plan, { signal }) {
    return judge(await coreOf(settings.parse(target.settings), signal), plan);
  },
};

const account = z.object({ email: z.string() });
const collaborator = z.object({ permissions: z.array(z.object({ name: z.string() })).optional() });

/** What each permission on an app of a team is needed for. */
const PERMISSIONS: Readonly<Record<string, string>> = { operate: "scale and restart", deploy: "rollback" };

async function examine(target: Target, signal: AbortSignal): Promise<Standing> {
  const where = settings.parse(target.settings);
  const { headers } = await look(where, { path: "" }, signal);
  const email = await emailOf(where, signal);
  const scopes = String(headers["oauth-scope"] ?? "global").split(/[\s,]+/);
  const mayWrite = scopes.includes("global") || scopes.includes("write-protected");
  return {
    identity: email ?? "somebody whom Heroku does not name",
    missing: [
      ...(mayWrite ? [] : ["the scope write-protected (for every action)"]),
      ...(email === null ? [] : await permissionsMissing(where, email, signal)),
    ],
  };
}

/** Without the scope identity Heroku does not say it. */
async function emailOf(where: Settings, signal: AbortSignal): Promise<string | null> {
  return sight(async () => shaped(account, await look(where, { path: "/account", root: true }, signal)).email);
}

/** Where Heroku says it at all: an app outside a team knows no permissions. */
async function permissionsMissing(where: Settings, email: string, signal: AbortSignal): Promise<string[]> {
  const path = `/collaborators/${encodeURIComponent(email)}`;
  const { permissions = [] } = (await sight(async () => shaped(collaborator, await look(where, { path }, signal)))) ?? {};
  const names = permissions.map(({ name }) => name);
  if (names.length === 0) return [];
  return Object.entries(PERMISSIONS)
    .filter(([name]) => !names.includes(name))
    .map(([name, what]) => `the permission ${name} on ${where.app} (for ${what})`);
}

async function sight<Found>(work: () => Promise<Found>): Promise<Found | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Expected) return null;
    throw error;
  }
}
