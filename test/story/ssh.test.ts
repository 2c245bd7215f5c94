import { once } from "node:events";
import { appendFile, mkdir, readlink, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { OVER_SOCKET, startBot, type Pair, type TestBot } from "../support/bot.ts";
import { seenSoon } from "../support/seen-soon.ts";
import type { Actor } from "../support/slack.ts";
import { openSshDesk, type SshDesk } from "../support/ssh-desk.ts";
import { whyNoSshd } from "../support/sshd.ts";
import { openTlsHost, type TlsHost } from "../support/tls-host.ts";

/**
 * A release on a plain host that answers with errors is an item, and goes back over SSH: plan, approval, rollback, look. So is
 * a certificate that runs out, until the host's own program renewed it, and a security update, until a task installed it.
 */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let desk: SshDesk;
let shop: Server;
let tls: TlsHost;
let bot: TestBot;
let ana: Actor;
let ben: Actor;

function shopUnit(): Readonly<Record<string, string>> {
  return {
    Id: "shop.service",
    LoadState: "loaded",
    ActiveState: "active",
    Type: "simple",
    FragmentPath: "/etc/systemd/system/shop.service",
    WorkingDirectory: `${desk.sshd.shop}/current`,
  };
}

/** When a certificate of 90 days begins and ends that has so many left. */
function around(now: Date, left: number): [Date, Date] {
  return [new Date(now.getTime() - (90 - left) * DAY - HOUR), new Date(now.getTime() + left * DAY)];
}

/** Of an apt on the host that knows of what is in its file `waits`, and a program that installs that. */
async function hasApt(): Promise<void> {
  const apt = join(desk.sshd.home, "apt");
  await mkdir(join(apt, "lists"), { recursive: true });
  await writeFile(join(apt, "lists/Release"), "");
  await desk.program(
    "apt-config",
    `#!/bin/sh
case $3 in
  *status/f) echo "path='${apt}/status'" ;;
  *Lists/d) echo "path='${apt}/lists/'" ;;
  *) echo "path='${apt}/'" ;;
esac
`,
  );
  await desk.program("apt-get", `#!/bin/sh\ncat ${apt}/waits\n`);
  await desk.program("apply-updates", `#!/bin/sh\n: >${apt}/waits\necho installed >${apt}/status\n`);
  await aptWaits("");
}
async function aptWaits(lines: string): Promise<void> {
  await writeFile(join(desk.sshd.home, "apt/waits"), lines);
  await writeFile(join(desk.sshd.home, "apt/status"), `${lines} waits\n`);
}

async function opens(pair: Pair): Promise<void> {
  const { sshd } = desk;
  bot = await startBot(pair, {
    actions: "all",
    catalog: `
people:
  ana: { name: Ana, slack: U0ANA, role: operator }
  ben: { name: Ben, slack: U0BEN, role: approver }
services:
  shop:
    channel: "#shop"
    owner: ana
    targets:
      web: ${JSON.stringify({ provider: "ssh", ...(desk.target({ certificate: tls.certificate }).settings as object) })}
    checks:
      ownership: off
      drift:
      updates:
      http: { url: "http://127.0.0.1:${(shop.address() as AddressInfo).port}/" }
      certificate: { address: "${tls.address}", ca: { file: "${tls.ca}" } }
    tasks:
      apply-updates: { command: ["${sshd.home}/apply-updates"], for: patching, risk: low }
      clear-cache: { command: ["${sshd.home}/clear-cache", "{region}"], arguments: { region: { one_of: [eu, us] } }, risk: low }
`,
  });
  ana = bot.slack.as("ana");
  ben = bot.slack.as("ben");
}

describe.skipIf(whyNoSshd !== "").each(OVER_SOCKET)(`over $transport with the queue on $queue${whyNoSshd}`, (pair) => {
  beforeEach(async () => {
    desk = await openSshDesk();
    // What the shop serves is what the link leads to.
    shop = createServer((_request, response) => {
      void readlink(join(desk.sshd.shop, "current")).then((release) => {
        response.writeHead(release.endsWith("v142") ? 500 : 200).end();
      });
    });
    shop.listen(0, "127.0.0.1");
    await once(shop, "listening");
    tls = await openTlsHost(desk, ...around(new Date(), 90));
    await appendFile(desk.sshd.may, "discover\n");
    await desk.units(shopUnit());
    await hasApt();
    await desk.program("clear-cache", `#!/bin/sh\necho "cleared $1 of $(pwd -P)"\n`);
  });
  afterEach(async () => {
    await bot.close();
    shop.close();
    await tls.close();
    await desk.close();
  });

  test("a release that answers with errors: item, plan, approval, rollback on the host, seen to hold, resolved", async () => {
    await opens(pair);
    const item = await seenSoon(bot, MINUTE, ana, ({ plain }) => plain.includes("500"));

    await ana.types("/day2 rollback shop to v141", { in: "#shop" });
    await bot.settle();
    const request = await ben.waitsFor("#shop", ({ buttons }) => buttons.includes("Approve"), { thread: item });
    expect(request.plain).toMatch(/Roll back shop v142 → v141/);
    await ben.clicks(request, "Approve");
    await bot.settle();
    expect((await ana.rereads(request)).plain).toMatch(/\*Done\*.*release v141 is current/);
    expect(await readlink(join(desk.sshd.shop, "current"))).toBe("releases/v141");

    const resolved = await seenSoon(bot, MINUTE, ana, ({ ts, plain }) => ts === item.ts && plain.includes("Resolved"));
    expect(resolved.ts).toBe(item.ts);
    expect((await ana.asks("/day2 status shop")).plain).toContain("v141");

    await ana.types("/day2 run shop clear-cache region=eu", { in: "#shop" });
    await bot.settle();
    const ran = await seenSoon(bot, MINUTE, ana, ({ plain }) => /cleared eu of \S*\/releases\/v141/.test(plain));
    expect(ran.plain).toContain("*Done*");

    await aptWaits("Inst openssl [3.0.14-1] (3.0.15-1 Debian-Security:12/oldstable-security [amd64])\n");
    const patching = await seenSoon(bot, 10 * MINUTE, ana, ({ plain }) => plain.includes("1 security update"));
    expect(patching.plain).toMatch(
      /web waits for 1 security update \(openssl\)[^]*openssl: security; .*3\.0\.14-1 → 3\.0\.15-1/,
    );
    await ana.clicks(patching, "Run apply-updates…");
    await (await ana.modal("Run")).submits();
    await bot.settle();
    await seenSoon(bot, 10 * MINUTE, ana, ({ ts, plain }) => ts === patching.ts && plain.includes("Resolved"));

    // Somebody puts another service there by hand.
    await desk.units(shopUnit(), { ...shopUnit(), Id: "mailer.service", WorkingDirectory: "" });
    const beside = await seenSoon(bot, HOUR, ana, ({ plain }) =>
      plain.includes("nobody owns 1 of the 2 that run there"),
    );
    expect(beside.plain).toMatch(/mailer: says no owner[^]*npx daytwo discover ssh beside=shop\/web/);

    // The certificate runs out, and nothing on the host renews it by itself. Whether one is in force is by this machine's clock.
    await tls.serves(...around(new Date(), 20));
    const expiring = await seenSoon(bot, HOUR, ana, ({ plain }) => plain.includes("certificate expires in"));
    await tls.issues(...around(new Date(), 90));
    await ana.types("/day2 renew-cert shop", { in: "#shop" });
    await bot.settle();
    await ana.waitsFor(
      "#shop",
      ({ plain }) => /Renew the certificate of shop[^]*\*Done\*.*serial [0-9A-F]+ served 20 times in a row/.test(plain),
      { thread: expiring },
    );
    expect([(await tls.renewals()).length, (await tls.reloads()).length]).toEqual([1, 1]);
    await seenSoon(bot, HOUR, ana, ({ ts, plain }) => ts === expiring.ts && plain.includes("Resolved"));
  });
});
