import { randomBytes } from "node:crypto";
import type { Target } from "../../src/domain/catalog.ts";
import { cloud66 } from "../../src/providers/cloud66/index.ts";
import { commit, openCloud66, STACK, type TestCloud66 } from "./cloud66/index.ts";
import type { FarSide } from "./far-side.ts";
import { freePort } from "./free-port.ts";

/** A stack on Cloud 66 whose second commit runs, as the suite for every provider has it; or as `of` makes it. */
export async function openCloud66FarSide(of: (far: TestCloud66) => Partial<FarSide> = () => ({})): Promise<FarSide> {
  const far = await openCloud66();
  for (const start of ["0e1f2a3", "4c5d6e7"]) await far.deploys(commit(start));
  const name = `CLOUD66_${randomBytes(4).toString("hex").toUpperCase()}`;
  const tokens = { [name]: far.user("daytwo@example.com"), [`${name}_STRANGER`]: "a-token-of-somebody-else" };
  Object.assign(process.env, tokens);
  const nowhere = `http://127.0.0.1:${await freePort()}`;

  function target(other: object = {}): Target {
    const settings = { stack: STACK, api: far.url, log: far.log.url, token: { env: name }, ...other };
    return { key: "shop/web", service: "shop", name: "web", provider: "cloud66", settings };
  }
  return {
    provider: cloud66,
    target: target(),
    wrong: {
      nowhere: target({ api: nowhere }),
      missing: target({ stack: "0".repeat(32) }),
      stranger: target({ token: { env: `${name}_STRANGER` } }),
      unarmed: target({ token: { env: `${name}_NOTHING` } }),
    },
    change: { action: "rollback", arguments: { release: "0e1f2a3" } },
    other: { action: "scale", arguments: { sizes: { worker: 4 } } },
    nonsense: { action: "scale", arguments: { sizes: { wrker: 3 } }, possible: /1 scheduler, 2 worker/ },
    secrets: [...Object.values(tokens), "a-secret-of-the-hook"],
    changes: (ending) => far.server.changes(ending),
    looks: (ending) => far.server.looks(ending),
    isHolding: () => far.server.isHolding(),
    release: () => far.server.release(),
    moves: () => void far.stack.processes.set("worker", { Caribou: 5 }),
    takesLong: () => far.holdsBack(true),
    finishes: () => far.holdsBack(false),
    fails() {
      far.stack.failing.add(commit("0e1f2a3"));
      far.stack.isJammed = true;
    },
    effects: () => far.effects.map(({ token }) => token),
    async close() {
      for (const each of Object.keys(tokens)) delete process.env[each];
      await far.close();
    },
    ...of(far),
  };
}

/** The same of containers, one of which goes back to an earlier image. */
export function openCloud66ImagesFarSide(): Promise<FarSide> {
  return openCloud66FarSide((far) => {
    far.isOf("kubernetes", { web: 2, worker: 1 }, { web: "v2", worker: "v2" });
    for (const tag of ["v1", "v2"]) far.stack.commits.add(`web:${tag}`);
    return {
      change: { action: "rollback", arguments: { release: "web:v1" } },
      nonsense: { action: "rollback", arguments: { release: "wbe:v1" }, possible: /now web:v2\+worker:v2/ },
      moves() {
        for (const each of far.stack.services) each.desired_count += 1;
      },
      fails: () => void far.stack.failing.add("web:v1"),
    };
  });
}

/** The same, whose maintenance mode is turned on. */
export function openCloud66MaintenanceFarSide(): Promise<FarSide> {
  return openCloud66FarSide(() => ({ change: { action: "maintenance", arguments: { maintenance: "on" } } }));
}
