import { describe, expect, test } from "vitest";
import { actModal, readArguments } from "../src/slack/act-modal.ts";
import type { Entered, FormState } from "../src/slack/form.ts";
import { handOffModal, readHandOff } from "../src/slack/hand-off-modal.ts";
import { holdModal, readHold } from "../src/slack/hold-modal.ts";
import { CALLBACK_IDS, readAct } from "../src/slack/ids.ts";
import { newItemModal, readNewItem } from "../src/slack/new-item-modal.ts";
import {
  approveModal,
  denyModal,
  goAloneModal,
  noiseModal,
  noteModal,
  readReason,
  resolveModal,
} from "../src/slack/reason-modals.ts";
import { extendModal, keepModal } from "../src/slack/reversal-modals.ts";
import { readSnooze, silenceModal, snoozeModal } from "../src/slack/snooze-modal.ts";
import { ACTIONS } from "../src/domain/action.ts";
import type { Observation } from "../src/domain/observation.ts";
import type { Task } from "../src/domain/task.ts";
import { CLEAR_CACHE } from "./support/task.ts";
import { golden, goldenFile } from "./views.golden.ts";
import { hostile, readAll } from "./views.reader.ts";
import { PLAN, NOW, OBSERVATION, SERVICE, SESSIONS, item, operation, sessionOf } from "./views.values.ts";

/** What Slack sends for these fields. */
function entered(fields: Readonly<Record<string, Entered>>): FormState {
  return { values: Object.fromEntries(Object.entries(fields).map(([id, field]) => [id, { [id]: field }])) };
}

const TASK = { task: CLEAR_CACHE.name, declared: CLEAR_CACHE };

const SEEN = {
  ...OBSERVATION,
  sessions: SESSIONS,
  updates: [
    { name: "system-update", summary: "New Operating System update is available", due: "2026-12-05T00:00:00.000Z" },
    { name: "db-upgrade", summary: "", due: null },
  ],
};

const MODALS = {
  snooze: snoozeModal(item(), NOW, "Europe/Berlin"),
  silence: silenceModal(item(), NOW, "Europe/Berlin"),
  extend: extendModal(item()),
  keep: keepModal(item()),
  "hand-off": handOffModal(item()),
  resolve: resolveModal(item()),
  noise: noiseModal(item()),
  hold: holdModal(item()),
  note: noteModal(item()),
  deny: denyModal(operation()),
  approve: approveModal(operation({ plan: { ...PLAN, risk: "destructive", typed: true } }), "17 5d41402abc4b2a76"),
  "go-alone": goAloneModal(operation(), "17 5d41402abc4b2a76"),
  "new-item": newItemModal("the shop is slow since noon, <!channel>", "https://acme.slack.com/archives/C1/p1", [
    SERVICE,
  ]),
  ...Object.fromEntries(
    ACTIONS.map((action) => [
      `act-${action}`,
      actModal({ item: 151, action, target: "shop/web", observation: SEEN, ...(action === "run" ? TASK : {}) }),
    ]),
  ),
  ...Object.fromEntries(
    ACTIONS.map((action) => [
      `act-${action}-unseen`,
      actModal({ item: null, action, target: "shop/web", observation: null }),
    ]),
  ),
};

test.each(Object.entries(MODALS))("modal, %s", async (name, view) => {
  await expect(golden(view)).toMatchFileSnapshot(goldenFile(`modal.${name}`));
});

test("every modal can be told by its id and knows what it is about", () => {
  expect(MODALS.snooze).toMatchObject({ callback_id: CALLBACK_IDS.snooze, private_metadata: "151" });
  expect(MODALS.deny).toMatchObject({ callback_id: CALLBACK_IDS.deny, private_metadata: "17" });
  const act = actModal({ item: 151, action: "rollback", target: "shop/web", observation: null });
  expect(readAct(act.private_metadata ?? "")).toEqual({ item: 151, action: "rollback", target: "shop/web" });
});

test("a release is said to have run well only where that is known", () => {
  function offered(healthySeconds?: number): string {
    const releases = ["v142", "v141"].map((release) => ({
      release,
      createdAt: "2026-11-20T09:00:00Z",
      healthySeconds,
    }));
    const observation = { ...OBSERVATION, release: "v142", releases };
    return JSON.stringify(actModal({ item: 151, action: "rollback", target: "shop/web", observation }));
  }
  expect([offered(60).includes("The last one that ran well"), offered().includes("ran well")]).toEqual([true, false]);
  expect(offered()).toContain("The one before what runs now");
});

test("of several updates none is chosen already, and what runs as one whole is not asked for a process", () => {
  const updates = ["system-update", "db-upgrade"].map((name) => ({ name, summary: "", due: null }));
  function fields(action: "patch" | "restart", observation: Observation | null): string {
    return JSON.stringify(actModal({ item: 151, action, target: "shop/db", observation }).blocks);
  }
  expect(fields("patch", { ...OBSERVATION, updates })).not.toContain("initial_option");
  expect(fields("patch", { ...OBSERVATION, updates: updates.slice(0, 1) })).toContain("initial_option");
  expect(fields("restart", { ...OBSERVATION, sizes: [] })).not.toContain("Which process?");
  expect(fields("restart", OBSERVATION)).toContain("Which process?");
  expect(fields("restart", null)).toContain("Which process?");
});

test("modals stay within Slack's limits and mention nobody whatever they are about", () => {
  for (let seed = 0; seed < 200; seed++) {
    const text = hostile(seed, 120);
    const seen = {
      ...OBSERVATION,
      release: text,
      releases: [
        { release: text, createdAt: text },
        { release: "v1 ".repeat(60), createdAt: text },
      ],
      sizes: [{ process: text, wanted: 1, running: 1, healthy: 1 }],
      sessions: [sessionOf(text)],
      updates: [{ name: text, summary: text, due: null }],
    };
    const told = item({ summary: text });
    for (const view of [
      resolveModal(told),
      handOffModal(told),
      snoozeModal(told, NOW, "UTC"),
      extendModal(told),
      keepModal(told),
      denyModal(operation({ plan: null, target: text })),
      approveModal(operation({ plan: null, target: text }), "17"),
      goAloneModal(operation({ plan: null, target: text }), "17"),
      newItemModal(text, "https://acme.slack.com/archives/C1/p1", [{ key: "shop", name: text }]),
      actModal({ item: 1, action: "scale", target: text, observation: seen }),
      actModal({ item: 1, action: "rollback", target: text, observation: seen }),
      actModal({ item: 1, action: "end", target: text, observation: seen }),
      actModal({ item: 1, action: "patch", target: text, observation: seen }),
      actModal({ item: 1, action: "run", task: text, target: text, observation: seen, declared: taskOf(text) }),
    ]) {
      expect(() => golden(view)).not.toThrow();
      expect(readAll(view)).toMatchObject({
        mentions: [],
        links: [],
        italic: [],
        struck: [],
        code: [],
        pictures: [],
        quotes: 0,
      });
    }
  }
});

function taskOf(text: string): Task {
  const choices = [text.slice(0, 75) || "x", "y"];
  return { ...CLEAR_CACHE, description: text, arguments: [{ name: "a", kind: "one of", choices, default: "y" }] };
}

test("holding is for a chosen length, or for one that was typed, which wins", () => {
  const chosen = { length: { selected_option: { value: "3600000" } } };
  expect(readHold(entered(chosen))).toEqual({ value: 3_600_000 });
  expect(readHold(entered({ ...chosen, duration: { value: "90m" } }))).toEqual({ value: 5_400_000 });
  expect(readHold(entered({ ...chosen, duration: { value: "soon" } }))).toHaveProperty("errors.duration");
  expect(readHold(entered({}))).toEqual({ errors: { length: "Choose for how long." } });
});

describe("snooze", () => {
  const values = snoozeModal(item(), NOW, "Europe/Berlin").blocks.flatMap((block) =>
    block.type === "input" && "element" in block && block.element.type === "radio_buttons"
      ? block.element.options.map((each) => each.value)
      : [],
  );

  test("the choices are in the person's own zone", () => {
    // Monday 03:30 in Berlin.
    expect(values).toEqual([
      "2026-11-23T03:30:00.000Z",
      "2026-11-23T06:30:00.000Z",
      "2026-11-24T08:00:00.000Z",
      "2026-11-30T08:00:00.000Z",
      "other",
    ]);
  });

  test.each([
    ["a choice", { until: { selected_option: { value: "2026-11-24T08:00:00.000Z" } } }, "2026-11-24T08:00:00.000Z"],
    [
      "a duration",
      { until: { selected_option: { value: "other" } }, duration: { value: " 90m " } },
      "2026-11-23T04:00:00.000Z",
    ],
    [
      "a duration before a choice",
      { until: { selected_option: { value: "2026-11-24T08:00:00.000Z" } }, duration: { value: "6h" } },
      "2026-11-23T08:30:00.000Z",
    ],
    ["a time of their own zone", { duration: { value: "until Tue 9:00" } }, "2026-11-24T08:00:00.000Z"],
  ])("%s", (_name, fields, until) => {
    expect(readSnooze(entered({ ...fields, reason: { value: "load test" } }), NOW, "Europe/Paris")).toEqual({
      value: { until: new Date(until), reason: "load test" },
    });
  });

  test.each([
    [{ until: { selected_option: { value: "other" } } }, { until: "Write below for how long." }],
    [{ until: { selected_option: null } }, { until: "Choose until when." }],
    [
      { until: { selected_option: { value: "2026-11-23T02:30:00.000Z" } } },
      { until: "That time has passed. Choose a later one." },
    ],
    [{ duration: { value: "soon" } }, { duration: '"soon" is not a duration. Write it like 10s, 5m, 2h or 1h30m.' }],
    [{ duration: { value: "31d" } }, { duration: "Between 1 minute and 30 days, please." }],
    [{ duration: { value: "2027-02-01 9:00" } }, { duration: "At most 30 days ahead, please." }],
    [{ duration: { value: "tue 25:00" } }, { duration: "25:00 is no time of day. Write it like 22:00." }],
    [{ duration: { value: "tue 9:00 or so" } }, { duration: "I do not understand or so at the end." }],
    [{ duration: { value: "5s" } }, { duration: "Between 1 minute and 30 days, please." }],
  ])("%j is refused at its field", (fields, errors) => {
    expect(readSnooze(entered({ ...fields, reason: { value: "x" } }), NOW, "Europe/Paris")).toEqual({ errors });
  });

  test("a reason is asked for", () => {
    expect(readSnooze(entered({ duration: { value: "1h" }, reason: { value: "  " } }), NOW, "Europe/Paris")).toEqual({
      errors: { reason: "Say why." },
    });
  });
});

test("a hand-off needs a person and a note", () => {
  expect(
    readHandOff(entered({ person: { selected_user: "U0BEN00" }, note: { value: "I restarted it twice\n" } })),
  ).toEqual({ value: { account: "U0BEN00", note: "I restarted it twice" } });
  expect(readHandOff(entered({ person: { selected_user: null }, note: { value: null } }))).toEqual({
    errors: { person: "Choose who takes it.", note: "Write what they need to know." },
  });
});

test("a reason, a note and a denial need words", () => {
  expect(readReason(entered({ text: { value: "load test" } }))).toEqual({ value: "load test" });
  expect(readReason(entered({ text: {} }))).toEqual({ errors: { text: "Write a few words." } });
});

describe("arguments of an action", () => {
  test.each([
    ["scale", { process: { selected_option: { value: "web" } }, count: { value: "4" } }, { sizes: { web: 4 } }],
    [
      "scale",
      { process: { value: "web" }, count: { value: "0" }, duration: { value: "10m" } },
      { sizes: { web: 0 }, temporary: 600_000 },
    ],
    ["rollback", { release: { selected_option: { value: "v141" } } }, { release: "v141" }],
    ["rollback", { release: { selected_option: { value: "(the last one)" } } }, {}],
    ["rollback", { release: { value: null } }, {}],
    ["restart", { process: { selected_option: { value: "web" } } }, { process: "web" }],
    ["restart", { process: { selected_option: { value: "(all of them)" } } }, {}],
    ["renew-cert", {}, {}],
    ["pause", { duration: { value: "2h" } }, { temporary: 7_200_000 }],
    ["pause", {}, {}],
    ["resume", {}, {}],
    ["backup", {}, {}],
    ["patch", { update: { selected_option: { value: "db-upgrade" } } }, { update: "db-upgrade" }],
    ["patch", { update: { value: "db-upgrade" } }, { update: "db-upgrade" }],
    ["patch", { update: {} }, {}],
    ["end", { session: { selected_option: { value: "12345" } } }, { session: "12345" }],
    [
      "end",
      { session: { value: "12345" }, what: { selected_option: { value: "statement" } } },
      { session: "12345", statement: true },
    ],
  ] as const)("%s %j", (action, fields, value) => {
    expect(readArguments(action, entered(fields))).toEqual({ value });
  });

  test.each([
    [{ process: {}, count: { value: "4" } }, { process: "Say which process." }],
    [{ process: { value: "web" }, count: { value: "-1" } }, { count: "Write a whole number from 0 to 9999." }],
    [{ process: { value: "web" }, count: { value: "2.5" } }, { count: "Write a whole number from 0 to 9999." }],
    [{ process: { value: "web" }, count: {} }, { count: "Write a whole number from 0 to 9999." }],
    [
      { process: { value: "web" }, count: { value: "4" }, duration: { value: "10" } },
      { duration: '"10" is not a duration. Write it like 10s, 5m, 2h or 1h30m.' },
    ],
  ])("scale %j is refused at its field", (fields, errors) => {
    expect(readArguments("scale", entered(fields))).toEqual({ errors });
  });

  const RIGHT = {
    "argument.region": { selected_option: { value: "us" } },
    "argument.days": { value: "3" },
    "argument.note": { value: "it's full; $(x)" },
  };

  test("a task has a field for each of its arguments", () => {
    expect(readArguments("run", entered(RIGHT), CLEAR_CACHE)).toEqual({
      value: { task: "clear-cache", values: { region: "us", days: "3", note: "it's full; $(x)" } },
    });
    expect(readArguments("run", entered({}), null)).toEqual({ value: {} });
  });

  test.each([
    [{ "argument.region": {} }, { "argument.region": "region must be one of eu, us, Asia-1." }],
    [{ "argument.days": { value: "31" } }, { "argument.days": "days must be a whole number from 1 to 30." }],
    [
      { "argument.note": { value: "--all" } },
      { "argument.note": "note must not begin with -: the program would take it for an option." },
    ],
  ])("a task's %j is refused at its field", (fields, errors) => {
    expect(readArguments("run", entered({ ...RIGHT, ...fields }), CLEAR_CACHE)).toEqual({ errors });
  });
});

test("a new item needs a summary, and may belong to no service", () => {
  expect(readNewItem(entered({ summary: { value: "slow" }, service: { selected_option: { value: "shop" } } }))).toEqual(
    { value: { summary: "slow", service: "shop" } },
  );
  expect(
    readNewItem(entered({ summary: { value: "slow" }, service: { selected_option: { value: "(no service)" } } })),
  ).toEqual({ value: { summary: "slow", service: null } });
  expect(readNewItem(entered({ summary: { value: "" }, service: {} }))).toEqual({
    errors: { summary: "Write in one line what it is about." },
  });
});
