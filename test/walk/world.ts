import type { Pool } from "pg";
import type { Role } from "../../src/domain/role.ts";
import { openActingSupervisor, type ActingSupervisor } from "../support/acting-supervisor.ts";
import { startBot, type Pair, type TestBot } from "../support/bot.ts";
import { openFolders, type TestFolder } from "../support/folder.ts";
import { SEED, type Actor } from "../support/slack.ts";
import { openPool } from "../support/pool.ts";

/** A small company in which much happens at once: the bot, its people with their roles, and what it watches. */

export type Who = { readonly name: string; readonly account: string; readonly person: string | null };

export const PERSONS = {
  ana: { name: "Ana", slack: ["U0ANA", "U0TOO"], teams: ["web"], role: "operator", services: {} },
  ben: { name: "Ben", slack: ["U0BEN"], teams: [], role: "approver", services: { blog: "reader" } },
  cal: { name: "Cal", slack: ["U0CAL"], teams: [], role: "admin", services: {} },
  rae: { name: "Rae", slack: ["U0RAE"], teams: [], role: "reader", services: { blog: "operator" } },
} as const satisfies Record<string, Person>;
type Person = {
  readonly name: string;
  readonly slack: readonly string[];
  readonly teams: readonly string[];
  readonly role: Role;
  readonly services: Readonly<Record<string, Role>>;
};
export type PersonKey = keyof typeof PERSONS;

export const SERVICES = {
  shop: { owner: "nobody", checks: ["logs", "dumps", "mail"] },
  blog: { owner: "team-web", checks: ["pages", "posts"] },
  jobs: { owner: "ben", checks: ["queue"] },
} as const;
/** So that there is something to do from the beginning. */
const ILL: ReadonlySet<string> = new Set(["logs", "pages", "queue"]);
export type ServiceKey = keyof typeof SERVICES;

/** What it destroys is gone, so that whoever approves it types where. */
const TASKS = { wipe: { command: ["bin/wipe", "--all"], risk: "destructive", for: "disk-and-logs" } };

const FREEZE = "{ name: Sale, when: { service: blog }, from: mon 20:00, until: wed 20:00, zone: UTC }";

/** What the catalog says at the moment: who is in it, and what. */
export type Declared = { readonly people: readonly PersonKey[]; readonly services: readonly ServiceKey[] };

const MEMBERS = [
  { id: "U0TOO", name: "ana2" },
  { id: "U0CAL", name: "cal" },
  { id: "U0UMA", name: "uma" },
].map((one) => ({ ...one, realName: one.name, kind: "member" as const, tz: "UTC", tagline: "" }));

const EVERYBODY = [...SEED.people, ...MEMBERS];

export type Walk = {
  readonly pair: Pair;
  readonly supervisor: ActingSupervisor;
  readonly folders: TestFolder;
  readonly pool: Pool;
  /** Of whole numbers below `count`. */
  random(count: number): number;
  pick<Thing>(of: readonly Thing[]): Thing;
  bot(): TestBot;
  restarts(): Promise<void>;
  declared(): Declared;
  declares(next: Declared): Promise<void>;
  as(name: string): Actor;
  /** Everybody in the workspace, also who is not in the catalog. */
  readonly people: readonly Who[];
  close(): Promise<void>;
};

export async function openWalk(pair: Pair, seed: number): Promise<Walk> {
  const random = randomFrom(seed);
  const folders = await openFolders();
  const all = Object.values(SERVICES).flatMap((service) => [...service.checks]);
  await Promise.all(all.map((name) => folders.holds(name, ILL.has(name) ? 2_000 : 10)));
  const supervisor = await openActingSupervisor();
  let declared: Declared = {
    people: Object.keys(PERSONS) as PersonKey[],
    services: Object.keys(SERVICES) as ServiceKey[],
  };
  let bot = await startBot(pair, {
    catalog: catalogOf(declared, folders, supervisor),
    start: new Date("2036-11-24T08:00:00Z"),
    slack: { seed: { people: EVERYBODY } },
  });
  const pool = openPool(bot.database, { options: "-c search_path=daytwo -c timezone=UTC" });
  return {
    pair,
    supervisor,
    folders,
    pool,
    random,
    pick: (of) => of[random(of.length)] as (typeof of)[number],
    bot: () => bot,
    async restarts() {
      await bot.stop();
      bot = await startBot(pair, { beside: bot });
    },
    declared: () => declared,
    async declares(next) {
      if (JSON.stringify(next) === JSON.stringify(declared)) return;
      declared = next;
      await bot.follows(catalogOf(next, folders, supervisor));
    },
    as: (name) => bot.slack.as(EVERYBODY.find((one) => one.name === name)?.id ?? name),
    people: EVERYBODY.map(({ id, name }) => ({ name, account: id, person: personOf(id) })),
    async close() {
      await pool.end();
      await bot.close();
      await supervisor.close();
      await folders.close();
    },
  };
}

function personOf(account: string): string | null {
  const found = Object.entries(PERSONS).find(([, { slack }]) => (slack as readonly string[]).includes(account));
  return found?.[0] ?? null;
}

function catalogOf(declared: Declared, folders: TestFolder, supervisor: ActingSupervisor): string {
  const people = declared.people.map((key) => {
    const { name, slack, teams, role, services } = PERSONS[key];
    return `  ${key}: ${JSON.stringify({ name, slack, teams, role, services: only(services, declared.services) })}`;
  });
  const services = declared.services.map((key) => {
    const { owner, checks } = SERVICES[key];
    const known = owner === "nobody" || owner.startsWith("team-") || declared.people.some((each) => each === owner);
    const sizes = checks.map((name) => ({
      name,
      path: folders.path(name),
      warning: 1_000,
      critical: 4_000,
      every: "10m",
      successes: 1,
    }));
    return `  ${key}:
    owner: ${known ? owner : "nobody"}
    channel: "#shop"
    targets: { web: ${supervisor.target(key)} }
    tasks: ${JSON.stringify(key === "shop" ? TASKS : {})}
    checks: { ownership: off, folder-size: ${JSON.stringify(sizes)} }`;
  });
  return `
people:
${people.join("\n")}
teams: { web: { name: Web team, slack_group: S0WEB } }
digest: { at: "09:00", zone: UTC, days: mon-sun }
policies:
  - { cooldown_up: 0s, cooldown_down: 0s, approvals: 0 }
  - { when: { action: rollback }, approvals: 1, expires_after: 40m }
  - { when: { action: restart }, approvals: 2, expires_after: 40m }
  - { when: { action: run }, approvals: 1, expires_after: 40m }
freezes: [${declared.services.includes("blog") ? FREEZE : ""}]
services:
${services.join("\n")}
`;
}

export function only<Value>(of: Readonly<Record<string, Value>>, keys: readonly string[]): Record<string, Value> {
  return Object.fromEntries(Object.entries(of).filter(([key]) => keys.includes(key)));
}

/** The same numbers for the same seed (mulberry32). */
function randomFrom(seed: number): (count: number) => number {
  let state = seed >>> 0;
  return (count) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % count;
  };
}
