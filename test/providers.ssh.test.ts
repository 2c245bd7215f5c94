import { execFileSync } from "node:child_process";
import { appendFile, mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Plan } from "../src/domain/action.ts";
import { Unavailable } from "../src/errors.ts";
import { settings } from "../src/providers/ssh/settings.ts";
import { ssh } from "../src/providers/ssh/index.ts";
import { mayMount } from "./support/may-mount.ts";
import { openSshDesk, type SshDesk } from "./support/ssh-desk.ts";
import { whyNoSshd } from "./support/sshd.ts";

/** What is SSH's own: keys, the layout, units, and what a host allows. */

describe.skipIf(whyNoSshd !== "")(`hosts over SSH${whyNoSshd}`, () => {
  let desk: SshDesk;
  let shop: string;
  let home: string;

  beforeAll(async () => {
    desk = await openSshDesk();
    ({ shop, home } = desk.sshd);
  });
  afterAll(() => desk.close());

  async function current(): Promise<string> {
    const seen = await desk.sees();
    return seen.release ?? "none";
  }
  async function effects(): Promise<string[]> {
    const text = await readFile(join(home, "effects"), "utf8").catch(() => "");
    return text.split("\n").filter((line) => line !== "");
  }

  describe("what is planned", () => {
    test("a rollback has before and after, and a way back", async () => {
      const plan = await desk.plan("rollback");
      expect(plan).toMatchObject({
        title: "Roll back shop v142 → v141",
        changes: { release: ["v142", "v141"] },
        undo: { action: "rollback", arguments: { release: "v142" } },
      });
      expect(plan.reasons.join()).toMatch(/v141 was put there on 2023-11-16 by \w+.*Switches the link.*\/restart/);
      await expect(desk.plan("rollback", { release: "v142" })).rejects.toThrow("v142 is what runs now.");
      await expect(desk.plan("restart", { process: "worker" })).rejects.toThrow("There is no process called worker.");
      await expect(desk.plan("scale", { sizes: { web: 2 } })).rejects.toThrow("where there is no scale");
    });

    test.skipIf(!mayMount)("whether the host asks for a reboot, where something there would ask for one", async () => {
      // As this login sees it: /run and /usr/share of another host.
      const [run, share] = [join(home, "run"), join(home, "share")];
      await mkdir(run);
      await mkdir(join(share, "update-notifier"), { recursive: true });
      const elsewhere = await openSshDesk(
        (command) =>
          `unshare -m sh -c 'mount --bind ${run} /run && mount --bind ${share} /usr/share && exec env ${command}'`,
      );
      async function servers(): Promise<unknown> {
        const { servers: seen, facts } = await elsewhere.sees();
        return [seen, facts["Reboot"]];
      }
      try {
        expect(await servers()).toEqual([undefined, undefined]);
        await writeFile(join(share, "update-notifier/notify-reboot-required"), "");
        const own = { name: hostname(), roles: [] };
        expect(await servers()).toEqual([[own], undefined]);
        await writeFile(join(run, "reboot-required"), "*** System restart required ***\n");
        expect(await servers()).toEqual([[{ ...own, needsReboot: "" }], "the host asks for one"]);
        await writeFile(join(run, "reboot-required.pkgs"), "linux-base\nlibc6\nlinux-base\n");
        expect(await servers()).toMatchObject([[{ needsReboot: "libc6, linux-base" }], "the host asks for one"]);
      } finally {
        await elsewhere.close();
      }
    });

    test("it sees the host too", async () => {
      const { facts, health, problem } = await desk.sees();
      expect(Object.keys(facts)).toEqual(["Updates", "Disk", "Load", "Up for", "System", "Host"]);
      expect(facts["System"]).toMatch(/kernel \d/);
      expect([health, problem]).toEqual(["unknown", "without a unit nothing on the host tells how it is"]);
    });
  });

  describe("keys", () => {
    test("another host key is no host of ours: nothing is sent", async () => {
      const other = (await readFile(`${desk.sshd.key}.pub`, "utf8")).trim();
      const target = desk.target({ host_key: other });
      const plan = await desk.plan("restart");
      const before = await effects();
      await expect(desk.sees(target)).rejects.toThrow("127.0.0.1 shows another host key than the one in the catalog");
      expect(await desk.apply(plan, { target })).toMatchObject({
        kind: "refused",
        reason: expect.stringContaining("another host key") as string,
      });
      expect(await effects()).toEqual(before);
      expect(await desk.verify(plan)).toMatchObject({ kind: "untouched" });
    });

    test("a look that is called off before anybody was asked ends at once", async () => {
      process.env["DAYTWO_TEST_KEY"] = await readFile(desk.sshd.key, "utf8");
      const off = new AbortController();
      setImmediate(() => off.abort()); // the key is read, and not yet where ssh takes it from
      const looking = ssh.observe(desk.target({ key: { env: "DAYTWO_TEST_KEY" } }), off.signal);
      await expect(looking).rejects.toBeInstanceOf(Unavailable);
    });

    test("what is no key, and one that the host does not know, are told apart", async () => {
      await writeFile(join(home, "half"), (await readFile(desk.sshd.key, "utf8")).slice(0, 200));
      await expect(desk.sees(desk.target({ key: { file: join(home, "half") } }))).rejects.toThrow(
        "The private key cannot be used.",
      );
      await expect(desk.sees(desk.target({ key: { file: desk.sshd.stranger } }))).rejects.toThrow(
        /127\.0\.0\.1 does not accept this key for /,
      );
    });

    test("settings that cannot be meant are refused before anybody connects", () => {
      const good = desk.target().settings as object;
      const wrong = [
        { host: "-oProxyCommand=touch pwned" },
        { host: "a b" },
        { user: "-x" },
        { host_key: "SHA256:3f2a" },
        { path: "srv/shop" },
        { path: "/srv/shop/" },
        { path: "/srv/\nshop" },
        { restart: [] },
        { restart: undefined, path: undefined },
        { path: undefined },
        { unit: "shop.service" },
        { restart: undefined, unit: "--force" },
        { port: 0 },
      ];
      expect(settings.safeParse(good).success).toBe(true);
      expect(wrong.filter((each) => settings.safeParse({ ...good, ...each }).success)).toEqual([]);
    });
  });

  describe("what a host allows", () => {
    test("what its list does not name is not done, and doctor says so", async () => {
      const other = join(home, "unlisted");
      const target = desk.target({ restart: [other] });
      const before = await desk.sees();
      expect(await desk.apply(await desk.task([other, "x"]))).toMatchObject({
        kind: "refused",
        reason: expect.stringMatching(/unlisted may not be run: .*may does not list it$/) as string,
      });
      expect(await desk.apply(await desk.plan("rollback", {}, target), { target })).toMatchObject({ kind: "refused" });
      // What was approved is what runs.
      expect(await desk.apply(await desk.plan("restart"), { target })).toMatchObject({
        kind: "refused",
        reason: "it changed since the plan was drawn: the catalog names another program",
      });
      // A program that is listed is no beginning of another one, and no line of one.
      for (const argv of [[`${home}/restart `], [`x\nrun ${home}/restart`], [`${home}/restart\n`], [`${home}/res*`]])
        expect(await desk.apply(await desk.task(argv))).toMatchObject({ kind: "refused" });
      expect((await desk.sees()).version).toBe(before.version);
      expect(await ssh.examine?.(target, AbortSignal.timeout(30_000))).toEqual({
        identity: expect.stringMatching(/^\w+@/) as string,
        missing: [
          `run ${other}: ${desk.sshd.may} does not list it (for restart and rollback)`,
          `execute ${other} (for restart and rollback)`,
        ],
      });
      expect(await ssh.examine?.(desk.target(), AbortSignal.timeout(30_000))).toMatchObject({ missing: [] });
      await expect(desk.sees(desk.target({ path: "/etc" }))).rejects.toThrow(
        `The agent on 127.0.0.1 says: nothing in /etc may be seen or changed: ${desk.sshd.may} does not list it.`,
      );
    });

    test("without flock and timeout a host is seen, and nothing is done there; doctor says so", async () => {
      const few = join(home, "few");
      await mkdir(few);
      const there = "base64 sha256sum stat readlink cut cat tr sed sort head uname id df".split(" ");
      for (const name of ["sh", ...there]) await symlink(`/usr/bin/${name}`, join(few, name));
      const small = await openSshDesk((command) => {
        const within = command.replace(":$PATH", "").replace(/PATH=\S+/, `PATH=${few}`);
        return `printf 'Welcome! '; ${within}`;
      });
      onTestFinished(() => small.close());
      expect(await small.sees()).toMatchObject({
        release: "v142",
        facts: { Host: expect.stringContaining("/shop on") },
      });
      expect(await ssh.examine?.(small.target(), AbortSignal.timeout(20_000))).toMatchObject({
        missing: ["flock", "timeout"].map((name) => `run ${name}, which is not installed (for every action)`),
      });
      expect(await small.apply(await small.plan("rollback"))).toEqual({
        kind: "refused",
        reason: "there is no flock timeout here, and nothing is done without",
      });
      await rm(join(few, "base64"));
      await expect(small.sees()).rejects.toThrow("says: there is no base64 here, and nothing is seen or done without.");
    });

    test("a release that is none is not switched to", async () => {
      const plan = await desk.plan("rollback");
      const names = [
        "../../../etc",
        "v141;touch pwned",
        "$(touch pwned)",
        "v141\nv140",
        "-v141",
        ".",
        "",
        "v9",
        "v141/",
      ];
      for (const release of names) {
        const forged: Plan = { ...plan, arguments: { release } };
        expect(await desk.apply(forged)).toMatchObject({ kind: "refused" });
      }
      expect(await current()).toBe("v142");
    });

    test("where nothing can be written nothing is done, and a directory in the link's place is none", async () => {
      const plan = await desk.plan("rollback");
      await writeFile(join(shop, ".daytwo"), "");
      const fresh = await desk.plan("rollback");
      expect(await desk.apply(fresh)).toMatchObject({
        kind: "refused",
        reason: expect.stringContaining("nothing can be written there") as string,
      });
      await rm(join(shop, ".daytwo"));
      expect(await desk.verify(plan)).toMatchObject({ kind: "untouched" });
      await rename(join(shop, "current"), join(shop, "kept"));
      await mkdir(join(shop, "current"));
      await expect(desk.sees()).rejects.toThrow(/there is no link .*current/);
      await rm(join(shop, "current"), { recursive: true });
      await rename(join(shop, "kept"), join(shop, "current"));
    });

    test.skipIf(!mayMount)("on a disk that is full nothing is done, for real", async () => {
      const small = join(home, "small");
      await mkdir(small);
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "none", small]);
      try {
        for (const release of ["v1", "v2"]) await mkdir(join(small, "releases", release), { recursive: true });
        await symlink("releases/v2", join(small, "current"));
        await appendFile(desk.sshd.may, `path ${small}\n`);
        const target = desk.target({ path: small });
        const plan = await desk.plan("rollback", { release: "v1" }, target);
        await writeFile(join(small, "big"), Buffer.alloc(2 ** 20)).catch(() => undefined);
        expect(await desk.apply(plan, { target })).toMatchObject({
          kind: "refused",
          reason: expect.stringContaining("nothing can be written there") as string,
        });
        expect(await desk.verify(plan, { target })).toMatchObject({ kind: "untouched" });
        await rm(join(small, "big"));
        expect(await desk.apply(plan, { target })).toMatchObject({ kind: "done" });
      } finally {
        execFileSync("umount", [small]);
      }
    });

    test("a link that is the same again after it was another is not as it was", async () => {
      const plan = await desk.plan("rollback");
      await symlink("releases/v142", join(shop, "same"));
      await rename(join(shop, "same"), join(shop, "current"));
      expect(await desk.apply(plan)).toMatchObject({ kind: "refused" });
      expect(await desk.verify(plan)).toMatchObject({ kind: "differs" });
    });
  });

  test("a systemd unit is seen and restarted; one that is down is a problem, and no reason against going back", async () => {
    const target = desk.target({ unit: "shop.service" });
    expect(await desk.sees(target)).toMatchObject({
      health: "down",
      problem: "shop.service is failed",
      facts: { Unit: "shop.service is failed (failed), restarted 5 times by systemd" },
    });
    const plan = await desk.plan("rollback", {}, target);
    expect(await desk.apply(plan, { target })).toMatchObject({ kind: "refused" });
    await writeFile(desk.sshd.may, `path ${shop}\nunit shop.service\n`);
    // It goes on crashing meanwhile.
    await writeFile(join(home, "unit"), "ActiveState=activating\nSubState=auto-restart\nNRestarts=6\n");
    expect(await desk.apply(plan, { target })).toMatchObject({ kind: "done" });
    expect(await desk.verify(plan, { target })).toEqual({
      kind: "holds",
      seen: "release v141 is current, its unit is active",
    });
    expect(await desk.sees(target)).toMatchObject({ health: "ok", release: "v141" });
    await writeFile(join(home, "unit"), "ActiveState=failed\nSubState=failed\nNRestarts=6\n");
    expect(await desk.verify(plan, { target })).toMatchObject({ kind: "differs" });
  });
});
