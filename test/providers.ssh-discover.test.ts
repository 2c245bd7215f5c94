import { appendFile, mkdir, readFile, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readCatalog } from "../src/catalog.ts";
import { CHECKS } from "../src/checks/index.ts";
import type { Found } from "../src/domain/discovered.ts";
import { PROVIDERS } from "../src/providers/index.ts";
import { said } from "../src/providers/ssh/answer.ts";
import { converse } from "../src/providers/ssh/conversation.ts";
import { settings } from "../src/providers/ssh/settings.ts";
import { ssh } from "../src/providers/ssh/index.ts";
import { daytwo } from "./support/daytwo.ts";
import { openSshDesk, type SshDesk } from "./support/ssh-desk.ts";
import { whyNoSshd } from "./support/sshd.ts";

/** What runs on a host that people put there, whether the catalog names it or not; and units that have no releases. */

describe.skipIf(whyNoSshd !== "")(`what runs on a host over SSH${whyNoSshd}`, () => {
  let desk: SshDesk;
  let there: object;
  let shop: string;
  let units: string;

  beforeAll(async () => {
    desk = await openSshDesk();
    ({ shop } = desk.sshd);
    units = join(desk.sshd.home, "etc");
    await mkdir(units);
    const { host, port, user, key, host_key } = desk.target().settings as Record<string, unknown>;
    there = { host, port, user, key, host_key };
    await appendFile(desk.sshd.may, "discover\n");
  });
  afterAll(() => desk.close());

  async function unit(id: string, more: Record<string, string> = {}, text = ""): Promise<Record<string, string>> {
    await writeFile(join(units, id), `[Unit]\n${text}\n[Service]\nExecStart=/bin/true\n`);
    return {
      Type: "simple",
      Id: id,
      LoadState: "loaded",
      ActiveState: "active",
      FragmentPath: join(units, id),
      UnitFileState: "enabled",
      ...more,
    };
  }
  async function finds(): Promise<readonly Found[]> {
    return ssh.discovery?.list(there, AbortSignal.timeout(30_000)) ?? [];
  }

  describe("services", () => {
    beforeEach(() => desk.units());

    test("those of packages, and what does not run on, are left out", async () => {
      await desk.units(
        await unit("mailer.service"),
        await unit("down.service", { ActiveState: "failed", UnitFileState: "disabled" }),
        await unit("stopped.service", { ActiveState: "inactive" }),
        await unit("quadlet.service", {
          FragmentPath: "/run/systemd/generator/quadlet.service",
          SourcePath: "/etc/containers/systemd/quadlet.container",
          UnitFileState: "generated",
        }),
        await unit("ssh.service", { FragmentPath: "/lib/systemd/system/ssh.service" }),
        await unit("cron.service", { FragmentPath: "/usr/lib/systemd/system/cron.service" }),
        await unit("old.service", {
          FragmentPath: "/run/systemd/generator.late/old.service",
          SourcePath: "/etc/init.d/old",
        }),
        await unit("snap.lxd.daemon.service"),
        await unit("backup.service", { Type: "oneshot", ActiveState: "activating" }),
        await unit("compose.service", { Type: "oneshot" }),
        await unit("off.service", { ActiveState: "inactive", UnitFileState: "disabled" }),
        { Id: "gone.service", LoadState: "not-found", ActiveState: "inactive", Type: "simple" },
        await unit("odd\\x2dname.service"),
      );
      expect(await finds()).toEqual(
        ["compose", "down", "mailer", "quadlet", "stopped"].map((name) => ({
          name,
          settings: { ...there, unit: `${name}.service` },
        })),
      );
    });

    test("what runs from releases is an application, whose services are parts of it; one of them switches the releases", async () => {
      const server = `{ path=/usr/bin/node ; argv[]=/usr/bin/node ${shop}/current/server.js --token=s3cr3t ; ignore_errors=no }`;
      await desk.units(
        await unit("shop-worker.service", { WorkingDirectory: `!${shop}/current` }),
        await unit("shop.service", { WorkingDirectory: "/", ExecStart: server }),
        await unit("elsewhere.service", { WorkingDirectory: join(desk.sshd.home, "etc/current") }),
      );
      expect(await finds()).toEqual([
        { name: "elsewhere", settings: { ...there, unit: "elsewhere.service" } },
        { name: "shop", settings: { ...there, path: shop, unit: "shop.service" }, partOf: "shop" },
        { name: "shop-worker", settings: { ...there, unit: "shop-worker.service" }, partOf: "shop" },
      ]);
    });

    test("applications lie in the directories that the host's list names, also where no service runs from them", async () => {
      const { may, home } = desk.sshd;
      const listed = await readFile(may, "utf8");
      for (const name of ["blog", "shop"]) await mkdir(join(home, "www", name, "releases/v1"), { recursive: true });
      await mkdir(join(home, "www/half"));
      for (const name of ["blog", "shop", "half"]) await symlink("releases/v1", join(home, "www", name, "current"));
      await appendFile(may, `discover ${home}/www\npath ${home}/www/blog\n`);
      await desk.units(await unit("shop.service", { WorkingDirectory: `${home}/www/shop/current` }));
      const path = `${home}/www/blog`;
      expect(await finds()).toEqual([
        { name: "blog", settings: { ...there, path } },
        { name: "shop", settings: { ...there, path: `${home}/www/shop`, unit: "shop.service" }, partOf: "shop" },
      ]);
      const target = desk.target({ path, restart: undefined });
      expect(await desk.sees(target)).toMatchObject({ health: "ok", release: "v1" });
      await mkdir(join(path, "releases/v0"));
      for (const [action, given] of [
        ["restart", {}],
        ["rollback", { release: "v0" }],
      ] as const)
        await expect(desk.plan(action, given, target)).rejects.toThrow(
          "Nothing says what restarts shop/web, so it is only looked at.",
        );
      expect(await ssh.examine?.(target, AbortSignal.timeout(30_000))).toMatchObject({ missing: [] });
      const forged = { ...(await desk.plan("rollback")), arguments: { release: "v0" } };
      const { version } = await desk.sees(target);
      expect(await desk.apply({ ...forged, version }, { target })).toEqual({
        kind: "refused",
        reason: "Nothing says what restarts shop/web, so it is only looked at.",
      });
      const asked = { verb: "apply", token: "forged", version, action: "restart", timeout: "5" } as const;
      const answer = await converse(settings.parse(target.settings), asked, AbortSignal.timeout(30_000));
      expect(said(answer, "refused")).toBe("there is nothing to run");
      await rename(join(path, "releases/v1"), join(path, "releases/v2"));
      expect(await desk.sees(target)).toMatchObject({
        health: "down",
        problem: "current leads to no release that is there",
      });
      await writeFile(may, listed);
    });

    test("who has it and what it is a part of is what its unit file says, or what is laid over that", async () => {
      const over = join(units, "over.conf");
      await writeFile(
        over,
        "[X-Acme]\n X-Owner = ana\n[Unit]\nX-Secret-Key=s3cr3t\nX-Owner=ben `$(touch pwned)` *x*\n",
      );
      await desk.units(
        await unit("a.service", {}, "X-Acme-Team=team-web\nX-Application = shop\nX-Ownership=no\nOwner=no"),
        await unit("c.service", {}, "X-Owner=ana\nX-Owner="),
        await unit("b.service", { DropInPaths: `${over} /nowhere/*.conf` }, "X-Owner=cho\nX-Team=web"),
      );
      expect((await finds()).map(({ name, owner, partOf }) => [name, owner, partOf])).toEqual([
        ["a", "team-web", "shop"],
        ["b", "ben `$(touch pwned)` *x*", undefined],
        ["c", undefined, undefined],
      ]);
    });

    test("which target is which: by its unit, however it is written, else by its path", () => {
      function isSame(one: object, other: object): boolean | undefined {
        return ssh.discovery?.isSame({ ...there, ...one }, { ...there, ...other });
      }
      const found = { path: shop, unit: "shop.service" };
      expect(isSame(found, { unit: "shop" })).toBe(true);
      expect(isSame(found, { path: shop, restart: ["/bin/x"] })).toBe(true);
      expect(isSame(found, { path: shop, unit: "shop-web.service" })).toBe(false);
      expect(isSame({ unit: "mailer.service" }, { path: shop, restart: ["/bin/x"] })).toBe(false);
      expect(isSame(found, { ...found, host: "shop2.example.com" })).toBe(false);
      expect(isSame({ ...found, port: 22 }, { ...found, port: undefined })).toBe(true);
    });
  });

  test("a host that does not list it, that has too many, or no systemd, says so", async () => {
    const one = await unit("w@.service", { FragmentPath: "/etc/systemd/system/w@.service" });
    await desk.units(...Array.from({ length: 501 }, (_, at) => ({ ...one, Id: `w@${at}.service` })));
    await expect(finds()).rejects.toThrow(
      "The agent on 127.0.0.1 says: more than 500 services and applications were put here.",
    );
    const { may } = desk.sshd;
    const listed = await readFile(may, "utf8");
    await writeFile(may, listed.replaceAll(/^discover.*\n/gm, ""));
    await expect(finds()).rejects.toThrow(`what runs here may not be listed: ${may} has no line \`discover\`.`);
    await writeFile(may, listed);
    await writeFile(join(desk.sshd.home, "units"), "");
    await expect(finds()).rejects.toThrow("there is no systemd here that says what runs.");
    const other = (await readFile(`${desk.sshd.key}.pub`, "utf8")).trim();
    await expect(ssh.discovery?.list({ ...there, host_key: other }, AbortSignal.timeout(30_000))).rejects.toThrow(
      "127.0.0.1 shows another host key than the one in the catalog, so nothing was sent.",
    );
  });

  test("`daytwo discover ssh` writes what the catalog takes, from the host of a target that it has", async () => {
    const { home } = desk.sshd;
    await desk.units(
      await unit("shop.service", { WorkingDirectory: `${shop}/current` }),
      await unit("mailer.service", {}, "X-Owner=ana"),
    );
    const people = "people: { ana: { name: Ana, slack: U0ANA } }\n";
    const web = JSON.stringify({ provider: "ssh", ...(desk.target({ unit: "shop.service" }).settings as object) });
    await writeFile(join(home, "daytwo.yaml"), `${people}services: { shop: { owner: ana, targets: { web: ${web} } } }`);
    const { stdout, stderr } = await daytwo(["discover", "ssh", "beside=shop/web"], { cwd: home });
    expect(stderr).toMatch(/^1 of them is not in the catalog, of 2 that run there\./);
    const read = readCatalog(people + stdout, { checks: CHECKS, providers: PROVIDERS });
    expect(read).toMatchObject({
      catalog: {
        services: { mailer: { targets: [{ key: "mailer/mailer", settings: { ...there, unit: "mailer.service" } }] } },
      },
    });
    expect(stdout).toContain("owner: ana # it says ana");
    const { stderr: sentence } = await daytwo(["discover", "ssh", "beside=shop/job"], { cwd: home });
    expect(sentence).toContain("The catalog has no target shop/job on ssh.\nIt has shop/web.");
  });

  test("a unit without releases is seen, restarted and run beside, and has nothing to go back to", async () => {
    const target = desk.target({ path: undefined, unit: "shop.service" });
    await expect(desk.sees(target)).rejects.toThrow(/shop\.service may not be seen or changed: .*may does not list it/);
    await appendFile(desk.sshd.may, "unit shop.service\n");
    const seen = await desk.sees(target);
    expect(seen).toMatchObject({
      health: "down",
      releases: [],
      facts: { Host: expect.not.stringContaining("/") as string },
    });
    expect(seen.release).toBeUndefined();
    await expect(desk.plan("rollback", {}, target)).rejects.toThrow("so nothing can be gone back from");
    const plan = await desk.plan("restart", {}, target);
    expect(await desk.apply(plan, { target })).toMatchObject({ kind: "done" });
    expect(await desk.verify(plan, { target })).toEqual({ kind: "holds", seen: "its unit is active" });
    expect(await desk.apply(plan, { target })).toMatchObject({ kind: "refused" });
    expect(await ssh.examine?.(target, AbortSignal.timeout(30_000))).toMatchObject({ missing: [] });
    const where = await desk.program("where", "#!/bin/sh\npwd\n");
    await desk.apply(
      await desk.plan(
        "run",
        { task: "t", values: {}, command: { argv: [where], timeout: 9_000, risk: "low" } },
        target,
      ),
      { target },
    );
    expect(desk.lines).toEqual([desk.sshd.home]);
  });
});
