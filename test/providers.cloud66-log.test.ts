import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Plan } from "../src/domain/action.ts";
import { cloud66 } from "../src/providers/cloud66/index.ts";
import type { Outcome } from "../src/providers/provider.ts";
import { withoutSecrets } from "../src/providers/without-secrets.ts";
import { commit, STACK } from "./support/cloud66/index.ts";
import { openDesk, type Desk } from "./support/cloud66-desk.ts";
import { freePort } from "./support/free-port.ts";
import { until } from "./support/until.ts";

/** What a stack's log says while something is done: lines to be shown, without which everything goes on. */

const DONE = { kind: "done", summary: "aaaa111 is live, by deployment 102 of aaaa111" };

let desk: Desk;
let lines: string[];

beforeEach(async () => {
  desk = await openDesk();
  lines = [];
});
afterEach(() => desk.close());

/** Begun, and held back over there. `where` says where its log is, if not at the double. */
async function applying(
  drawn: Plan,
  where: { log?: unknown } = { log: desk.far.log.url },
  signal = AbortSignal.timeout(20_000),
): Promise<Outcome> {
  desk.far.holdsBack(true);
  const use = { token: "step-1", signal, report: (line: string) => void lines.push(line) };
  return withoutSecrets(cloud66).apply(desk.target(where), drawn, use);
}

function listened(): Promise<void> {
  return until("the log to be heard", () => desk.far.log.waiting() === 1 && desk.far.effects.length === 1);
}

/** Done over there too. */
async function ends(applied: Promise<Outcome>): Promise<Outcome> {
  desk.far.holdsBack(false);
  return applied;
}

describe("lines of a log", () => {
  test("are told while it is done, from before the request on, and no more afterwards", async () => {
    const applied = applying(await desk.plan("rollback"));
    await listened();
    expect(await ends(applied)).toEqual(DONE);
    const hash = commit("aaaa111");
    const own = [`Deploying ${hash}`, "Migrating the database", "Restarting", "deploy done"];
    expect(lines.filter((line) => own.includes(line))).toEqual(own);
    await until("nobody to listen", () => desk.far.log.waiting() === 0);
    const { length } = desk.far.log.asked;
    desk.far.log.says(STACK, "said later");
    expect(lines.join()).not.toContain("said later");
    expect(desk.far.log.asked.length).toBe(length);
  });

  test("hold no secret, no line of another stack, and nothing that is no line", async () => {
    const applied = applying(await desk.plan("rollback"));
    await listened();
    const { log } = desk.far;
    log.says("0".repeat(32), "of another stack");
    log.says(STACK, "DATABASE_URL=postgres://shop:h0rse-battery@db.example.com/shop");
    for (const data of ["no JSON", "[]", null, { message: 7 }, JSON.stringify({ severity: 9 })]) log.sends(STACK, data);
    log.sends(STACK, { message: "as an object" });
    log.says(STACK, `\u001b[31mred\u001b[0m\r\n\n  indented  \r${"long ".repeat(1_000)}`);
    await until("the last of them", () => lines.some((line) => line.startsWith("long ")));
    expect(await ends(applied)).toEqual(DONE);
    expect(lines.join("\n")).not.toMatch(/another stack|h0rse-battery|no JSON/);
    const [first = -1] = lines.flatMap((line, at) => (line === "as an object" ? [at] : []));
    expect(lines.slice(first, first + 3)).toEqual(["as an object", "red", "  indented"]);
    expect(lines[first + 3]).toMatch(/^long .{995}…$/);
  });

  test("are ten thousand at most", async () => {
    const applied = applying(await desk.plan("rollback"));
    await listened();
    desk.far.log.says(STACK, "x\n".repeat(20_000));
    await until("the last of them", () => lines.some((line) => line.startsWith("The log goes on: ")));
    expect(await ends(applied)).toEqual(DONE);
    expect(lines.filter((line) => line === "x").length).toBe(9_999);
    expect(lines.join()).not.toContain("deploy done");
  });

  test("are heard again after the server was started anew", async () => {
    const applied = applying(await desk.plan("rollback"));
    await listened();
    desk.far.log.forgets();
    await until("it to be heard again", () => desk.far.log.waiting() === 1);
    expect(await ends(applied)).toEqual(DONE);
    expect(lines).toContain("deploy done");
  });

  test("are told no more once a person cancels", async () => {
    const stop = new AbortController();
    const applied = applying(await desk.plan("rollback"), { log: desk.far.log.url }, stop.signal);
    await listened();
    await until("it to be taken", () => lines.some((line) => line.includes("is under way")));
    stop.abort();
    expect(await applied).toMatchObject({ kind: "done" });
    const before = [...lines];
    desk.far.log.says(STACK, "said later");
    await until("nobody to listen", () => desk.far.log.waiting() === 0);
    expect(lines).toEqual(before);
  });
});

describe("without its log", () => {
  test.each([
    ["has failed", (): void => desk.far.log.server.changes({ status: 500 })],
    ["breaks off", (): void => desk.far.log.server.changes("breaks before")],
    ["tells half of an answer", (): void => desk.far.log.server.changes("truncates")],
    ["does not answer", (): void => desk.far.log.server.changes("stalls before")],
    ["knows nobody", (): void => desk.far.log.refuses()],
  ])("an operation goes on: the log %s", async (_, breaks) => {
    breaks();
    const applied = applying(await desk.plan("rollback"));
    await until("the request", () => desk.far.effects.length === 1);
    expect(await ends(applied)).toEqual(DONE);
    expect(lines.join()).not.toContain("deploy done");
  });

  test("an operation goes on: more is said at once than anybody reads", async () => {
    const applied = applying(await desk.plan("rollback"));
    await listened();
    desk.far.log.says(STACK, "y\n".repeat(2 ** 20));
    await until("it to break off", () => desk.far.log.waiting() === 0);
    expect(await ends(applied)).toEqual(DONE);
    expect(lines).not.toContain("y");
  });

  test("an operation goes on: nobody is there", async () => {
    const applied = applying(await desk.plan("rollback"), { log: `http://127.0.0.1:${await freePort()}/push` });
    expect(await ends(applied)).toEqual(DONE);
  });

  test("nobody asks for ever", async () => {
    desk.far.log.refuses();
    const applied = applying(await desk.plan("rollback"));
    await until("the last try", () => desk.far.log.asked.filter((each) => each === "/meta/connect").length === 5);
    expect(await ends(applied)).toEqual(DONE);
    expect(desk.far.log.asked.length).toBe(15);
  });

  // With an address of its own for the API, and none for the log, nothing is asked that was not named.
  test.each([{ log: "off" }, { log: false }, {}])("nothing is heard: %j", async (where) => {
    expect(await ends(applying(await desk.plan("rollback"), where))).toEqual(DONE);
    expect(desk.far.log.asked).toEqual([]);
  });

  test("of a refusal nothing is told", async () => {
    const drawn = await desk.plan("rollback");
    desk.far.stack.processes.set("worker", { Caribou: 5 });
    const outcome = await applying(drawn);
    expect(outcome).toMatchObject({ kind: "refused" });
    expect(desk.far.effects).toEqual([]);
    await until("nobody to listen", () => desk.far.log.waiting() === 0);
  });
});
