import { randomBytes } from "node:crypto";
import type { Target } from "../../src/domain/catalog.ts";
import { requestIdOf } from "../../src/providers/google/group-see.ts";
import { google } from "../../src/providers/google/index.ts";
import type { FarSide } from "./far-side.ts";
import { freePort } from "./free-port.ts";
import { DATABASE, GROUP, openGoogle, WHERE, type TestGoogle } from "./google/index.ts";
import type { Ending, JsonServer } from "./json-server.ts";

/** A service on Cloud Run whose second revision serves, as the suite for every provider has it. */
export async function openGoogleFarSide(): Promise<FarSide> {
  const far = await openGoogle();
  for (const tag of ["v141", "v142"]) {
    far.deploys(`europe-docker.pkg.dev/acme-shop/shop/web:${tag}`);
    await far.settles();
  }
  const [first] = far.service.revisions;
  return {
    ...(await around(far, far.server, { ...WHERE }, "service")),
    change: { action: "rollback", arguments: { release: first?.name } },
    other: { action: "scale", arguments: { sizes: { instances: 4 } } },
    nonsense: { action: "scale", arguments: { sizes: { wbe: 3 } }, possible: /0 instances/ },
    moves: () => far.scales({ minInstanceCount: 5 }),
    fails: () => void (far.service.isStuck = true),
    effects: () => far.effects.map(({ token }) => token),
  };
}

const STEPS = ["step-0", "step-1"];

/** A managed instance group: what can be compared of it is an update of its instances. */
export async function openGoogleGroupFarSide(): Promise<FarSide> {
  const far = await openGoogle();
  await far.settles();
  return {
    ...(await around(far, far.compute, { ...GROUP }, "group")),
    change: { action: "restart", arguments: {} },
    other: { action: "restart", arguments: {} },
    nonsense: { action: "scale", arguments: { sizes: { wbe: 3 } }, possible: /3 instances/ },
    moves: () => far.declares({ targetSize: 5 }),
    fails: () => far.holdsBack(true),
    effects: () => far.effects.map(({ token }) => STEPS.find((step) => requestIdOf(step) === token) ?? token),
  };
}

/** A Cloud SQL instance: what it knows of a request again is the backup that it came to. */
export async function openGoogleDatabaseFarSide(): Promise<FarSide> {
  const far = await openGoogle();
  return {
    ...(await around(far, far.sql, { ...DATABASE }, "database")),
    change: { action: "backup", arguments: {} },
    other: { action: "backup", arguments: {} },
    nonsense: { action: "rollback", arguments: {}, possible: /There is backup, restart/ },
    moves: () => far.sets({ settings: { tier: "db-custom-4-15360" } }),
    fails: () => void (far.database.trouble = "taken"),
    effects: () => far.effects.map(({ token }) => token),
  };
}

/** The same that is restarted, which carries nothing of ours. */
export async function openGoogleRestartFarSide(): Promise<FarSide> {
  const far = await openGoogleDatabaseFarSide();
  return { ...far, change: { action: "restart", arguments: {} } };
}

/** What is the same for all kinds. `named`: the setting that says what it is called. */
async function around(far: TestGoogle, server: JsonServer, where: object, named: string) {
  const name = `GOOGLE_${randomBytes(4).toString("hex").toUpperCase()}`;
  const key = far.account("daytwo@acme-shop.iam.gserviceaccount.com");
  const stranger = key.replace("daytwo@", "nobody@");
  Object.assign(process.env, { [name]: key, [`${name}_STRANGER`]: stranger });
  const nowhere = `http://127.0.0.1:${await freePort()}`;

  function target(other: object = {}): Target {
    const settings = { ...where, api: server.url, credentials: { env: name }, ...other };
    return { key: "shop/web", service: "shop", name: "web", provider: "google", settings };
  }
  return {
    provider: google,
    target: target(),
    wrong: {
      nowhere: target({ api: nowhere }),
      missing: target({ [named]: "nothing" }),
      stranger: target({ credentials: { env: `${name}_STRANGER` } }),
      unarmed: target({ credentials: { env: `${name}_NOTHING` } }),
    },
    secrets: [(JSON.parse(key) as { private_key: string }).private_key.slice(100, 150), "ya29."],
    changes: (ending: Ending) => server.changes(ending),
    looks: (ending: Ending) => server.looks(ending),
    isHolding: () => server.isHolding(),
    release: () => server.release(),
    takesLong: () => far.holdsBack(true),
    finishes: () => far.holdsBack(false),
    async close() {
      delete process.env[name];
      delete process.env[`${name}_STRANGER`];
      await far.close();
    },
  };
}
