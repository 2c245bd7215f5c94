import { existsSync } from "node:fs";
import { appendFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Target } from "../src/domain/catalog.ts";
import { CANCELLED } from "../src/providers/provider.ts";
import { ssh } from "../src/providers/ssh/index.ts";
import { openSshDesk, type SshDesk } from "./support/ssh-desk.ts";
import { whyNoSshd } from "./support/sshd.ts";
import { openTlsHost, type TlsHost } from "./support/tls-host.ts";

/** A certificate that a program on the host renews: done only once the new one is served, and as all providers promise. */

const OLD = [new Date("2026-09-01T08:00:00Z"), new Date("2026-11-30T08:00:00Z")] as const;
const NEW = [new Date("2026-11-01T08:00:00Z"), new Date("2040-01-30T08:00:00Z")] as const;

describe.skipIf(whyNoSshd !== "")(`certificates on hosts over SSH${whyNoSshd}`, () => {
  let desk: SshDesk;
  let tls: TlsHost;
  let target: Target;
  let home: string;

  beforeEach(async () => {
    desk = await openSshDesk();
    tls = await openTlsHost(desk, ...OLD);
    target = desk.target({ certificate: tls.certificate });
    ({ home } = desk.sshd);
  });
  afterEach(async () => {
    await tls.close();
    await desk.close();
  });

  test("it is renewed, then reloaded, once, and done when the new one is served", async () => {
    const { certificates } = await desk.sees(target);
    const serial = certificates[0]?.serial ?? "";
    expect(certificates).toEqual([
      {
        address: tls.address,
        servername: "127.0.0.1",
        serial,
        notBefore: OLD[0].toISOString(),
        notAfter: OLD[1].toISOString(),
      },
    ]);
    const plan = await desk.plan("renew-cert", {}, target);
    expect(plan).toMatchObject({
      title: "Renew the certificate of shop (web)",
      changes: {
        [tls.address]: [`serial ${serial}, issued 2026-09-01 08:00 UTC, until 2026-11-30`, "a newer one"],
      },
    });
    expect(plan.reasons.join("\n")).toMatch(
      /^Runs \S+\/renew "shop; touch pwned"\nIf that ends well, runs \S+\/reload\nA reload may drop connections/,
    );
    expect(await desk.verify(plan, { target })).toMatchObject({ kind: "untouched" });

    await tls.issues(...NEW);
    expect(await desk.apply(plan, { target })).toMatchObject({ kind: "done" });
    const token = desk.token();
    expect(desk.lines).toEqual(["renewed shop; touch pwned"]);
    expect(await desk.verify(plan, { target })).toMatchObject({
      kind: "holds",
      seen: /^serial [0-9A-F]+ served 20 times in a row at 127\.0\.0\.1:\d+, until 2040-01-30$/,
      printed: ["renewed shop; touch pwned"],
    });
    expect((await desk.sees(target)).certificates[0]?.serial).not.toBe(serial);
    // The same again has no second effect; another one was drawn before this.
    expect(await desk.apply(plan, { target, token })).toMatchObject({ kind: "done" });
    expect(await desk.apply(plan, { target, token: "another" })).toMatchObject({
      kind: "refused",
      reason: /^it changed since the plan was drawn: 127\.0\.0\.1:\d+ serves serial/,
    });
    expect([await tls.renewals(), await tls.reloads()]).toEqual([[token], [token]]);
    expect(existsSync(join(desk.sshd.shop, "current", "pwned"))).toBe(false);
  });

  test("one that was not due, or not reloaded, or is older is still on its way, in plain words", async () => {
    const stale =
      /^it ended well, but 127\.0\.0\.1:\d+ still serves serial [0-9A-F]+: was it not due, or not reloaded\?$/;
    // Of a unit alone, as nginx is one.
    await appendFile(desk.sshd.may, "unit shop.service\n");
    const unit = desk.target({ unit: "shop.service", path: undefined, certificate: tls.certificate });
    const due = await desk.plan("renew-cert", {}, unit);
    expect(await desk.apply(due, { target: unit })).toMatchObject({ kind: "done" });
    expect(desk.lines).toEqual(["shop; touch pwned is not due"]);
    expect(await desk.verify(due, { target: unit })).toMatchObject({ kind: "pending", seen: stale });

    const { renew, address } = tls.certificate;
    const alone = desk.target({ certificate: { renew, address } });
    const unloaded = await desk.plan("renew-cert", {}, alone);
    await tls.issues(new Date("2026-08-01"), new Date("2040-01-01"));
    expect(await desk.apply(unloaded, { target: alone })).toMatchObject({ kind: "done" });
    expect(await desk.verify(unloaded, { target: alone })).toMatchObject({ kind: "pending", seen: stale });

    // What was stored is older than what is served.
    const older = await desk.plan("renew-cert", {}, target);
    expect(await desk.apply(older, { target })).toMatchObject({ kind: "done" });
    expect(await desk.verify(older, { target })).toMatchObject({
      kind: "pending",
      seen: /is older than the one before$/,
    });
  });

  test("one that fails, in the renewal or in the reload, has failed; one that a person stops is stopped", async () => {
    const none = desk.target({
      certificate: { ...tls.certificate, renew: [await desk.program("fails", "#!/bin/sh\nexit 3\n")] },
    });
    const failing = await desk.plan("renew-cert", {}, none);
    expect(await desk.apply(failing, { target: none })).toEqual({
      kind: "failed",
      reason: "it ended with exit status 3",
    });
    expect(await tls.reloads()).toEqual([]);

    await writeFile(join(home, "broken"), "");
    await tls.issues(...NEW);
    const broken = await desk.plan("renew-cert", {}, target);
    const reason = "what renews it ended well, and of the reload: it ended with exit status 1";
    expect(await desk.apply(broken, { target })).toEqual({ kind: "failed", reason });
    expect(await desk.verify(broken, { target })).toMatchObject({
      kind: "failed",
      seen: `${reason}: renewed shop; touch pwned`,
    });

    await writeFile(join(home, "hold"), "");
    const held = await desk.plan("renew-cert", {}, target);
    const before = await tls.reloads();
    const off = new AbortController();
    const outcome = desk.apply(held, { target, signal: off.signal });
    await expect.poll(() => desk.lines, { timeout: 20_000 }).toEqual(["asks"]);
    off.abort(CANCELLED);
    expect(await outcome).toEqual({ kind: "failed", reason: "it was stopped" });
    expect(await tls.reloads()).toEqual(before);
  });

  test("it is refused where nothing is named, allowed or to be seen, and doctor says what the host does not allow", async () => {
    await expect(desk.plan("renew-cert")).rejects.toThrow("The catalog names no certificate of shop/web: write");
    const unlisted = join(home, "unlisted");
    for (const more of [{ renew: [unlisted] }, { reload: [unlisted] }]) {
      const other = desk.target({ certificate: { ...tls.certificate, ...more } });
      expect(await ssh.examine?.(other, AbortSignal.timeout(30_000))).toMatchObject({
        missing: [
          `run ${unlisted}: ${desk.sshd.may} does not list it (for renew-cert)`,
          `execute ${unlisted} (for renew-cert)`,
        ],
      });
      const plan = await desk.plan("renew-cert", {}, other);
      expect(await desk.apply(plan, { target: other })).toMatchObject({
        kind: "refused",
        reason: /unlisted may not be run/,
      });
      // What was approved is what runs.
      expect(await desk.apply(plan, { target })).toMatchObject({
        kind: "refused",
        reason: "it changed since the plan was drawn: the catalog names other programs",
      });
    }
    expect(await ssh.examine?.(target, AbortSignal.timeout(30_000))).toMatchObject({ missing: [] });
    expect(await tls.renewals()).toEqual([]);

    const plan = await desk.plan("renew-cert", {}, target);
    const speaksSsh = `127.0.0.1:${desk.sshd.port}`;
    const dark = desk.target({ certificate: { ...tls.certificate, address: [tls.address, "127.0.0.1:1", speaksSsh] } });
    const seen = await desk.sees(dark);
    expect(seen.facts).toMatchObject({
      "Certificate at 127.0.0.1:1": "127.0.0.1:1 does not answer: connection refused",
      [`Certificate at ${speaksSsh}`]: expect.stringMatching(/ does not answer: /) as string,
    });
    await expect(desk.plan("renew-cert", {}, dark)).rejects.toThrow(
      "The certificate cannot be seen, so nothing would show that it is renewed: 127.0.0.1:1 does not answer",
    );
    expect(await desk.apply(plan, { target, signal: AbortSignal.abort(CANCELLED) })).toMatchObject({ kind: "refused" });
    await rm(desk.sshd.may);
    expect(await desk.apply(plan, { target })).toMatchObject({ kind: "refused" });
    expect(await tls.renewals()).toEqual([]);
  });
});
