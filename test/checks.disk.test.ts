import { execFileSync } from "node:child_process";
import { chmod, link, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { disk } from "../src/checks/disk.ts";
import { folderSize } from "../src/checks/folder-size.ts";
import type { Reading } from "../src/domain/reading.ts";
import { subjectOf, useOf } from "./support/look.ts";
import { mayMount } from "./support/may-mount.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "daytwo-disk-"));
});

afterEach(() => rm(folder, { recursive: true }));

function weigh(path: string, settings: object, signal?: AbortSignal): Promise<Reading> {
  return folderSize.look(subjectOf("folder-size"), { path, ...settings }, useOf(signal ? { signal } : {}));
}

/** Files of so many bytes; the sizes are what a file says it has, no disk is filled. */
async function fill(files: Readonly<Record<string, number>>): Promise<string> {
  const logs = join(folder, "logs");
  for (const [name, bytes] of Object.entries(files)) {
    const path = join(logs, name);
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(path, "");
    await truncate(path, bytes);
  }
  return logs;
}

test("a folder is the sum of its files, the largest of which are named", async () => {
  const logs = await fill({ "a.log": 30e6, "old/b.log": 20e6, "old/deep/c.log": 11e6, "d.log": 1_000 });
  const evidence = { Folder: logs, Files: "4", Largest: "a.log 30 MB, old/b.log 20 MB, old/deep/c.log 11 MB" };
  expect(await weigh(logs, { warning: "50 MB" })).toEqual({
    level: "warning",
    value: 61_001_000,
    summary: "logs hold 61 MB (limit 50 MB)",
    evidence,
  });
  expect(await weigh(logs, { warning: "50 MB", critical: "60 MB" })).toMatchObject({
    level: "critical",
    summary: "logs hold 61 MB (limit 60 MB)",
  });
  expect(await weigh(logs, { warning: "1 GB" })).toEqual({
    level: "ok",
    value: 61_001_000,
    summary: "logs hold 61 MB",
    evidence,
  });
});

test("links are not followed, and a file with two names counts once", async () => {
  const logs = await fill({ "a.log": 1_000, "b/one": 1_000 });
  await symlink("/usr", join(logs, "away"));
  await symlink(logs, join(logs, "round"));
  await symlink(join(logs, "a.log"), join(logs, "again"));
  await link(join(logs, "a.log"), join(logs, "second-name"));
  await symlink(logs, join(folder, "entrance"));
  expect(await weigh(logs, { warning: "1 MB" })).toMatchObject({ value: 2_000, evidence: { Files: "2" } });
  expect(await weigh(join(folder, "entrance"), { warning: "1 MB" })).toMatchObject({ value: 2_000 });
});

test("a folder that cannot be seen whole is unknown, unless what was seen is too much already", async () => {
  const logs = await fill({ "a.log": 2_000 });
  expect(await weigh(join(folder, "nowhere"), { warning: "1 MB" })).toMatchObject({
    level: "unknown",
    summary: `${folder}/nowhere does not exist`,
  });
  expect(await weigh(join(logs, "a.log"), { warning: "1 MB" })).toMatchObject({
    level: "unknown",
    summary: `${logs}/a.log is not a folder`,
  });
  expect(await weigh(logs, { warning: "1 MB" }, AbortSignal.abort(timeUp()))).toMatchObject({
    level: "unknown",
    summary: `looking through ${logs} takes too long`,
  });
  await expect(weigh(logs, { warning: "1 MB" }, AbortSignal.abort(new Error("stopping")))).rejects.toThrow("stopping");
});

function timeUp(): DOMException {
  return new DOMException("time is up", "TimeoutError");
}

// Permissions do not bind root, so somebody else has to look; where root works in a closed folder, nobody else can.
const other = process.getuid?.() === 0 ? { uid: 65_534, cwd: "/" } : {};

function otherCanRun(): boolean {
  try {
    execFileSync(process.execPath, ["--check", new URL("../src/checks/folder-size.ts", import.meta.url).pathname], {
      ...other,
      stdio: "ignore",
    });
    return true;
  } catch {
    return false;
  }
}

test.skipIf(!otherCanRun())("a folder inside that may not be read leaves a gap", async () => {
  const logs = await fill({ "a.log": 2_000, "secret/b.log": 9_000_000 });
  await chmod(folder, 0o755);
  await chmod(join(logs, "secret"), 0o700);
  const look = `
    import { folderSize } from ${JSON.stringify(new URL("../src/checks/folder-size.ts", import.meta.url).href)};
    const use = { signal: new AbortController().signal };
    const readings = [];
    for (const warning of ["1 MB", "1 kB"]) readings.push(await folderSize.look({}, { path: ${JSON.stringify(logs)}, warning }, use));
    console.log(JSON.stringify(readings));`;
  if (other.uid === undefined) await chmod(join(logs, "secret"), 0o000);
  const said = execFileSync(process.execPath, ["--input-type=module", "--eval", look], {
    ...other,
    encoding: "utf8",
  });
  await chmod(join(logs, "secret"), 0o700);
  expect(JSON.parse(said)).toMatchObject([
    { level: "unknown", summary: `${logs}/secret may not be read` },
    { level: "warning", value: 2_000, summary: "logs hold at least 2 kB (limit 1 kB)" },
  ]);
});

test.each([
  [{ path: "logs", warning: "1 MB" }, "Write the whole path, from / on."],
  [{ path: "/logs", warning: "big" }, '"big" is not a size. Write it like 50 MB or 2 GiB.'],
  [{ path: "/logs", warning: "2 MB", critical: "1 MB" }, "The critical size lies under the warning."],
  [{ path: "/logs" }, "Write a size like 50 MB or 2 GiB."],
])("folder-size %j is refused", (settings, sentence) => {
  expect(folderSize.settings.safeParse(settings).error?.issues.map((issue) => issue.message)).toEqual([sentence]);
});

function fullness(path: string, settings: object = {}, signal?: AbortSignal): Promise<Reading> {
  return disk.look(subjectOf("disk"), { path, ...settings }, useOf(signal ? { signal } : {}));
}

/** What df says, which rounds up. */
function df(path: string, column: "pcent" | "ipcent"): number {
  return Number(/(\d+)%/.exec(execFileSync("df", [`--output=${column}`, path], { encoding: "utf8" }))?.[1]);
}

test.skipIf(process.platform !== "linux")("a disk is as full as df says", async () => {
  const reading = await fullness("/", { warning: "100 %", critical: "100 %" });
  // Others write to it between the two looks.
  expect(Math.abs(Math.ceil(Number(reading.value) * 100) - df("/", "pcent"))).toBeLessThanOrEqual(1);
  expect(reading).toMatchObject({ level: "ok", summary: expect.stringMatching(/^\/ is .* % full$/) });
});

test.skipIf(!mayMount)("a full disk and full inodes are found, for real", async () => {
  const spot = join(folder, "small");
  await mkdir(spot);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=8m,nr_inodes=100", "none", spot]);
  try {
    expect(await fullness(spot)).toMatchObject({ level: "ok" });
    await writeFile(join(spot, "big"), Buffer.alloc(7 * 2 ** 20));
    expect(await fullness(spot)).toMatchObject({
      level: "warning",
      value: 0.875,
      summary: `${spot} is 88 % full (limit 85 %)`,
      evidence: { Space: "88 % used, 1 MB free" },
    });
    await writeFile(join(spot, "rest"), Buffer.alloc(2 ** 20));
    expect(await fullness(spot)).toMatchObject({ level: "critical", summary: `${spot} is 100 % full (limit 95 %)` });

    await rm(join(spot, "big"));
    for (let count = 0; count < 95; count += 1) await writeFile(join(spot, String(count)), "");
    expect(await fullness(spot)).toMatchObject({
      level: "critical",
      summary: `${spot} has used ${df(spot, "ipcent")} % of the files that it can hold (limit 95 %)`,
    });
  } finally {
    execFileSync("umount", [spot]);
  }
});

test("a path that is not there, or does not answer, is said", async () => {
  await expect(fullness(join(folder, "nowhere"))).rejects.toThrow(
    `The filesystem of ${folder}/nowhere cannot be read.`,
  );
  for (const path of ["/", join(folder, "nowhere")])
    await expect(fullness(path, {}, AbortSignal.abort(new Error("stopping")))).rejects.toThrow("stopping");
  expect(disk.settings.safeParse({ path: "var" }).error?.issues[0]?.message).toBe("Write the whole path, from / on.");
});
