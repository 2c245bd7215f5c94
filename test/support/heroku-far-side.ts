import { randomBytes } from "node:crypto";
import type { Target } from "../../src/domain/catalog.ts";
import { heroku } from "../../src/providers/heroku/index.ts";
import type { FarSide } from "./far-side.ts";
import { freePort } from "./free-port.ts";
import { APP, openHeroku, type TestHeroku } from "./heroku/index.ts";
import { begin, BY_ITSELF, PASSWORD } from "./heroku/postgres.ts";

/** An app on Heroku whose second release runs, as the suite for every provider has it. */
export async function openHerokuFarSide(): Promise<FarSide> {
  return around(await openHeroku());
}

/** The same with a database: what shows of a backup that was asked for is one that has come since, whoever asked for it. */
export async function openHerokuBackupFarSide(): Promise<FarSide> {
  const far = await openHeroku();
  far.hasDatabase();
  begin(far.app.postgres, BY_ITSELF, "DATABASE");
  const side = await around(far);
  return {
    ...side,
    change: { action: "backup", arguments: {} },
    secrets: [...side.secrets, PASSWORD],
    changes: (ending) => far.data.changes(ending),
    isHolding: () => far.data.isHolding() || far.server.isHolding(),
    release() {
      far.data.release();
      far.server.release();
    },
    fails: () => void (far.app.postgres.isFull = true),
  };
}

async function around(far: TestHeroku): Promise<FarSide> {
  for (const slug of ["0e1f2a3b", "4c5d6e7f"]) {
    far.deploys(slug);
    await far.settles();
  }
  const name = `HEROKU_${randomBytes(4).toString("hex").toUpperCase()}`;
  const tokens = { [name]: far.user("daytwo@example.com"), [`${name}_STRANGER`]: "a-token-of-somebody-else" };
  Object.assign(process.env, tokens);
  const nowhere = `http://127.0.0.1:${await freePort()}`;

  function target(other: object = {}): Target {
    const settings = { app: APP, api: far.url, data: far.data.url, token: { env: name }, ...other };
    return { key: "shop/web", service: "shop", name: "web", provider: "heroku", settings };
  }
  return {
    provider: heroku,
    target: target(),
    wrong: {
      nowhere: target({ api: nowhere, data: nowhere }),
      missing: target({ app: "nothing" }),
      stranger: target({ token: { env: `${name}_STRANGER` } }),
      unarmed: target({ token: { env: `${name}_NOTHING` } }),
    },
    change: { action: "rollback", arguments: { release: "v3" } },
    other: { action: "scale", arguments: { sizes: { web: 4 } } },
    nonsense: { action: "scale", arguments: { sizes: { wbe: 3 } }, possible: /2 web, 1 worker/ },
    secrets: Object.values(tokens),
    changes: (ending) => far.server.changes(ending),
    looks: (ending) => far.server.looks(ending),
    isHolding: () => far.server.isHolding(),
    release: () => far.server.release(),
    moves: () => far.scales("worker", 5),
    takesLong: () => far.holdsBack(true),
    finishes: () => far.holdsBack(false),
    fails: () => far.failsPhase("0e1f2a3b"),
    effects: () => far.effects.map(({ token }) => token),
    async close() {
      for (const each of Object.keys(tokens)) delete process.env[each];
      await far.close();
    },
  };
}
