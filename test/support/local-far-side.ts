import type { Target } from "../../src/domain/catalog.ts";
import { local } from "../../src/providers/local/index.ts";
import { NO_APP, openActingSupervisor } from "./acting-supervisor.ts";
import type { FarSide } from "./far-side.ts";
import { freePort } from "./free-port.ts";

/** The supervisor of the local fleet, as the suite for every provider has it. */
export async function openLocalFarSide(): Promise<FarSide> {
  const supervisor = await openActingSupervisor();
  const { url, token, tokenFile, server } = supervisor;
  const nowhere = `http://127.0.0.1:${await freePort()}`;
  const right = { supervisor: url, application: "shop", token: { file: tokenFile } };
  process.env["WRONG_FLEET_TOKEN"] = "a-token-of-somebody-else";

  function target(other: object = {}): Target {
    return { key: "shop/web", service: "shop", name: "web", provider: "local", settings: { ...right, ...other } };
  }
  return {
    provider: local,
    target: target(),
    wrong: {
      nowhere: target({ supervisor: nowhere }),
      missing: target({ application: NO_APP }),
      stranger: target({ token: { env: "WRONG_FLEET_TOKEN" } }),
      unarmed: target({ token: { env: "NO_SUCH_TOKEN" } }),
    },
    change: { action: "scale", arguments: { sizes: { web: 3 } } },
    other: { action: "scale", arguments: { sizes: { web: 4 } } },
    nonsense: { action: "scale", arguments: { sizes: { wbe: 3 } }, possible: /2 web/ },
    secrets: [token, "a-token-of-somebody-else"],
    changes: (ending) => server.changes(ending),
    looks: (ending) => server.looks(ending),
    isHolding: () => server.isHolding(),
    release: () => server.release(),
    moves: () => supervisor.changes("shop", { sizes: { web: 7 } }),
    takesLong: () => supervisor.answers("under way"),
    finishes: () => supervisor.finishes(),
    fails: () => supervisor.answers("fails"),
    effects: () => supervisor.effects.map((effect) => effect.token),
    async close() {
      delete process.env["WRONG_FLEET_TOKEN"];
      await supervisor.close();
    },
  };
}
