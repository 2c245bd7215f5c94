import { readFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { OVER_HTTP, startBot, type TestBot } from "../support/bot.ts";
import { openTestFleet, type TestFleet } from "../support/fleet.ts";
import { untilTheFleet } from "../support/seen-soon.ts";
import type { Actor, Seen } from "../support/slack.ts";

/** The demo, as a newcomer sees it: a real fleet, its certificate, a bad release, and a busy afternoon. */

describe.each(OVER_HTTP)("over $transport with the queue on $queue", (pair) => {
  let fleet: TestFleet;
  let bot: TestBot;
  let ana: Actor;
  let ben: Actor;

  beforeAll(async () => {
    fleet = await openTestFleet();
  });
  afterAll(() => fleet.stop());

  beforeEach(async () => {
    bot = await startBot(pair, {
      catalog: await readFile(fleet.ready.catalog, "utf8"),
      demo: { url: fleet.ready.url, token: fleet.ready.token },
    });
    ana = bot.slack.as("ana");
    ben = bot.slack.as("ben");
  });
  afterEach(() => bot.close());

  /** Lets checks fall due until somebody sees what they wait for. */
  async function soon(what: string, who: Actor, where: string, matches: (message: Seen) => boolean): Promise<Seen> {
    let found: Seen | undefined;
    let seen: Seen[] = [];
    await untilTheFleet(
      bot,
      () => `${what}; there is ${seen.map((message) => message.plain).join(" | ")}`,
      async () => {
        seen = await who.sees(where);
        found = seen.find(matches);
        return found !== undefined;
      },
    );
    if (found === undefined) throw new Error(`${what} went away again`);
    return found;
  }

  test("the certificate is renewed, and the item resolves itself", async () => {
    const item = await soon("the certificate's item", ana, "#shop", (message) =>
      message.plain.includes("certificate expires"),
    );
    const before = (await fleet.shop()).tls.serial as string;

    await ana.types("/day2 renew-cert shop", { in: "#shop" });
    await soon(
      "the renewal in its thread",
      ana,
      "#shop",
      (message) => message.ts === item.ts && message.plain.includes("Resolved"),
    );
    const thread = await ana.sees("#shop", item);
    expect(thread.some((message) => message.plain.includes("op-1") && message.plain.includes("✅"))).toBe(true);
    expect((await fleet.shop()).tls.serial).not.toBe(before);
  });

  test("the log files are trimmed by a task of the catalog, and the item resolves itself", async () => {
    const item = await soon("the item about the logs", ana, "#shop", (message) => message.plain.includes("logs hold"));
    await ana.types("/day2 run shop trim-logs megabytes=2", { in: "#shop" });
    const done = await soon("the task's end", ana, "#shop", (message) => /✅.*op-1\b/.test(message.plain));
    expect(done.plain).toContain("it ended well: debug.log:");
    await soon(
      "the item to resolve",
      ana,
      "#shop",
      (message) => message.ts === item.ts && message.plain.includes("Resolved"),
    );
  });

  test("a bad release is noticed, and rolled back with approval", async () => {
    await soon("the shop being watched", ana, "#ops", (message) => message.plain.includes("nobody owns"));
    await ana.types("/day2 demo bad-release", { in: "#shop" });
    const item = await soon("the item about failing requests", ana, "#shop", (message) =>
      message.plain.includes("of requests fail"),
    );
    expect(item.plain).toContain("Just before: release v142");

    await ana.types("/day2 rollback shop", { in: "#shop" });
    const asked = await soon("the request in Ben's messages", ben, "@daytwo", (message) =>
      message.plain.includes("v142 → v141"),
    );
    expect((await ana.rereads(item)).plain).toContain("op-1 Roll back shop v142 → v141 · waits for approval");
    const inThread = await ana.waitsFor("#shop", (message) => message.buttons.includes("Approve"), { thread: item });
    expect(inThread.plain).toContain("Stays:");
    await ana.clicks(inThread, "Approve");
    await bot.settle();
    expect((await ana.whispers("#shop", item)).at(-1)?.plain).toContain("Someone else must decide on your own request");
    expect((await fleet.shop()).release).toBe("v142");

    await ben.clicks(asked, "Approve");
    await soon(
      "the item to resolve",
      ana,
      "#shop",
      (message) => message.ts === item.ts && message.plain.includes("Resolved"),
    );
    expect((await fleet.shop()).release).toBe("v141");
    expect((await ben.sees("@daytwo")).at(-1)?.buttons).toEqual([]);
    expect((await fleet.effects()).filter((effect) => effect.action === "rollback")).toHaveLength(1);
  });

  test("a temporary size goes back by itself", async () => {
    await ana.types("/day2 scale shop web=4 for 10m", { in: "#shop" });
    const item = await soon("the reversal's item", ana, "#shop", (message) =>
      message.plain.includes("goes back by itself"),
    );
    expect(item.plain).toContain("Owner: @ana");
    expect((await fleet.shop()).processes.web).toMatchObject({ wanted: 4, healthy: 4 });

    bot.advance(9 * 60_000);
    await bot.settle();
    expect((await fleet.shop()).processes.web).toMatchObject({ wanted: 4 });
    bot.advance(60_000);
    await soon("the reversal", ana, "#shop", (message) => message.ts === item.ts && message.plain.includes("Resolved"));
    expect((await fleet.shop()).processes.web).toMatchObject({ wanted: 2, healthy: 2 });
  });

  test("a sequence of the catalog: wider, trimmed and started anew, one after the other", async () => {
    await ana.types("/day2 run shop make-room", { in: "#shop" });
    const done = await soon("the sequence's end", ana, "#shop", (message) =>
      /✅ \*op-1 Run make-room/.test(message.plain),
    );
    expect(done.plain).toMatch(
      /✅ 1\. Scale shop web 2 → 3 · done .*\n✅ 2\. Run trim-logs on shop .* · done .*\n✅ 3\. Restart shop \(worker\)/,
    );
    expect((await fleet.shop()).processes).toMatchObject({ web: { wanted: 3, healthy: 3 }, worker: { healthy: 1 } });
    await bot.settle();
    await fleet.call("POST", "/demo/reset");
  });

  test("what Daytwo itself did before a bad release is told once, with who asked for it", async () => {
    await fleet.call("POST", "/demo/reset");
    await soon("the shop being watched", ana, "#ops", (message) => message.plain.includes("nobody owns"));
    await ana.types("/day2 scale shop web=3", { in: "#shop" });
    await soon("the scaling", ana, "#shop", (message) => /✅.*op-1\b/.test(message.plain));
    await ana.types("/day2 demo bad-release", { in: "#shop" });
    const item = await soon("the item about failing requests", ana, "#shop", (message) =>
      /\* · \d+ % of requests fail/.test(message.plain),
    );
    const line = /Just before: .*/.exec(item.plain)?.[0].replaceAll(/, \d[^;]*/g, "");
    // The fleet's own clock was not moved, so that its release is the older one.
    expect(line).toBe("Just before: op-1 Scale shop web 2 → 3 by Ana; release v142 by Dana");
  });
});
