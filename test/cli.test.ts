import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { access, constants, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { daytwo, LAUNCH } from "./support/daytwo.ts";

/** The command line: what cannot be meant is said in a sentence, and does nothing. */

/** Whatever is not stopped by its words fails here, and says so. */
const env = { DATABASE_URL: "postgres://nobody@127.0.0.1:1/nothing" };

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "daytwo-cli-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each([
  [["start", "now"], "`daytwo start` takes nothing more"],
  [["migrate", "--hree"], "`daytwo migrate` takes `--here`, and nothing else."],
  [["demo", "reset", "all"], "`daytwo demo` takes `reset`."],
  [["catalog", "check", "a.yaml", "b.yaml"], "`daytwo catalog` takes `check` and a file, or `schema`."],
  [["catalog", "check", "nowhere.yaml"], "The catalog nowhere.yaml cannot be read: there is no such file."],
  [["catalog", "check", "."], "The catalog . cannot be read: it is a folder."],
])("daytwo %j is refused", async (words, sentence) => {
  const { code, stdout, stderr } = await daytwo(words, { env, cwd: folder });
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toContain(sentence);
  expect(stderr).not.toContain("    at ");
});

test("the start file is a program as it is checked out: npm makes it one only once", async () => {
  await expect(access(LAUNCH, constants.X_OK)).resolves.toBeUndefined();
});

describe("where the catalog is", () => {
  const SLACK = { SLACK_BOT_TOKEN: "xoxb-1111-2222-abcdef", SLACK_SIGNING_SECRET: "0123456789abcdef" };

  test("an empty setting is none", async () => {
    for (const words of [
      ["catalog", "check"],
      ["wake-test", "ana"],
    ])
      expect((await daytwo(words, { env: { DAYTWO_CATALOG: " " }, cwd: folder })).stderr).toMatch(
        /^The catalog daytwo\.yaml cannot be read: there is no such file\./,
      );
  });

  test("a pipe into which nobody writes is an error, and nothing waits for it", async () => {
    const pipe = join(folder, "pipe.yaml");
    await promisify(execFile)("mkfifo", [pipe]);
    const settings = { env: { ...SLACK, DAYTWO_CATALOG: pipe }, cwd: folder };
    const why = `The catalog ${pipe} cannot be read: it is a pipe or a device, and no file.`;
    expect((await daytwo(["wake-test", "ana"], settings)).stderr).toContain(why);
    expect((await daytwo(["doctor"], settings)).stdout).toContain(why);
  });

  test("what a shell gives is read, and of what has no end no more than a catalog can have", async () => {
    function checks(file: string): Promise<{ stdout: string }> {
      const line = `"$0" "$1" catalog check ${file}`;
      return promisify(execFile)("/bin/bash", ["-c", line, process.execPath, LAUNCH], { cwd: folder });
    }
    await writeFile(join(folder, "empty.yaml"), "services: {}\n");
    expect((await checks("<(cat empty.yaml)")).stdout).toMatch(/^\/dev\/fd\/\d+ is good: /);
    expect((await checks("/dev/stdin < empty.yaml")).stdout).toMatch(/^\/dev\/stdin is good: /);
    expect((await checks("/dev/stdin < <(cat empty.yaml)")).stdout).toMatch(/^\/dev\/stdin is good: /);
    await expect(checks("/dev/zero")).rejects.toMatchObject({
      stdout: "/dev/zero:1:1 The file is larger than 1 MiB. Is it the right file?\n",
    });
  });
});

test("the demo is not forgotten where a real bot keeps what it has", async () => {
  const kept = join(folder, "postgres");
  await mkdir(kept);
  const slack = { SLACK_BOT_TOKEN: "xoxb-1111-2222-abcdef", SLACK_APP_TOKEN: "xapp-1-A111-2222-abcdef" };
  const { code, stderr } = await daytwo(["demo", "reset"], { env: { ...slack, DAYTWO_HOME: folder } });
  expect([code, existsSync(kept)]).toEqual([1, true]);
  expect(stderr).toContain("There is no demo here: Daytwo is connected to Slack.");
});

test("asked what a command does, it says so and does nothing", async () => {
  for (const words of [
    ["migrate", "--help"],
    ["start", "-h"],
  ])
    expect(await daytwo(words, { env })).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^ {2}daytwo \w+ .*\n$/),
    });
});

test("a command ends when it is asked to, also as the first process of a container", async () => {
  const silent = createServer(); // a database that says nothing
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  const DATABASE_URL = `postgres://x@127.0.0.1:${(silent.address() as AddressInfo).port}/x`;
  const child = spawn(process.execPath, [LAUNCH, "migrate"], {
    env: { ...process.env, DATABASE_URL },
    stdio: "ignore",
  });
  const [asking] = (await once(silent, "connection")) as [Socket];
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([143, null]);
  asking.destroy();
  silent.close();
});

test("an .env that cannot be read is said in a sentence", async () => {
  await mkdir(join(folder, ".env"));
  const { code, stderr } = await daytwo(["catalog", "schema"], { cwd: folder });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^The file \.env in .* cannot be read: it is a folder\.\nIt holds lines such as/);
  await rm(join(folder, ".env"), { recursive: true });
});

test.runIf(existsSync("/dev/full"))("what cannot be written is a failure, in a sentence", async () => {
  const full = promisify(execFile)("/bin/sh", ["-c", `"$0" "$1" catalog schema >/dev/full`, process.execPath, LAUNCH]);
  await expect(full).rejects.toMatchObject({ code: 1, stderr: "What this says cannot be written (ENOSPC).\n" });
});
