import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../src/app.ts";
import type { Caller } from "../src/caller.ts";
import { importText } from "../src/in-force/import.ts";
import type { Actor } from "../src/domain/actor.ts";
import { Conflict, Denied } from "../src/errors.ts";
import * as operations from "../src/operations.ts";
import { planned } from "../src/operations/planning.ts";
import { saveAccount } from "../src/store/accounts.ts";
import { operationById } from "../src/store/operations.ts";
import { decisionsOf } from "../src/store/approvals.ts";
import { openAppAlone } from "./support/app-alone.ts";
import { cloneDatabase, type TestDatabase } from "./support/database.ts";
import { often } from "./support/often.ts";
import { openSlack, type Slack } from "./support/slack.ts";
import { PLAN } from "./views.values.ts";

/** Eight people press at the same moment, again and again, through the doors and on PostgreSQL: one decides, the others hear who. */

const ROUNDS = often(1_000);
const LANES = 3; // services on which rounds go on at the same time: whoever waits five seconds for one of the sixteen connections gives up
const DECIDERS = ["ben", "cleo", "dana", "emil", "fay", "gil", "hana"];

const CATALOG = `
people:
  ana: { name: Ana, slack: [U0ANA, U0ANATWO], role: approver }
${DECIDERS.map((key) => `  ${key}: { name: ${key}, slack: U0${key.toUpperCase()}, role: approver }`).join("\n")}
services:
${Array.from(
  { length: LANES },
  (_, lane) => `  shop-${lane}:
    targets: { web: { provider: local, supervisor: "http://127.0.0.1:9", application: shop, token: { env: NONE } } }
    checks: { ownership: off }`,
).join("\n")}
`;

let slack: Slack;
let database: TestDatabase;
let app: App;

beforeAll(async () => {
  slack = await openSlack();
  database = await cloneDatabase();
  app = await openAppAlone(database.url, slack);
  await importText(app, "daytwo.yaml", CATALOG);
  await app.followCatalog();
  const team = "T0LOCAL";
  for (const { account, name } of [as("ana"), ...DECIDERS.map((key) => as(key))])
    await saveAccount(app.db, {
      team,
      account,
      kind: "member",
      name,
      zone: "Asia/Tokyo",
      away: null,
      awayUntil: null,
      fetchedAt: app.now(),
    });
});
afterAll(async () => {
  await app.close();
  await slack.close();
  await database.drop();
});

function as(key: string, account = `U0${key.toUpperCase()}`): Actor {
  const name = app.inForce().catalog.people[key]?.name ?? key;
  return { person: key, account, team: "T0LOCAL", kind: "member", role: "approver", services: {}, name };
}

function pressing(actor: Actor): Caller {
  return { actor, surface: "button", request: null };
}

type Press = { readonly actor: Actor; readonly verdict: "approved" | "denied" };
type Outcome = { readonly press: Press; readonly error: unknown };

function press(id: number, { actor, verdict }: Press, planHash: string | null): Promise<void> {
  if (verdict === "denied") return operations.deny(app, pressing(actor), id, "not now");
  return operations.approve(app, pressing(actor), id, { seenHash: planHash, typed: null });
}

/** A request that waits for its approval. */
async function ask(lane: number): Promise<number> {
  const service = `shop-${lane}`;
  const asked = { action: "rollback", service, arguments: { release: "v141" }, item: null } as const;
  const { id } = await operations.request(app, pressing(as("ana")), asked);
  await planned(app, id, { ...PLAN, target: `${service}/web` }, app.inForce().version);
  return id;
}

/** Eight press at once: seven who may, in another order each round, and the second account of whoever asked. */
async function round(lane: number, turn: number): Promise<number> {
  const id = await ask(lane);
  const { planHash } = (await operationById(app.db, id)) ?? { planHash: null };
  const people = DECIDERS.map((_, index) => DECIDERS[(index + turn) % DECIDERS.length] ?? "ben");
  const presses: Press[] = [
    { actor: as("ana", "U0ANATWO"), verdict: "approved" },
    ...people.map((key, index): Press => ({ actor: as(key), verdict: index % 3 === 2 ? "denied" : "approved" })),
  ];
  const outcomes = await Promise.all(
    presses.map((each) =>
      press(id, each, planHash).then(
        (): Outcome => ({ press: each, error: null }),
        (error: unknown): Outcome => ({ press: each, error }),
      ),
    ),
  );
  await judge(id, outcomes);
  // Whoever asked makes room for the next round; a denied one is over already.
  await operations.cancel(app, pressing(as("ana")), id).catch(() => undefined);
  return 1;
}

async function judge(id: number, [own, ...others]: readonly Outcome[]): Promise<void> {
  const [winner, ...more] = others.filter(({ error }) => error === null);
  if (winner === undefined || more.length > 0)
    throw new AggregateError(
      others.map(({ error }) => error),
      `op-${id} was decided ${winner === undefined ? 0 : more.length + 1} times`,
    );
  const { actor, verdict } = winner.press;
  const made = await decisionsOf(app.db, id);
  expect(made.map((each) => [each.person, each.verdict])).toEqual([[actor.person, verdict]]);
  expect((await operationById(app.db, id))?.state).toBe(verdict === "approved" ? "queued" : "denied");
  expect(own?.error).toBeInstanceOf(Denied);
  const told = others.flatMap(({ error }) => (error === null ? [] : [error]));
  expect(told.filter((error) => !(error instanceof Conflict))).toEqual([]);
  const tokyo = new Date((made[0]?.at.getTime() ?? 0) + 9 * 3_600_000).toISOString().slice(11, 16);
  expect(new Set(told.map((error) => (error as Conflict).message))).toEqual(
    new Set([`${actor.name} ${verdict} op-${id} at ${tokyo}.`]),
  );
}

test("of eight who press at once one decides, and the seven others hear who it was and when", async () => {
  const lanes = Array.from({ length: LANES }, async (_, lane) => {
    let played = 0;
    for (let turn = lane; turn < ROUNDS; turn += LANES) played += await round(lane, turn);
    return played;
  });
  const played = await Promise.all(lanes);
  expect(played.reduce((sum, each) => sum + each, 0)).toBe(ROUNDS);
}, 600_000);
