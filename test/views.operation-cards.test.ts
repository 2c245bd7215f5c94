import { addSeconds } from "date-fns/addSeconds";
import { expect, test } from "vitest";
import type { Plan } from "../src/domain/action.ts";
import type { OperationCard, StepLine } from "../src/domain/board/operation-card.ts";
import { OPERATION_STATES, isFinal, type Operation, type OperationState } from "../src/domain/operation.ts";
import { wholePlan } from "../src/domain/sequence.ts";
import { drawTask } from "../src/domain/task-plan.ts";
import { operationCard } from "../src/slack/operation-card.ts";
import { golden, goldenFile } from "./views.golden.ts";
import { readAll } from "./views.reader.ts";
import { PLAN, SCALE_PLAN, at, operationCardOf } from "./views.values.ts";

/** The card of an operation in each of its states. */

const ENDED = { startedAt: at("02:13"), finishedAt: at("02:15") };
const APPROVED = [{ person: "ben", verdict: "approved", reason: null, planHash: "1", at: at("02:12") }] as const;
const STEPS = [
  { at: at("02:13"), text: "switching the balancer to v141" },
  { at: at("02:14"), text: "web 4 of 4 on v141" },
];

const TASK_PLAN: Plan = {
  action: "run",
  target: "shop/web",
  version: "7",
  ...drawTask(
    {
      task: "clear-cache",
      values: { region: "us", note: "before the sale" },
      command: { argv: ["bin/clear-cache", "us", "before the sale"], timeout: 300_000, risk: "high" },
    },
    { key: "shop/web", service: "shop", name: "web", provider: "local", settings: {} },
  ),
};

const SEQUENCE_PLAN = wholePlan({ name: "make-room", description: "Makes room before the sale." }, "shop", [
  {
    ...SCALE_PLAN,
    undo: { action: "scale", arguments: { sizes: { web: 2 } } },
    expects: { release: "v142", sizes: { web: 2 } },
  },
  {
    ...TASK_PLAN,
    target: "shop/jobs",
    expects: { release: null, sizes: {} },
    undo: {
      action: "run",
      target: "shop/jobs",
      arguments: { task: "warm-cache", command: { argv: ["bin/warm", "us east"], timeout: 1_000, risk: "low" } },
    },
  },
  { ...PLAN, undo: undefined, expects: { release: "v142", sizes: { web: 4 } } },
]);

function sequenceCard(changed: Partial<Operation>, card: Partial<OperationCard> = {}): OperationCard {
  const asked = { action: "run", arguments: { sequence: "make-room" }, plan: SEQUENCE_PLAN, item: null } as const;
  return operationCardOf({ ...asked, ...changed }, card);
}

/** Steps of a sequence, each sent a minute after the one before and done half a minute later, up to the last. */
function stepLines(...states: readonly (readonly [StepLine["state"], undoes?: number])[]): StepLine[] {
  return states.map(([state, undoes = null], index) => ({
    seq: index + 1,
    undoes,
    state,
    attempt: state === "ready" ? 0 : 1,
    sentAt: state === "ready" ? null : at(`02:${13 + index}`),
    doneAt: state === "done" ? addSeconds(at(`02:${13 + index}`), 30) : null,
  }));
}

const OPERATION_CARDS: Readonly<Record<OperationState, OperationCard>> = {
  planning: operationCardOf({ state: "planning", plan: null, planHash: null }),
  awaiting_approval: operationCardOf(),
  queued: operationCardOf({ state: "queued" }, { decisions: APPROVED }),
  running: operationCardOf({ state: "running", startedAt: at("02:13") }, { decisions: APPROVED, progress: STEPS }),
  succeeded: operationCardOf(
    { state: "succeeded", ...ENDED, outcome: "v141 serves; all checks pass" },
    { decisions: APPROVED, progress: STEPS },
  ),
  failed: operationCardOf(
    { state: "failed", ...ENDED, outcome: "v141 did not become healthy" },
    { decisions: APPROVED, progress: STEPS },
  ),
  reverted: operationCardOf({ state: "reverted", ...ENDED, outcome: "v142 serves again" }, { decisions: APPROVED }),
  closed_unknown: operationCardOf(
    { state: "closed_unknown", ...ENDED, outcome: "closed by Ana Operator without knowing whether it happened" },
    { decisions: APPROVED },
  ),
  refused: operationCardOf(
    { state: "refused", finishedAt: at("02:13"), outcome: "shop/web moved since the plan was drawn" },
    { decisions: APPROVED },
  ),
  denied: operationCardOf(
    { state: "denied", finishedAt: at("02:13"), outcome: "denied: wait for Dana" },
    { decisions: [{ person: "ben", verdict: "denied", reason: "wait for Dana", planHash: "1", at: at("02:13") }] },
  ),
  expired: operationCardOf({
    state: "expired",
    finishedAt: at("02:31"),
    outcome: "it was not approved in time",
  }),
  cancelled: operationCardOf({ state: "cancelled", finishedAt: at("02:13"), outcome: "cancelled by Ana Operator" }),
};

const FURTHER_OPERATION_CARDS: Readonly<Record<string, OperationCard>> = {
  "awaiting_approval-two": operationCardOf({ approvals: 2 }, { decisions: APPROVED }),
  "awaiting_approval-nobody": operationCardOf({}, { approvers: [], asked: [] }),
  "awaiting_approval-destructive": operationCardOf({ plan: { ...PLAN, risk: "destructive" } }),
  "awaiting_approval-temporary": operationCardOf({ action: "scale", plan: SCALE_PLAN, item: null, expiresAt: null }),
  "awaiting_approval-task": operationCardOf({ action: "run", plan: TASK_PLAN, item: null }),
  "failed-task": operationCardOf(
    { action: "run", plan: TASK_PLAN, state: "failed", ...ENDED, outcome: "it ended with status 3: no such region" },
    { decisions: APPROVED, progress: [{ at: at("02:14"), text: "no such *region*" }] },
  ),
  "running-cancel-asked": operationCardOf(
    { state: "running", startedAt: at("02:13"), cancelRequestedAt: at("02:14") },
    { progress: STEPS },
  ),
  "running-needs-person": operationCardOf(
    { state: "running", startedAt: at("02:13") },
    {
      progress: STEPS,
      needsPerson: {
        target: "shop/web",
        sentAt: at("02:13"),
        seen: "the balancer shows neither release",
        lookingSince: at("02:20"),
      },
    },
  ),
  "awaiting_approval-despite": operationCardOf({
    action: "scale",
    plan: SCALE_PLAN,
    despite: "the sale begins at nine",
  }),
  "awaiting_approval-overfills": operationCardOf({
    action: "scale",
    plan: {
      ...SCALE_PLAN,
      risk: "high",
      uses: [
        "up to 10 more connections; the database of shop-db has 3 of 100 connections free, which is too few",
        "about 50 EUR a month more",
      ],
    },
  }),
  "awaiting_approval-through-a-freeze": operationCardOf({
    action: "scale",
    plan: { ...SCALE_PLAN, through: { freeze: "Black Friday", until: "2026-12-01T08:00:00Z" } },
    despite: "the queue grows by the minute",
  }),
  "planning-sequence": sequenceCard({ state: "planning", plan: null, planHash: null }),
  "awaiting_approval-sequence": sequenceCard({}),
  "running-sequence": sequenceCard(
    { state: "running", startedAt: at("02:13") },
    { decisions: APPROVED, steps: stepLines(["done"], ["intent"]), progress: [{ at: at("02:14"), text: "packing" }] },
  ),
  "running-sequence-needs-person": sequenceCard(
    { state: "running", startedAt: at("02:13") },
    {
      steps: stepLines(["done"], ["done"], ["needs_human"]),
      needsPerson: {
        target: "shop/web",
        sentAt: at("02:15"),
        seen: "the balancer shows neither release",
        lookingSince: null,
      },
    },
  ),
  "closed_unknown-sequence": sequenceCard(
    {
      state: "closed_unknown",
      ...ENDED,
      outcome:
        "closed by Ana Operator without knowing whether step 3 of 3 (web: Roll back shop v142 → v141) happened; done, and stays as it is now: steps 1, 2",
    },
    { decisions: APPROVED, steps: stepLines(["done"], ["done"], ["failed"]) },
  ),
  "failed-sequence": sequenceCard(
    {
      state: "failed",
      ...ENDED,
      outcome:
        "step 2 of 3 (jobs: Run clear-cache on shop) ended without success: it ended with status 3; taken back: step 1; not begun: step 3",
    },
    { decisions: APPROVED, steps: stepLines(["done"], ["failed"], ["done", 1]) },
  ),
  "queued-takes-back": operationCardOf({
    state: "queued",
    action: "scale",
    plan: SCALE_PLAN,
    reversalOf: 12,
    approvals: 0,
  }),
};

test.each(Object.entries({ ...OPERATION_CARDS, ...FURTHER_OPERATION_CARDS }))(
  "operation card, %s",
  async (name, card) => {
    await expect(golden(operationCard(card))).toMatchFileSnapshot(goldenFile(`operation-card.${name}`));
  },
);

test.each(OPERATION_STATES)("operation card, %s: buttons while it is not final, and none after", (state) => {
  const rows = operationCard(OPERATION_CARDS[state]).blocks.filter((block) => block.type === "actions");
  expect(rows).toHaveLength(isFinal(state) ? 0 : 1);
});

test("only approvers who have not decided are mentioned, and only while they can", () => {
  expect(readAll(operationCard(operationCardOf())).mentions).toEqual(["<@U0BEN00>"]);
  expect(readAll(operationCard(operationCardOf({ approvals: 2 }, { decisions: APPROVED }))).mentions).toEqual([]);
  expect(readAll(operationCard(OPERATION_CARDS.succeeded)).mentions).toEqual([]);
});

test("an approval carries the plan that was on the card, and asks once more", () => {
  const row = operationCard(operationCardOf()).blocks.find((block) => block.type === "actions");
  expect(row?.elements[0]).toMatchObject({
    action_id: "operation.approve",
    value: "17 5d41402abc4b2a76",
    confirm: { title: { text: "Approve op-17?" } },
  });
});

test("a sequence of ten long steps still shows all that runs", () => {
  const argv = Array.from({ length: 20 }, (_, index) => `word-${index}-&`);
  const [, task] = SEQUENCE_PLAN.steps ?? [];
  const steps = Array.from({ length: 10 }, (_, index) => ({
    ...task!,
    title: `Run long-${index} on shop`,
    reasons: [`Runs ${argv.join(" ")} ${index}`],
  }));
  const card = operationCard(sequenceCard({ plan: { ...SEQUENCE_PLAN, steps } }));
  const shown = golden(card);
  for (const index of steps.keys()) expect(shown).toContain(`word-19-&amp; ${index}`);
});
