import { closeSync, existsSync, openSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { openDestination, openLog } from "../src/log.ts";

/** What the log says of an error: its chain, and nothing of what only hangs on it. */

function said(error: Error): string {
  let line = "";
  openLog("info", { write: (text) => void (line += text) }).warn({ err: error }, "database connection lost");
  return line;
}

test("an error is told with its cause and its code, and without the connection that it came from", () => {
  const lost = Object.assign(new Error("terminated", { cause: new Error("read ECONNRESET") }), {
    code: "57P01",
    client: { processID: 15_601, secretKey: -691_366_625, parameters: "x".repeat(10_000) },
  });
  const line = said(lost);
  expect(JSON.parse(line)).toMatchObject({
    msg: "database connection lost",
    err: { message: "terminated: read ECONNRESET", code: "57P01" },
  });
  expect(line).not.toContain("secretKey");
  expect(line.length).toBeLessThan(3_000);
});

test("the command of an error of Redis stays unsaid", () => {
  const refused = Object.assign(new Error("ERR"), { command: { name: "auth", args: ["hunter-two"] } });
  expect(said(refused)).not.toContain("hunter-two");
});

const FULL = "/dev/full"; // a disk without room, where the system has one

test.runIf(existsSync(FULL))("a log on a full disk ends nothing", () => {
  const disk = openSync(FULL, "w");
  onTestFinished(() => closeSync(disk));
  const log = openLog("info", openDestination(disk));
  for (let times = 3; times > 0; times -= 1) expect(() => log.info("said")).not.toThrow();
});
