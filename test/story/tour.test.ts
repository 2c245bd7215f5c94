import { readFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { OVER_SOCKET, PAIRS, startBot, type TestBot } from "../support/bot.ts";
import { openTestFleet, type TestFleet } from "../support/fleet.ts";
import { untilTheFleet } from "../support/seen-soon.ts";
import type { Actor, Seen } from "../support/slack.ts";

/** The demo's first message leads through it, and says what was done: by its buttons, or in another way. */

describe.each(OVER_SOCKET)("over $transport with the queue on $queue", (pair) => {
  let fleet: TestFleet;
  let bot: TestBot;
  let ana: Actor;
  let ben: Actor;

  beforeAll(async () => {
    fleet = await openTestFleet();
  });
  afterAll(() => fleet.stop());

  beforeEach(async () => {
    bot = await startBot(pair, await demo());
    ana = bot.slack.as("ana");
    ben = bot.slack.as("ben");
    await bot.settle();
  });
  afterEach(() => bot.close());

  async function demo() {
    return {
      catalog: await readFile(fleet.ready.catalog, "utf8"),
      demo: { url: fleet.ready.url, token: fleet.ready.token },
    };
  }

  async function tour(): Promise<Seen> {
    const [first] = await ana.sees("#ops");
    if (first === undefined) throw new Error("There is nothing in #ops");
    return first;
  }

  /** The marks of the four lines, in their order. */
  async function marks(): Promise<string> {
    return (await tour()).plain.match(/[⬜⏳✅]/gu)?.join("") ?? "";
  }

  async function lastWhisper(who: Actor, place = "#ops"): Promise<string> {
    await bot.settle();
    return (await who.whispers(place)).at(-1)?.plain ?? "";
  }

  function soon(what: string, holds: () => Promise<boolean>): Promise<void> {
    return untilTheFleet(bot, what, holds);
  }

  test("it is the first message, and each button helps with its line until that is done", async () => {
    expect((await tour()).plain).toContain("A tour of the demo");
    expect((await tour()).buttons).toEqual(["Take one", "Renew it…", "Roll it out", "Show it"]);
    expect(await marks()).toBe("⬜⬜⬜⬜");

    await ana.clicks(await tour(), "Show it");
    expect(await lastWhisper(ana)).toContain("Ownership on");
    expect(await marks()).toBe("⬜⬜⬜✅");

    await soon("something that is nobody's", async () => (await ana.sees("#ops")).some(isNobodys));
    await ana.clicks(await tour(), "Take one");
    expect(await lastWhisper(ana)).toMatch(/^#\d+ is yours[.] Its card in #(ops|shop) says so for everybody[.]$/);
    expect(await marks()).toBe("✅⬜⬜✅");

    await ana.clicks(await tour(), "Renew it…");
    await (await ana.modal("Renew certificate")).submits();
    await soon("the certificate to be ticked", async () => (await marks()) === "✅✅⬜✅");

    await ana.clicks(await tour(), "Roll it out");
    expect(await lastWhisper(ana)).toContain("Dana rolls out v142");
    expect(await marks()).toBe("✅✅⏳✅");
    expect((await tour()).plain).toContain("Ben has to approve");
    expect((await tour()).buttons).toEqual(["Roll back…"]);

    await soon("the item about failing requests", async () => (await ana.sees("#shop")).some(fails));
    await ana.clicks(await tour(), "Roll back…");
    const form = await ana.modal("Roll back");
    expect(form.plain).toMatch(/shop\/web for #\d+/);
    await form.submits();
    await soon("the request in Ben's messages", async () => (await ben.sees("@daytwo")).some(asks));

    await ana.clicks(await tour(), "Roll back…");
    expect(await lastWhisper(ana)).toMatch(/op-2 asks for that already[.] Its card is in the thread of #\d+, in #shop/);
    expect((await ana.asks("/day2 rollback shop to v1")).plain).toContain(
      "op-2 comes first: it asks for rollback on shop/web otherwise.",
    );
    await ben.clicks((await ben.sees("@daytwo")).find(asks) as Seen, "Approve");
    await soon("the whole tour to be done", async () => (await marks()) === "✅✅✅✅");
    expect((await tour()).buttons).toEqual([]);
    expect((await tour()).plain).toContain("All done. Next:");
    expect((await fleet.shop()).release).toBe("v141");
    const digest = (await ana.asks("/day2 digest")).plain;
    expect(digest).toContain("Done by Daytwo alone");
    expect(digest).not.toContain("done: "); // what Ana asked for and Ben approved

    await ana.types("/day2 demo reset");
    await bot.settle();
    expect(await marks()).toBe("✅⬜⬜✅");
  });

  test("it stays the one message over a restart, and what was done in other ways is ticked", async () => {
    await ana.types("/day2 digest", { in: "#shop" });
    await soon("something that is nobody's", async () => (await ana.sees("#ops")).some(isNobodys));
    await bot.settle(); // a check that is cut short stays in the queue until its lock is over
    await bot.stop();
    const again = await startBot(pair, { ...(await demo()), beside: bot });
    try {
      const card = (await ana.sees("#ops")).find(isNobodys) as Seen;
      await ana.clicks(card, "Take it");
      await again.settle();
      expect(await marks()).toBe("✅⬜⬜✅");
      const tours = (await ana.sees("#ops")).filter((message) => message.plain.includes("A tour of the demo"));
      expect(tours).toHaveLength(1);
    } finally {
      await again.stop();
    }
  });

  test("who may only look can read the digest from it, and is told what the rest needs", async () => {
    const rae = bot.slack.as("rae");
    await rae.clicks(await tour(), "Renew it…");
    expect(await lastWhisper(rae)).toContain("You are not in the catalog, so you can look, but not ask for actions.");
    expect(await rae.modals()).toEqual([]);
    await rae.clicks(await tour(), "Show it");
    expect(await lastWhisper(rae)).toContain("Ownership on");
    expect(await marks()).toBe("⬜⬜⬜✅");
  });
});

test("nothing to take is said with what to do", async () => {
  await using quiet = asyncDisposable(
    await startBot(PAIRS[0], { catalog: CATALOG, demo: { url: "http://127.0.0.1:9", token: "nobody-brings-this" } }),
  );
  await quiet.settle();
  const ana = quiet.slack.as("ana");
  const [tour] = await ana.sees("#ops");
  await ana.clicks(tour as Seen, "Take one");
  await quiet.settle();
  expect((await ana.whispers("#ops")).map(({ plain }) => plain)).toEqual([
    "⚠️ There is nothing to take just now.\nThe first checks look within half a minute: press again then. `/day2 items` lists what is open.",
  ]);
  await ana.clicks(tour as Seen, "Renew it…");
  await quiet.settle();
  expect((await ana.whispers("#ops")).at(-1)?.plain).toContain("shop");
});

test("without the demo there is no tour, and who reads the digest is not written down", async () => {
  await using plain = asyncDisposable(await startBot(PAIRS[0], { catalog: CATALOG }));
  const ana = plain.slack.as("ana");
  expect((await ana.asks("/day2 digest")).plain).toContain("Ownership on");
  await plain.settle();
  expect((await ana.asks("/day2 audit")).plain).not.toContain("read the digest");
  expect(await ana.sees("#ops")).toEqual([]);
});

const CATALOG = 'channel: "#ops"\npeople: { ana: { name: Ana, slack: U0ANA, role: operator } }\n';

function asyncDisposable(bot: TestBot): TestBot & AsyncDisposable {
  return { ...bot, [Symbol.asyncDispose]: () => bot.close() };
}

function isNobodys({ plain }: Seen): boolean {
  return plain.includes("nobody owns");
}

/** And still does: one that has resolved itself is nobody's to roll back for. */
function fails({ plain, buttons }: Seen): boolean {
  return plain.includes("of requests fail") && buttons.some((button) => button.startsWith("Roll back"));
}

function asks({ buttons }: Seen): boolean {
  return buttons.includes("Approve");
}
