import { expect, test } from "vitest";
import type { Evidence } from "./chaos/evidence.ts";
import type { Call, Effect } from "./chaos/far-side.ts";
import { newHistory } from "./chaos/history.ts";
import { check } from "./chaos/invariants.ts";
import type { Site } from "./chaos/sites.ts";

/** The checker of `npm run chaos` finds what is broken, and nothing where nothing is. */

const TOKEN = "f0e1";
const site: Site = {
  service: "p001",
  application: "p001",
  channel: "#c0",
  profile: { compares: false, knowsTokens: false, works: 1_000 },
  story: true,
  approvals: 1,
};
const effect: Effect = {
  application: "p001",
  token: TOKEN,
  worker: "p-worker1.1",
  arrivedAt: 10_000,
  at: 10_010,
  action: "restart",
  arguments: {},
};
const ask: Call = {
  application: "p001",
  worker: "p-worker1.1",
  at: 10_000,
  settledAt: 10_000,
  kind: "ask",
  token: TOKEN,
  answer: "taken",
};

/** One operation that Ana asked for and Ben approved, sent once and done; changed as a test wants it. */
function evidence(changed: Partial<Evidence> = {}): Evidence {
  const history = newHistory();
  history.deeds.push({
    at: 8_000,
    account: "U0BEN",
    kind: "approve",
    service: "p001",
    operation: 1,
    sawHash: "aa",
    acked: true,
  });
  return {
    name: "postgres",
    workspace: "http://127.0.0.1/",
    sites: new Map([["p001", site]]),
    history,
    effects: [effect],
    calls: [ask],
    operations: [
      {
        id: 1,
        service: "p001",
        state: "succeeded",
        requestedBy: "ana",
        requestedAt: 5_000,
        planHash: "aa",
        startedAt: 9_000,
        expiresAt: 60_000,
        finished: true,
        step: "done",
        token: TOKEN,
        attempt: 1,
      },
    ],
    events: [
      { id: 1, kind: "operation.started", operation: 1, committed: 9_000 },
      { id: 2, kind: "operation.succeeded", operation: 1, committed: 12_000 },
    ],
    approvals: [{ operation: 1, account: "U0BEN", verdict: "approved", planHash: "aa", committed: 8_000 }],
    postings: [],
    digests: [],
    record: null,
    leaks: [],
    endings: [],
    memory: 0,
    connections: 0,
    ...changed,
  };
}

function broken(changed: Partial<Evidence>): string[] {
  return [...new Set(check(evidence(changed), "at any time").map(({ invariant }) => invariant))];
}

test("nothing is broken where everything went well", () => {
  expect(broken({})).toEqual([]);
});

test("an effect that comes twice breaks I2", () => {
  expect(broken({ effects: [effect, { ...effect, at: 11_000 }] })).toEqual(["I2 AT-MOST-ONE-EFFECT"]);
});

const again: Call = { ...ask, at: 60_000, settledAt: 60_000 };
const late: Call = { ...ask, settledAt: 40_000, answer: null };
const started = { kind: "operation.started", operation: 1 };
const events = [
  { ...started, id: 1, committed: 9_000 },
  { ...started, id: 2, committed: 59_000 },
];

test("sending again without a look breaks I3", () => {
  expect(broken({ calls: [late, again], events })).toEqual(["I3 NO-SILENT-RETRY"]);
});

test("so does a look while the request may still arrive", () => {
  const look: Call = { ...ask, kind: "find", at: 39_000 };
  expect(broken({ calls: [late, look, again], events })).toEqual(["I3 NO-SILENT-RETRY"]);
  expect(broken({ calls: [late, { ...look, at: 45_000 }, again], events })).toEqual([]);
});

test("an approval too few, another plan's, or that of somebody who lost the role breaks I5", () => {
  const broke = ["I5 AUTHZ-AT-USE"];
  expect(broken({ approvals: [] })).toEqual(broke);
  const other = evidence();
  other.history.deeds.splice(0, 1, { ...other.history.deeds[0]!, sawHash: "bb" });
  expect(broken({ history: other.history })).toEqual(broke);
  const lost = evidence();
  lost.history.revoked.push({ workspace: lost.workspace, person: "ben", from: -5_000, until: 20_000 });
  expect(broken({ history: lost.history })).toEqual(broke);
});

test("an intent that the log hears of after the first byte breaks I6", () => {
  expect(broken({ events: [{ ...started, id: 1, committed: 10_400 }] })).toEqual(["I6 AUDIT-BEFORE-EFFECT"]);
});
