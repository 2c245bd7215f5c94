import { afterAll, beforeAll, expect, test } from "vitest";
import { openKeptSessions } from "../src/checks/kept-sessions.ts";
import { operate } from "../jobs/operate.ts";
import type { App } from "../src/app.ts";
import type { Caller } from "../src/caller.ts";
import { importText } from "../src/in-force/import.ts";
import { keepObservation } from "../src/observing.ts";
import type { Plan } from "../src/domain/action.ts";
import type { Observation } from "../src/domain/observation.ts";
import * as operations from "../src/operations.ts";
import { handOver } from "../src/on-call/handing-over.ts";
import { planned } from "../src/operations/planning.ts";
import { operationById } from "../src/store/operations.ts";
import { observationsOf } from "../src/store/observations.ts";
import { takeOwed } from "../src/store/outbox.ts";
import { insertStandin } from "../src/store/standins.ts";
import { turns } from "../src/store/rotation-turns.ts";
import { openAppAlone } from "./support/app-alone.ts";
import { cloneDatabase, type TestDatabase } from "./support/database.ts";
import { openSlack, type Slack } from "./support/slack.ts";
import { PLAN } from "./views.values.ts";

/** Of two processes one has not heard yet what the catalog says now: whichever gets an operation does it by that. */

const TARGET = `{ provider: local, supervisor: "http://127.0.0.1:9", application: shop, token: { env: NONE } }`;

let slack: Slack;
let database: TestDatabase;
let ahead: App;
let behind: App;

beforeAll(async () => {
  slack = await openSlack();
  database = await cloneDatabase();
  [ahead, behind] = [await openAppAlone(database.url, slack), await openAppAlone(database.url, slack)];
});
afterAll(async () => {
  await Promise.all([ahead.close(), behind.close()]);
  await slack.close();
  await database.drop();
});

/** The catalog as only one of them knows it. */
async function says(role: string, services: readonly string[]): Promise<void> {
  const lines = services.map((key) => `  ${key}: { targets: { web: ${TARGET} }, checks: { ownership: off } }`);
  const text = `people: { ana: { slack: U0ANA, role: ${role} } }
policies: [{ when: { action: restart }, approvals: 0 }]
services:
${lines.join("\n")}
`;
  await importText(ahead, "daytwo.yaml", text);
}

const RESTART: Plan = { ...PLAN, action: "restart", arguments: {}, target: "shop/web", risk: "low" };

/** Ana asks the one for it; the other gets it. How it ended. */
async function asks(service: string, between: (id: number) => Promise<void>): Promise<string | null | undefined> {
  const id = await asked(service);
  await between(id);
  await operate(behind, id, new AbortController().signal, openKeptSessions());
  return (await operationById(ahead.db, id))?.outcome;
}

async function asked(service: string): Promise<number> {
  const ana: Caller["actor"] = {
    person: "ana",
    account: "U0ANA",
    team: "T0LOCAL",
    kind: "member",
    role: "operator",
    services: {},
    name: "Ana",
  };
  const caller = { actor: ana, surface: "button", request: null } as const;
  const { id } = await operations.request(ahead, caller, { action: "restart", service, arguments: {}, item: null });
  return id;
}

test("a service that was added just now is there for both", async () => {
  await says("operator", ["shop"]);
  await behind.followCatalog();
  await says("operator", ["shop", "till"]);
  const outcome = await asks("till", async () => undefined);
  expect(outcome).not.toContain("no longer in the catalog");
});

test("a role that was taken away just now is gone for both", async () => {
  await says("operator", ["shop"]);
  await behind.followCatalog();
  const outcome = await asks("shop", async (id) => {
    await planned(ahead, id, RESTART, ahead.inForce().version);
    await says("reader", ["shop"]);
  });
  expect(outcome).toBe("ana no longer has the role to ask for it");
});

test("what was drawn while the catalog changed is drawn again: it may be of another place", async () => {
  await says("operator", ["shop"]);
  const id = await asked("shop");
  const { version } = ahead.inForce();
  await says("operator", ["shop", "till"]);
  await takeOwed(ahead.db, 100);
  await planned(ahead, id, RESTART, version);
  expect(await operationById(ahead.db, id)).toMatchObject({ state: "planning", plan: null });
  expect(await takeOwed(ahead.db, 100)).toMatchObject([{ queue: "operations", subject: id }]);
  await planned(ahead, id, RESTART, ahead.inForce().version);
  expect(await operationById(ahead.db, id)).toMatchObject({ state: "queued", catalogVersion: ahead.inForce().version });
});

test("what was seen of a target is not kept as what the catalog calls by its name by now", async () => {
  await says("operator", ["shop"]);
  const target = ahead.inForce().catalog.services["shop"]?.targets[0];
  if (target === undefined) throw new Error("no target");
  const settings = target.settings as object;
  const looked = { target: target.key, observedAt: ahead.now().toISOString(), version: "1", release: "v1" };
  const seen: Observation = { ...looked, health: "ok", releases: [], sizes: [], certificates: [], facts: {} };
  await keepObservation(ahead, { ...target, settings: { ...settings, application: "till" } }, seen);
  expect(await observationsOf(ahead.db, [target.key])).toEqual([]);
  await keepObservation(ahead, { ...target, settings: { ...settings, token: { env: "OTHER" } } }, seen);
  expect(await observationsOf(ahead.db, [target.key])).toMatchObject([{ body: { release: "v1" } }]);
});

test("who is on call by a word that only one of them has heard, or by its clock alone, is so for both", async () => {
  const text = `people: { ana: { slack: U0ANA }, ben: { slack: U0BEN } }
rotations: { web: { members: [ana, ben] } }
services: {}
`;
  await importText(ahead, "daytwo.yaml", text);
  await behind.followCatalog();
  await handOver(ahead);
  const [first] = await turns(ahead.db);
  const person = first?.person === "ana" ? "ben" : "ana";
  const [startsAt, endsAt] = [ahead.now(), new Date(ahead.now().getTime() + 3_600_000)];
  const cover = { kind: "cover", rotation: "web", person, covering: null, startsAt, endsAt, madeBy: person } as const;
  await insertStandin(ahead.db, cover, startsAt);
  await ahead.followCatalog();
  await handOver(ahead);
  await handOver(behind);
  await handOver({ ...behind, now: () => new Date(startsAt.getTime() - 5_000) });
  expect(await turns(ahead.db)).toMatchObject([{ rotation: "web", person }]);
  const { rows } = await ahead.db.query("select id from events where kind = 'rotation.handed_over'");
  expect(rows).toHaveLength(1);
});
