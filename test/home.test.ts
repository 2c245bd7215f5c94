import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeHome } from "../src/cli/home.ts";
import { forgetRunning, noteRunning, runningHere } from "../src/cli/running-here.ts";
import { Invalid } from "../src/errors.ts";

/** DAYTWO_HOME: made where it is missing, and where it cannot be, that is said. */

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "daytwo-home-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("it is made with all that is missing above it, and nothing is left in it", async () => {
  const home = join(folder, "a/b/c");
  makeHome(home);
  makeHome(home);
  expect(await readdir(home)).toEqual([]);
});

test("what is no folder is none", async () => {
  await writeFile(join(folder, "file"), "");
  for (const home of ["file", "file/below"]) expect(() => makeHome(join(folder, home))).toThrow(Invalid);
});

test("a start where nothing can be kept ends, and says so", async () => {
  const launch = fileURLToPath(new URL("../src/launch.mjs", import.meta.url));
  const env = { PATH: process.env["PATH"], DAYTWO_HOME: "/proc/daytwo/home" };
  await expect(
    promisify(execFile)(process.execPath, [launch, "start"], { env, timeout: 30_000, killSignal: "SIGKILL" }),
  ).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /Nothing can be kept in \/proc\/daytwo\/home \(E[A-Z]+\)\.\n.*DATABASE_URL.*DAYTWO_HOME/,
    ) as unknown,
  });
});

test("who runs on it is known by more than a number, which goes to another process after a kill", async () => {
  const home = join(folder, "running");
  makeHome(home);
  expect(runningHere(home)).toBeNull();
  noteRunning(home, "http://127.0.0.1:3001");
  expect(runningHere(home)).toBe("http://127.0.0.1:3001");
  const file = join(home, "running.json");
  const { born, ...left } = JSON.parse(await readFile(file, "utf8")) as { born: string };
  for (const stale of [left, { ...left, born: `${born}0` }]) {
    await writeFile(file, JSON.stringify(stale));
    expect(runningHere(home)).toBeNull();
  }
  forgetRunning(home);
  expect(await readdir(home)).toEqual([]);
});
