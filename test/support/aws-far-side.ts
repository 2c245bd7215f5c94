import { randomBytes } from "node:crypto";
import type { Target } from "../../src/domain/catalog.ts";
import { aws } from "../../src/providers/aws/index.ts";
import { openAws, type TestAws } from "./aws/index.ts";
import { CLUSTER, REGION } from "./aws/service.ts";
import type { FarSide } from "./far-side.ts";
import { freePort } from "./free-port.ts";
import type { Ending } from "./json-server.ts";

/** A service on ECS, as the suite for every provider has it. */
export async function openAwsFarSide(): Promise<FarSide> {
  const account = await openAws();
  const service = await account.runs("shop-web", { breaker: { after: 2, rollback: false } });
  account.deploys("shop-web", 141);
  await account.settles();
  return {
    ...(await around(account, { service: "shop-web", cluster: CLUSTER }, { service: "nothing" })),
    change: { action: "rollback", arguments: { release: "shop-web:140" } },
    other: { action: "scale", arguments: { sizes: { web: 4 } } },
    nonsense: { action: "scale", arguments: { sizes: { wbe: 3 } }, possible: /2 web/ },
    moves: () => void (service.wanted = 7),
    fails: () => account.crashes("shop-web:140"),
  };
}

/** An Auto Scaling group that a refresh brought from one version of its launch template to the next. */
export async function openAwsGroupFarSide(): Promise<FarSide> {
  const account = await openAws();
  const group = await account.groups("shop-workers", { version: "11" });
  for (const version of ["11", "12"]) {
    account.refreshes("shop-workers", version);
    await account.settles();
  }
  return {
    ...(await around(account, { group: "shop-workers" }, { group: "nothing" })),
    change: { action: "rollback", arguments: { release: "shop-workers:11" } },
    other: { action: "scale", arguments: { sizes: { web: 4 } } },
    nonsense: { action: "scale", arguments: { sizes: { wbe: 3 } }, possible: /2 web/ },
    moves: () => void (group.wanted = 3),
    fails: () => void group.broken.add("11"),
  };
}

/** An instance of RDS. */
export async function openAwsDatabaseFarSide(): Promise<FarSide> {
  const account = await openAws();
  const database = account.database("shop-db");
  return {
    ...(await around(account, { database: "shop-db" }, { database: "nothing" })),
    change: { action: "backup", arguments: {} },
    other: { action: "scale", arguments: { sizes: { storage: 200 } } },
    nonsense: { action: "scale", arguments: { sizes: { wbe: 300 } }, possible: /100 storage/ },
    moves: () => void (database.storage = 150),
    fails: () => void (database.isBroken = true),
  };
}

/** An instance of RDS that has maintenance pending. */
export async function openAwsUpdateFarSide(): Promise<FarSide> {
  const account = await openAws();
  const database = account.database("shop-db", { maintenance: [{ action: "system-update" }] });
  return {
    ...(await around(account, { database: "shop-db" }, { database: "nothing" })),
    change: { action: "patch", arguments: {} },
    other: { action: "scale", arguments: { sizes: { storage: 200 } } },
    nonsense: { action: "patch", arguments: { update: "os-update" }, possible: /system-update/ },
    moves: () => void database.maintenance.push({ action: "db-upgrade" }),
    fails: () => void (database.isBroken = true),
  };
}

/** What is the same for all kinds. `named`: the settings that say what it is; `missing`: what there is not. */
async function around(account: TestAws, named: object, missing: Record<string, string>) {
  const { id, secret } = account.user("daytwo");
  const nowhere = `http://127.0.0.1:${await freePort()}`;
  const name = `AWS_${randomBytes(4).toString("hex").toUpperCase()}`;
  const stranger = "a-secret-of-somebody-else";
  const variables = { [`${name}_ID`]: id, [`${name}_SECRET`]: secret, [`${name}_STRANGER`]: stranger };
  Object.assign(process.env, variables);

  function target({ secret_key = "SECRET", ...other }: Record<string, string> = {}): Target {
    const keys = { access_key: { env: `${name}_ID` }, secret_key: { env: `${name}_${secret_key}` } };
    const place = { ...named, region: REGION, endpoint: account.server.url };
    return {
      key: "shop/web",
      service: "shop",
      name: "web",
      provider: "aws",
      settings: { ...place, ...keys, ...other },
    };
  }
  return {
    provider: aws,
    target: target(),
    wrong: {
      nowhere: target({ endpoint: nowhere }),
      missing: target(missing),
      stranger: target({ secret_key: "STRANGER" }),
      unarmed: target({ secret_key: "UNARMED" }),
    },
    secrets: [secret, stranger],
    changes: (ending: Ending) => account.server.changes(ending),
    looks: (ending: Ending) => account.server.looks(ending),
    isHolding: () => account.server.isHolding(),
    release: () => account.server.release(),
    takesLong: () => account.holdsBack(true),
    finishes: () => account.holdsBack(false),
    effects: () => account.effects.map(({ token }) => token),
    async close() {
      for (const each of Object.keys(variables)) delete process.env[each];
      await account.close();
    },
  };
}
