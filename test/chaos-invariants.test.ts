import { describe, expect, test } from "vitest";
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

const started = { kind: "operation.started", operation: 1, step: null, back: false };

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
        planned: 1,
        steps: [{ seq: 1, undoes: null, state: "done", token: TOKEN }],
      },
    ],
    events: [
      { ...started, id: 1, committed: 9_000 },
      { ...started, id: 2, kind: "operation.succeeded", committed: 12_000 },
    ],
    approvals: [{ operation: 1, account: "U0BEN", verdict: "approved", planHash: "aa", committed: 8_000 }],
    postings: [],
    digests: [],
    record: null,
    leaks: [],
    endings: [],
    memory: 0,
    talk: { id: "worker1.1", bytes: 0, lastWords: "" },
    connections: 0,
    ...changed,
  };
}

function broken(changed: Partial<Evidence>, when: Parameters<typeof check>[1] = "at any time"): string[] {
  return [...new Set(check(evidence(changed), when).map(({ invariant }) => invariant))];
}

test("nothing is broken where everything went well", () => {
  expect(broken({})).toEqual([]);
});

test("an effect that comes twice breaks I2", () => {
  expect(broken({ effects: [effect, { ...effect, at: 11_000 }] })).toEqual(["I2 AT-MOST-ONE-EFFECT"]);
});

const again: Call = { ...ask, at: 60_000, settledAt: 60_000 };
const late: Call = { ...ask, settledAt: 40_000, answer: null };
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

test("a process that writes without end, or holds too much, breaks I12", () => {
  const broke = ["I12 BOUNDED"];
  const talk = { id: "worker1.1", bytes: 600 * 2 ** 20, lastWords: "and again" };
  expect(broken({ talk }, "at rest")).toEqual(broke);
  expect(broken({ memory: 2 ** 30 }, "at rest")).toEqual(broke);
  expect(broken({}, "at rest")).toEqual([]);
});

describe("an operation of two steps", () => {
  const second: Effect = { ...effect, token: "f0e2", arrivedAt: 20_000, at: 20_010, action: "scale" };
  const [operation] = evidence().operations;
  const operations = [
    {
      ...operation!,
      planned: 2,
      steps: [
        { seq: 1, undoes: null, state: "done", token: TOKEN },
        { seq: 2, undoes: null, state: "done", token: second.token },
      ],
    },
  ];
  const inTurn = {
    operations,
    effects: [effect, second],
    calls: [ask, { ...ask, at: 20_000, settledAt: 20_000, token: second.token }],
    events: [
      { ...started, id: 1, step: 1, committed: 9_000 },
      { ...started, id: 2, step: 1, kind: "operation.step_done", committed: 18_000 },
      { ...started, id: 3, step: 2, committed: 19_000 },
      { ...started, id: 4, step: 2, kind: "operation.step_done", committed: 22_000 },
    ],
  };

  test("in its turn breaks nothing", () => {
    expect(check(evidence(inTurn), "at any time")).toEqual([]);
  });

  test("whose second step takes effect before the first is done breaks I10", () => {
    const events = inTurn.events.map((event) => (event.id === 2 ? { ...event, committed: 21_000 } : event));
    expect(broken({ ...inTurn, events })).toEqual(["I10 PER-TARGET-ORDER"]);
  });

  test("whose second step was sent before its own intent breaks I6", () => {
    const events = inTurn.events.map((event) => (event.id === 3 ? { ...event, committed: 21_500 } : event));
    expect(broken({ ...inTurn, events })).toEqual(["I6 AUDIT-BEFORE-EFFECT"]);
  });

  test("one step of which takes effect twice breaks I2", () => {
    expect(broken({ ...inTurn, effects: [effect, second, { ...second, at: 30_000 }] })).toEqual([
      "I2 AT-MOST-ONE-EFFECT",
    ]);
  });

  test("that is done without one of its steps breaks I4", () => {
    function atRest(changed: Partial<Evidence>): string[] {
      const all = check(evidence({ ...inTurn, ...changed }), "at rest").map(({ invariant }) => invariant);
      return all.filter((invariant) => invariant.startsWith("I4"));
    }
    expect(atRest({})).toEqual([]);
    expect(atRest({ effects: [effect] })).toEqual(["I4 NO-FALSE-DONE"]);
    const [one] = operations;
    expect(atRest({ operations: [{ ...one!, steps: one!.steps.slice(0, 1) }] })).toEqual(["I4 NO-FALSE-DONE"]);
  });
});
