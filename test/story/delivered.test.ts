import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Pool } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openDeliveries } from "../../src/delivery.ts";
import { tellAlarms } from "../../src/delivery/alarms.ts";
import { notify } from "../../src/store/events.ts";
import { PAIRS, startBot, type TestBot } from "../support/bot.ts";
import { openItem } from "../support/open.ts";
import { HISTORY, manifestWith, type Actor, type Seen, type SlackOptions } from "../support/slack.ts";
import { until } from "../support/until.ts";
import { openPool } from "../support/pool.ts";

/** Messages that get lost, places that take none, and a Slack that knows us no more: what is in Slack is what the rows say, or somebody hears why not. */

const CATALOG = `
people:
  ana: { name: Ana, slack: U0ANA, role: operator }
  ben: { name: Ben, slack: U0BEN, role: operator }
`;

const PRIVATE = { id: "C0OPS", name: "ops", topic: "", private: true, members: ["U0ANA", "U0BEN", "U0DAYTWO"] };

type Told = { readonly text: string; readonly about: string; readonly state: string };

const outside = createServer((request, response) => {
  void hear(request).then(() => response.end("OK"));
});
const told: Told[] = [];

async function hear(request: IncomingMessage): Promise<void> {
  told.push(JSON.parse(await text(request)) as Told);
}

let alarm: string;
beforeAll(async () => {
  await once(outside.listen(0, "127.0.0.1"), "listening");
  alarm = `http://127.0.0.1:${(outside.address() as AddressInfo).port}/hooks/secret`;
});
afterAll(() => outside.close());
beforeEach(() => void (told.length = 0));

describe.each(PAIRS)("over $transport with the queue on $queue", (pair) => {
  let bot: TestBot;
  let pool: Pool;
  let ana: Actor;

  async function started(
    more: { history?: boolean; channels?: NonNullable<SlackOptions["seed"]>["channels"] } = {},
  ): Promise<void> {
    bot = await startBot(pair, {
      catalog: CATALOG,
      alarm,
      slack: {
        manifest: manifestWith(more.history === true ? HISTORY : []),
        ...(more.channels === undefined ? {} : { seed: { channels: more.channels } }),
      },
    });
    pool = openPool(bot.database);
    ana = bot.slack.as("ana");
  }
  afterEach(async () => {
    await pool.end();
    await bot.close();
  });

  async function cards(): Promise<readonly Seen[]> {
    return (await ana.sees("#ops")).filter(({ buttons }) => buttons.length > 0);
  }

  async function metric(name: string): Promise<number> {
    const text = await (await fetch(`${bot.bot.http.url}/metrics`)).text();
    return Number(
      text
        .split("\n")
        .find((line) => line.startsWith(`${name} `))
        ?.split(" ")[1],
    );
  }

  test("a new card that Slack took and never confirmed is found again by who may look", async () => {
    await started({ history: true });
    await bot.slack.fault({ method: "chat.postMessage", mode: "store_then_drop" });
    await openItem(bot, "disk fills");
    await bot.settle();
    expect(await cards()).toHaveLength(1);
    expect(await bot.slack.calls("conversations.history")).toHaveLength(1);
    expect(await metric("daytwo_posts_repeated_total")).toBe(0);
    const { rows } = await pool.query("select channel from comparisons");
    expect(rows).toEqual([{ channel: "C0OPS" }]); // by which its channel is compared at night
  });

  test("a new card that Slack took and that could not be noted is found again by who may look", async () => {
    await started({ history: true });
    await pool.query(`
      create sequence lost;
      create function lose() returns trigger language plpgsql security definer as $$
        begin perform nextval('daytwo.lost'); raise exception 'the database goes away'; end $$;
      create trigger lose before update of message_ts on postings for each row
        when (old.message_ts is null and new.message_ts is not null) execute function lose()`);
    await openItem(bot, "disk fills");
    await until("the note to be lost", async () => {
      const { rows } = await pool.query<{ is_called: boolean }>("select is_called from lost");
      return rows[0]?.is_called === true;
    });
    await pool.query("drop trigger lose on postings");
    bot.advance(31_000);
    await bot.settle();
    expect(await cards()).toHaveLength(1);
    expect(await bot.slack.calls("conversations.history")).toHaveLength(1);
    expect(await metric("daytwo_posts_repeated_total")).toBe(0);
  });

  test("who may not look sends it once more, and the copy goes at its first click", async () => {
    await started();
    await bot.slack.fault({ method: "chat.postMessage", mode: "store_then_drop" });
    await openItem(bot, "disk fills");
    await bot.settle();
    const [stray, card] = (await cards()) as [Seen, Seen];
    expect(await bot.slack.calls("conversations.history")).toEqual([]);
    expect(await metric("daytwo_posts_repeated_total")).toBe(1);
    expect(await ana.clicks(stray, "Take it")).toEqual({ ok: true });
    await ana.waitsFor("#ops", ({ ts, plain }) => ts === card.ts && plain.includes("took it"));
    await until("the copy to go", async () => (await cards()).length === 1);
  });

  test("a channel that is archived holds back its own cards alone, says so, and gets them once it is back", async () => {
    await started();
    await bot.slack.channel({ channel: "C0SHOP", archived: true });
    await openItem(bot, "disk fills");
    await pool.query(
      `insert into postings (subject_kind, subject, place, channel, asked_at) select 'item', id, 'channel:C0SHOP', 'C0SHOP', $1 from items`,
      [bot.now()],
    );
    await bot.settle();
    const said = await ana.waitsFor("#ops", ({ plain }) => plain.includes("no message of Daytwo's reaches"));
    expect(said.plain).toContain("it is archived");
    expect((await cards()).map(({ plain }) => plain).join()).toContain("disk fills");
    expect(await metric("daytwo_channels_shut")).toBe(1);
    const tried = (await bot.slack.calls("chat.postMessage")).filter(({ channel }) => channel === "C0SHOP").length;
    expect(tried).toBe(1);
    await bot.slack.channel({ channel: "C0SHOP", archived: false });
    bot.advance(301_000);
    await bot.settle();
    expect((await ana.sees("#shop")).filter(({ buttons }) => buttons.length > 0)).toHaveLength(1);
    await ana.waitsFor("#ops", ({ ts, plain }) => ts === said.ts && plain.includes("Resolved"));
    expect(await metric("daytwo_channels_shut")).toBe(0);
    expect(told).toEqual([]);
  });

  test("the bot is thrown out of its own channel: somebody outside hears of it, and of its return", async () => {
    await started({ channels: [PRIVATE] });
    await openItem(bot, "disk fills");
    await bot.settle();
    const [card] = (await cards()) as [Seen];
    await bot.slack.channel({ channel: "C0OPS", members: ["U0ANA", "U0BEN"] });
    await pool.query("update postings set wanted = wanted + 1");
    bot.advance(10_000);
    await until("the alarm", async () => {
      await tellAlarms(bot.bot.app);
      return told.length > 0;
    });
    expect(told).toMatchObject([{ about: "channel", state: "begun" }]);
    expect(told[0]?.text).toContain("reaches #ops");
    expect(await (await fetch(`${bot.bot.http.url}/readyz`)).text()).toContain("reaches #ops");
    await bot.slack.channel({ channel: "C0OPS", members: PRIVATE.members });
    bot.advance(301_000);
    await until("the end of the alarm", async () => {
      await tellAlarms(bot.bot.app);
      return told.length === 2;
    });
    expect(told[1]).toMatchObject({ about: "channel", state: "over" });
    await bot.settle();
    expect(await cards()).toEqual(expect.arrayContaining([expect.objectContaining({ ts: card.ts })]));
  });

  test("a card that somebody deleted: what is said next is said beneath a new one", async () => {
    await started();
    await openItem(bot, "disk fills");
    await bot.settle();
    const [gone] = (await cards()) as [Seen];
    await bot.bot.app.slack.call("chat.delete", { channel: "C0OPS", ts: gone.ts });
    await ana.asks("/day2 note #1 it is the log");
    const card = await ana.waitsFor("#ops", ({ buttons }) => buttons.length > 0);
    await ana.waitsFor("#ops", ({ plain }) => plain.includes("it is the log"), { thread: card });
    expect(await cards()).toHaveLength(1);
  });

  test("a thread that Slack never finds: its card is posted anew twice, and then its line waits", async () => {
    await started();
    await openItem(bot, "disk fills");
    await bot.settle();
    await ana.asks("/day2 ack #1");
    await bot.settle();
    // As if the server said another id than the one by which it finds the message.
    await pool.query(`
      create function mislead() returns trigger language plpgsql as $$ begin new.message_ts := '1.000001'; return new; end $$;
      create trigger mislead before update of message_ts on postings for each row
        when (new.message_ts is not null and new.place like 'channel:%') execute function mislead()`);
    await pool.query("update postings set message_ts = message_ts");
    await ana.asks("/day2 note #1 it is the log");
    for (const [times, wait] of [2_000, 2_000, 21_000, 41_000, 81_000].entries()) {
      await until(`the line to fail for the ${times + 1}. time`, async () => {
        const { rows } = await pool.query("select from postings where place like 'thread:%' and attempts > $1", [
          times,
        ]);
        return rows.length > 0;
      });
      bot.advance(wait);
      await notify(bot.bot.app.db, "daytwo_delivery");
    }
    expect(await cards()).toHaveLength(3);
  });

  test("another channel has the name now: what is said next is said there, beneath the card", async () => {
    const next = { ...PRIVATE, id: "C0NEXT", members: ["U0ANA"] };
    await started({ channels: [PRIVATE, next] });
    await openItem(bot, "disk fills");
    await bot.settle();
    await bot.slack.channel({ channel: "C0OPS", members: ["U0ANA"] });
    await bot.slack.channel({ channel: "C0NEXT", members: PRIVATE.members });
    await ana.asks("/day2 note #1 it is the log");
    const card = await ana.waitsFor("C0NEXT", ({ plain }) => plain.includes("disk fills"));
    await ana.waitsFor("C0NEXT", ({ plain }) => plain.includes("it is the log"), { thread: card });
    expect(await ana.sees("C0NEXT")).toHaveLength(1);
    expect(await metric("daytwo_channels_shut")).toBe(0);
  });

  test("the token is revoked: nothing is sent any more, it is said wherever Slack is not needed, and all of it comes later", async () => {
    await started();
    await openItem(bot, "disk fills");
    await bot.settle();
    await bot.slack.fault({ error: "token_revoked", times: 100_000 });
    await pool.query("update postings set wanted = wanted + 1");
    bot.advance(10_000);
    await until("the alarm", async () => {
      await tellAlarms(bot.bot.app);
      return told.length > 0;
    });
    expect(told[0]?.text).toContain("token_revoked");
    const asked = (await bot.slack.calls("chat.update")).length;
    bot.advance(5_000);
    await bot.bot.app.followCatalog();
    expect(await (await fetch(`${bot.bot.http.url}/healthz`)).text()).toContain("token_revoked");
    const ready = await fetch(`${bot.bot.http.url}/readyz`);
    expect([ready.status, await ready.text()]).toEqual([200, expect.stringContaining("no message reaches anybody")]);
    expect(await metric('daytwo_alarms{about="token"}')).toBe(1);
    expect((await bot.slack.calls("chat.update")).length).toBe(asked);
    expect(await openDeliveries(bot.bot.app).round()).toBe(false);
    const { rows } = await pool.query<{ behind: number; tried: number }>(
      "select count(*) filter (where shown < wanted)::int as behind, max(attempts)::int as tried from postings",
    );
    expect(rows[0]).toEqual({ behind: 1, tried: 0 });

    await bot.slack.endFaults();
    await tellAlarms(bot.bot.app);
    await bot.settle();
    await until("the end of the alarm", async () => {
      await tellAlarms(bot.bot.app);
      return told.length === 2;
    });
    expect(told[1]).toMatchObject({ about: "token", state: "over" });
    expect(await metric('daytwo_alarms{about="token"}')).toBe(0);
  });
});
