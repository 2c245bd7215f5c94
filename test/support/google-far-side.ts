import { randomBytes } from "node:crypto";
import type { Target } from "../../src/domain/catalog.ts";
import { google } from "../../src/providers/google.ts";
import type { FarSide } from "./conformance.ts";
import { freePort } from "./free-port.ts";
import { openGoogle, WHERE } from "./google/index.ts";

/** A service on Cloud Run whose second revision serves, as the suite for every provider has it. */
export async function openGoogleFarSide(): Promise<FarSide> {
  const far = await openGoogle();
  for (const image of [
    "europe-docker.pkg.dev/acme-shop/shop/web:v141",
    "europe-docker.pkg.dev/acme-shop/shop/web:v142",
  ]) {
    far.deploys(image);
    await far.settles();
  }
  const [first] = far.service.revisions;
  const name = `GOOGLE_${randomBytes(4).toString("hex").toUpperCase()}`;
  const key = far.account("daytwo@acme-shop.iam.gserviceaccount.com");
  const stranger = key.replace("daytwo@", "nobody@");
  Object.assign(process.env, { [name]: key, [`${name}_STRANGER`]: stranger });
  const nowhere = `http://127.0.0.1:${await freePort()}`;

  function target(other: object = {}): Target {
    const settings = { ...WHERE, api: far.server.url, credentials: { env: name }, ...other };
    return { key: "shop/web", service: "shop", name: "web", provider: "google", settings };
  }
  return {
    provider: google,
    target: target(),
    wrong: {
      nowhere: target({ api: nowhere }),
      missing: target({ service: "nothing" }),
      stranger: target({ credentials: { env: `${name}_STRANGER` } }),
      unarmed: target({ credentials: { env: `${name}_NOTHING` } }),
    },
    change: { action: "rollback", arguments: { release: first?.name } },
    other: { action: "scale", arguments: { sizes: { instances: 4 } } },
    nonsense: { action: "scale", arguments: { sizes: { wbe: 3 } }, possible: /0 instances/ },
    secrets: [(JSON.parse(key) as { private_key: string }).private_key.slice(100, 150), "ya29."],
    changes: (ending) => far.server.changes(ending),
    looks: (ending) => far.server.looks(ending),
    isHolding: () => far.server.isHolding(),
    release: () => far.server.release(),
    moves: () => far.scales({ minInstanceCount: 5 }),
    takesLong: () => far.holdsBack(true),
    finishes: () => far.holdsBack(false),
    fails: () => void (far.service.isStuck = true),
    effects: () => far.effects.map(({ token }) => token),
    async close() {
      delete process.env[name];
      delete process.env[`${name}_STRANGER`];
      await far.close();
    },
  };
}
