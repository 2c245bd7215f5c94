import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { OVER_SOCKET, type Pair, type TestBot } from "../support/bot.ts";
import { makeHome } from "../support/home.ts";
import { openCluster, type TestCluster } from "../support/kubernetes/index.ts";
import { openProduction, production } from "../support/production.ts";
import { seenSoon } from "../support/seen-soon.ts";
import type { Actor } from "../support/slack.ts";
import { until } from "../support/until.ts";

/** A release that does not come up in a cluster is an item, and goes back by way of a plan, an approval and a look. */

const HALF = 30_000; // ms between two looks
const HOUR = 3_600_000;

let home: string;
let cluster: TestCluster;
let bot: TestBot;
let ana: Actor;
let ben: Actor;

beforeEach(async () => {
  home = await makeHome("kubernetes-story");
  cluster = await openCluster();
  await writeFile(join(home, "config"), cluster.kubeconfig(cluster.user("daytwo")));
  await cluster.runs("deployments", "shop-web", { replicas: 4 });
});
afterEach(async () => {
  await bot.close();
  await cluster.close();
  await rm(home, { recursive: true, force: true });
});

async function opens(pair: Pair, checks = "health:, drift:", more = ""): Promise<void> {
  ({ bot, ana, ben } = await openProduction(pair, catalogWith(checks, more)));
}

function catalogWith(checks: string, more = ""): string {
  const web = `provider: kubernetes, deployment: shop-web, namespace: shop, kubeconfig: { file: "${home}/config" }${more}`;
  return production({ shop: [`targets: { web: { ${web} } }`, `checks: { ownership: off, ${checks} }`] });
}

describe.each(OVER_SOCKET)("over $transport with the queue on $queue", (pair) => {
  test("a release whose image is missing: item, plan, approval, rollback, seen to hold, resolved", async () => {
    await opens(pair);
    await bot.passes(HALF);
    cluster.misses("registry.example.com/shop-web:v141");
    cluster.deploys("deployments", "shop-web", "registry.example.com/shop-web:v141");
    const item = await seenSoon(bot, HALF, ana, ({ plain }) => plain.includes("does not come up"));
    expect(item.plain).toMatch(/a pod of v141\.[0-9a-f]{4} does not come up: its image cannot be pulled/);
    expect(item.buttons.join()).toMatch(/Roll back/);

    await ana.types("/day2 rollback shop to v140", { in: "#shop" });
    await bot.settle();
    const request = await ben.waitsFor("#shop", ({ buttons }) => buttons.includes("Approve"), { thread: item });
    expect(request.plain).toMatch(/Roll back shop v141\.[0-9a-f]{4} → v140\.[0-9a-f]{4}/);
    expect(request.plain).toContain("ConfigMaps and Secrets as they are now");
    await ben.clicks(request, "Approve");
    await bot.settle();
    const done = await ana.rereads(request);
    expect(done.plain).toMatch(/\*Done\*.*release v140\.[0-9a-f]{4}, 4 of 4 updated, 4 available/);
    expect(cluster.effects.map(({ user, name }) => `${user} ${name}`)).toEqual(["daytwo shop-web"]);

    const resolved = await seenSoon(bot, HALF, ana, ({ ts, plain }) => ts === item.ts && plain.includes("Resolved"));
    expect(resolved.ts).toBe(item.ts);
    expect((await ana.asks("/day2 status shop")).plain).toContain("v140.");

    await ana.types("/day2 scale shop web=5", { in: "#shop" });
    await bot.settle();
    await ana.waitsFor("#shop", ({ plain }) => /\*Done\*.*5 of 5 updated, 5 available/.test(plain));
    expect(cluster.get("deployments", "shop-web")["spec"].replicas).toBe(5);

    // What cannot be says on its card what can.
    await ana.types("/day2 scale shop worker=2", { in: "#shop" });
    await bot.settle();
    await ana.waitsFor("#shop", ({ plain }) => plain.includes("There is no process called worker. There is 5 web."));
  });

  test("a rollout that fails is an item at once, long before the next look is due", async () => {
    await opens(pair, "health: { every: 7d }");
    await bot.passes(7 * 24 * HOUR);
    cluster.misses("registry.example.com/shop-web:v141");
    cluster.deploys("deployments", "shop-web", "registry.example.com/shop-web:v141");
    const begun = bot.now();
    const item = await ana.waitsFor("#shop", ({ plain }) => plain.includes("does not come up"));
    expect(item.plain).toMatch(/a pod of v141\.[0-9a-f]{4} does not come up: its image cannot be pulled/);
    expect(bot.now().getTime() - begun.getTime()).toBeLessThan(60_000);
    expect(cluster.watching.size).toBe(2);
    await bot.follows(catalogWith("drift:"));
    await until("nothing to be watched that is not looked at", () => cluster.watching.size === 0);
  });

  test("a certificate that runs out: item, its button, plan, renewed, seen where it is served, resolved", async () => {
    const { address, ca } = await cluster.certificates.certifies("shop-tls");
    await writeFile(join(home, "ca.pem"), ca);
    const seen = `{ address: "${address}", servername: shop.example.com, ca: { file: "${home}/ca.pem" } }`;
    await opens(pair, `certificate: ${seen}`, `, certificate: { name: shop-tls, address: "${address}" }`);
    const item = await seenSoon(bot, 5 * 60_000, ana, ({ plain }) => plain.includes("certificate expires in"));
    await ana.clicks(item, "Renew certificate…");
    await (await ana.modal("Renew certificate")).submits();
    await bot.settle();
    const done = await ana.waitsFor("#shop", ({ plain }) => plain.includes("*Done*"), { thread: item });
    expect(done.plain).toContain("Renew the certificate shop-tls of shop");
    expect(done.plain).toContain(`served 20 times in a row at ${address}, until`);
    const resolved = await seenSoon(
      bot,
      5 * 60_000,
      ana,
      ({ ts, plain }) => ts === item.ts && plain.includes("Resolved"),
    );
    expect(resolved.ts).toBe(item.ts);
    expect(cluster.effects.map(({ user, name }) => `${user} ${name}`)).toEqual(["daytwo shop-tls"]);
  });

  test("rollouts that are held back: an item of who asked, gone with the resumption, by itself where a time was said", async () => {
    await opens(pair);
    await ana.types("/day2 pause shop for 2h", { in: "#shop" });
    await bot.settle();
    const held = await ana.waitsFor("#shop", ({ plain }) =>
      plain.includes("rollouts held back → as they come goes back"),
    );
    expect(held.plain).toContain("Owner: @ana");
    expect(cluster.get("deployments", "shop-web")["spec"].paused).toBe(true);
    expect((await ana.asks("/day2 status shop")).plain).toContain("Paused what is changed is not rolled out");
    cluster.deploys("deployments", "shop-web", "registry.example.com/shop-web:v141");
    await bot.passes(2 * HOUR);
    await seenSoon(bot, HALF, ana, ({ ts, plain }) => ts === held.ts && plain.includes("Resolved"));
    expect(cluster.get("deployments", "shop-web")["spec"].paused).not.toBe(true);
    const done = await ana.waitsFor("#shop", ({ plain }) => plain.includes("*Done*"), { thread: held });
    expect(done.plain).toMatch(/takes back op-1[^]*v141\.[0-9a-f]{4}, 4 of 4 updated/);

    await ana.types("/day2 pause shop", { in: "#shop" });
    await bot.settle();
    const open = await ana.waitsFor("#shop", ({ plain }) => plain.includes("held back until somebody resumes them"));
    await ana.types("/day2 resume shop", { in: "#shop" });
    await bot.settle();
    const over = await ana.rereads(open);
    expect(over.plain).toMatch(/Resolved[^]*ended by op-4/);
  });

  test("what runs beside it and is nobody's: item, the command that names it, and over once it is gone", async () => {
    await opens(pair);
    await cluster.runs("deployments", "mailer", {}, { annotations: { owner: "Dana" } });
    const item = await seenSoon(bot, HOUR, ana, ({ plain }) =>
      plain.includes("nobody owns 1 of the 2 that run there: mailer"),
    );
    expect(item.plain).toMatch(/mailer[^]*Dana[^]*npx daytwo discover kubernetes beside=shop\/web/);
    cluster.store.remove("deployments", cluster.get("deployments", "mailer"));
    await seenSoon(bot, HOUR, ana, ({ ts, plain }) => ts === item.ts && plain.includes("Resolved"));
  });
});
