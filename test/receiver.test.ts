import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { close, count, itemCard, lastDelivery, open, type Open } from "./support/open.ts";
import { send, signature, signed, type RawAnswer, type RawHeaders } from "./support/signed.ts";

/** The way in, over real HTTP: what is not from Slack or not a request does nothing, and what is has one effect. */

const JSON_TYPE = { "content-type": "application/json" };
const FORM_TYPE = { "content-type": "application/x-www-form-urlencoded" };
const MINUTE = 60_000;

describe("a request", () => {
  let under: Open;
  beforeAll(async () => (under = await open("http")));
  afterAll(() => close(under));

  function command(text: string): string {
    const trigger = `${Math.random()}`;
    return new URLSearchParams({
      command: "/day2",
      text,
      user_id: "U0ANA",
      team_id: "T0LOCAL",
      channel_id: "C0OPS",
      trigger_id: trigger,
    }).toString();
  }

  /** Signed by Slack now, unless `headers` say otherwise. */
  function post(body: string, headers: RawHeaders = {}): Promise<RawAnswer> {
    return send(eventsUrl(under), {
      body,
      headers: { ...FORM_TYPE, ...signed(under.bot.slack.signingSecret, body, under.bot.now()), ...headers },
    });
  }

  /** Runs `work` and says what the bot took notice of meanwhile: requests that it kept, and calls to Slack. */
  async function noticed(work: () => Promise<unknown>): Promise<number> {
    async function total(): Promise<number> {
      return (await count(under, "inbox")) + (await under.bot.slack.calls()).length;
    }
    const before = await total();
    await work();
    await under.bot.bot.idle();
    return (await total()) - before;
  }

  const body = command("own #1");
  const now = new Date();
  const secret = "test-signing-secret";
  function at(timestamp: string): RawHeaders {
    return { "x-slack-request-timestamp": timestamp, "x-slack-signature": signature(secret, timestamp, body) };
  }
  function seconds(ms: number): string {
    return String(Math.floor((now.getTime() + ms) / 1000));
  }
  const good = signed(secret, body, now);

  test.each<[string, RawHeaders]>([
    ["no signature", {}],
    ["another secret", signed("another-secret", body, now)],
    ["another body", signed(secret, `${body}&text=own+%232`, now)],
    [
      "an unknown version of the scheme",
      { ...good, "x-slack-signature": good["x-slack-signature"].replace("v0=", "v1=") },
    ],
    ["half a signature", { ...good, "x-slack-signature": good["x-slack-signature"].slice(0, 30) }],
    ["capitals in the signature", { ...good, "x-slack-signature": good["x-slack-signature"].toUpperCase() }],
    ["no time", { "x-slack-signature": good["x-slack-signature"] }],
    ["six minutes old", at(seconds(-6 * MINUTE))],
    ["an hour ahead", at(seconds(60 * MINUTE))],
    ["a day ahead", at(seconds(24 * 60 * MINUTE))],
    ["at no time", at("Infinity")],
    ["at a time in words", at(now.toISOString())],
    ["at a negative time", at("-1")],
    ["in milliseconds", at(String(now.getTime()))],
    [
      "two signatures, one of them right",
      { ...good, "x-slack-signature": [good["x-slack-signature"], `v0=${"0".repeat(64)}`] },
    ],
    [
      "two times, one of them right",
      { ...good, "x-slack-request-timestamp": [good["x-slack-request-timestamp"], "1"] },
    ],
  ])("forged: %s", async (_name, headers) => {
    let status = 0;
    const seen = await noticed(
      async () => ({ status } = await send(eventsUrl(under), { body, headers: { ...FORM_TYPE, ...headers } })),
    );
    expect([status, seen]).toEqual([401, 0]);
  });

  const click = {
    type: "block_actions",
    user: { id: "U0ANA", team_id: "T0LOCAL" },
    team: { id: "T0LOCAL" },
    trigger_id: "1.2",
    actions: [{ action_id: "item.take", action_ts: "1.1", value: "1", type: "button" }],
  };

  test("ssl_check smuggles nothing in: unsigned it is refused, signed it is answered and no more", async () => {
    for (const flag of ["1", "true"]) {
      const smuggled = new URLSearchParams({ ssl_check: flag, payload: JSON.stringify(click) }).toString();
      const seen = await noticed(async () => {
        expect((await send(eventsUrl(under), { body: smuggled, headers: FORM_TYPE })).status).toBe(401);
        expect((await post(smuggled)).status).toBe(flag === "1" ? 200 : 400);
      });
      expect(seen).toBe(0);
    }
  });

  test.each<[string, number, RawHeaders, string]>([
    ["a form called text", 400, { "content-type": "text/plain" }, body],
    ["a form called JSON", 400, JSON_TYPE, body],
    ["JSON called a form", 400, FORM_TYPE, '{"type":"event_callback"}'],
    ["several parts", 400, { "content-type": "multipart/form-data; boundary=x" }, body],
    ["no content type", 400, { "content-type": "" }, body],
    ["packed", 415, { "content-encoding": "gzip" }, body],
    ["JSON that ends too early", 400, JSON_TYPE, '{"type":"event_callback"'],
    ["null", 400, JSON_TYPE, "null"],
    ["a number", 400, JSON_TYPE, "1"],
    ["a list", 400, JSON_TYPE, "[]"],
    ["a word", 400, JSON_TYPE, '"event_callback"'],
    ["nothing in it", 400, JSON_TYPE, "{}"],
    ["no body", 400, JSON_TYPE, ""],
    ["an event that is null", 400, JSON_TYPE, '{"type":"event_callback","event_id":"Ev1","event":null}'],
    ["an event without an id", 400, JSON_TYPE, '{"type":"event_callback","event":{"type":"app_mention"}}'],
    ["a type that there is not", 400, JSON_TYPE, '{"type":"app_hailed","minute_rate_limited":1}'],
    [
      "an event that nobody listens to",
      200,
      JSON_TYPE,
      '{"type":"event_callback","event_id":"Ev7","event":{"type":"message","text":"between us"}}',
    ],
    ["that Slack sends fewer events", 200, JSON_TYPE, '{"type":"app_rate_limited","minute_rate_limited":1}'],
    ["its own prototype", 400, JSON_TYPE, '{"__proto__":{"type":"event_callback","event_id":"Ev1","event":{}}}'],
    ["a payload of null", 400, FORM_TYPE, "payload=null"],
    ["a payload that is no JSON", 400, FORM_TYPE, "payload=%7B"],
    ["a command without a person", 400, FORM_TYPE, "command=%2Fday2&trigger_id=1.1"],
    ["a click without a person", 400, FORM_TYPE, payload({ ...click, user: undefined })],
    ["a click by nobody", 400, FORM_TYPE, payload({ ...click, user: { id: "" } })],
    ["a click by a list", 400, FORM_TYPE, payload({ ...click, user: ["U0ANA"] })],
    ["a click on nothing", 400, FORM_TYPE, payload({ ...click, actions: [] })],
    ["a click on null", 400, FORM_TYPE, payload({ ...click, actions: [null] })],
    ["a click on what has no name", 400, FORM_TYPE, payload({ ...click, actions: [{}] })],
    [
      "a click at a time that Slack does not have",
      400,
      FORM_TYPE,
      payload({ ...click, actions: [{ action_id: "item.take", action_ts: "2.5\u0000", value: "1" }] }),
    ],
    [
      "a form without an id",
      400,
      FORM_TYPE,
      payload({ ...click, type: "view_submission", view: { callback_id: "modal.note" } }),
    ],
  ])("no request: %s", async (_name, status, headers, sent) => {
    let answer = 0;
    const seen = await noticed(async () => ({ status: answer } = await post(sent, headers)));
    expect([answer, seen]).toEqual([status, 0]);
  });

  test.each<[string, object]>([
    [
      "an action that there is not",
      { ...click, actions: [{ action_id: "item.explode", action_ts: "2.1", value: "1" }] },
    ],
    [
      "an action of another kind",
      { ...click, actions: [{ action_id: "item.take", action_ts: "2.2", type: "datepicker", selected_date: null }] },
    ],
    [
      "an item that there is not",
      { ...click, actions: [{ action_id: "item.take", action_ts: "2.3", value: "999999" }] },
    ],
    [
      "a number that is none",
      { ...click, actions: [{ action_id: "item.take", action_ts: "2.4", value: "1; drop table items" }] },
    ],
    [
      "characters that cannot be kept",
      { ...click, "a\u0000b": 1, actions: [{ action_id: "item.take", action_ts: "2.5", value: "\u0000\ud83d" }] },
    ],
    [
      "a person of no team",
      {
        ...click,
        user: { id: "U0ANA" },
        team: null,
        actions: [{ action_id: "item.take", action_ts: "2.6", value: "1" }],
      },
    ],
    [
      "a person whom Slack does not know",
      {
        ...click,
        user: { id: "U0GHOST", team_id: "T0LOCAL" },
        actions: [{ action_id: "item.take", action_ts: "2.7", value: "1" }],
      },
    ],
    [
      "a form that there is not",
      { ...click, type: "view_submission", view: { id: "V9", hash: "1", callback_id: "modal.explode" } },
    ],
    [
      "a form without fields",
      {
        ...click,
        type: "view_submission",
        view: { id: "V8", hash: "1", callback_id: "modal.note", private_metadata: "1" },
      },
    ],
    [
      "a form about nothing",
      {
        ...click,
        type: "view_submission",
        view: { id: "V7", hash: "1", callback_id: "modal.note", state: { values: null }, blocks: 7 },
      },
    ],
    [
      "a shortcut without a message",
      { ...click, type: "message_action", trigger_id: "9.9", callback_id: "item_from_message" },
    ],
    ["a shortcut that there is not", { ...click, type: "shortcut", trigger_id: "9.8", callback_id: "explode" }],
  ])("a strange request changes nothing and hurts nobody: %s", async (_name, strange) => {
    const events = await count(under, "events where kind <> 'refused'");
    expect((await post(payload(strange))).status).toBe(200);
    await under.bot.bot.idle();
    expect(await count(under, "events where kind <> 'refused'")).toBe(events);
    expect(await count(under, "inbox where handled_at is null")).toBe(0);
  });

  test("what is too large, or has no signature, is refused before it is read", async () => {
    const large = "x".repeat(1024 * 1024 + 1);
    const seen = await noticed(async () => {
      for (const [headers, status] of [
        [{}, 401],
        [signed(secret, large, now), 413],
      ] as const) {
        const answers = [
          send(eventsUrl(under), { body: large, headers: { ...FORM_TYPE, ...headers } }),
          send(eventsUrl(under), {
            body: large,
            headers: { ...FORM_TYPE, ...headers, "transfer-encoding": "chunked" },
          }),
        ];
        for (const answer of await Promise.all(answers)) expect(answer.status).toBe(status);
      }
    });
    expect(seen).toBe(0);
  });

  test("only POST, only at its path", async () => {
    expect((await send(eventsUrl(under), { method: "GET" })).status).toBe(405);
    expect((await send(`${under.bot.bot.http.url}/`, { body, headers: good })).status).toBe(404);
    expect((await send(`${under.bot.bot.http.url}//slack/events`, { body, headers: good })).status).toBe(404);
  });

  test("Slack's question whether the URL is ours is answered, when it is Slack's", async () => {
    const question = JSON.stringify({ type: "url_verification", token: "legacy", challenge: "3eZbrw1aB" });
    expect((await send(eventsUrl(under), { body: question, headers: JSON_TYPE })).status).toBe(401);
    const answer = await post(question, JSON_TYPE);
    expect([answer.status, JSON.parse(answer.body)]).toEqual([200, { challenge: "3eZbrw1aB" }]);
  });

  test("a command is answered at once, whatever the charset; the same bytes again do nothing more", async () => {
    const asked = command("help");
    const seen = await noticed(async () => {
      const headers = {
        "content-type": "application/x-www-form-urlencoded; charset=utf-8",
        ...signed(secret, asked, under.bot.now()),
      };
      const answers = await Promise.all(Array.from({ length: 8 }, () => post(asked, headers)));
      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
    });
    expect(seen).toBe(2); // kept once, answered once
  });

  test("a click that arrives again and again takes the item once", async () => {
    const card = await itemCard(under, "the queue grows");
    await under.bot.slack.as("ben").clicks(card, "Take it");
    const id = await lastDelivery(under);
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => under.bot.slack.replay(id)));
    expect(outcomes.every((outcome) => outcome.acked)).toBe(true);
    await under.bot.settle();
    expect(await count(under, "events where kind = 'item.taken'")).toBe(1);
    expect(await under.bot.slack.as("ben").whispers("#ops")).toEqual([]);
  });

  test("what cannot be kept is not acknowledged; Slack's next try counts", async () => {
    const ana = under.bot.slack.as("ana");
    await under.pool.query("alter table inbox rename to elsewhere");
    expect(await ana.types("/day2 help")).toMatchObject({ ok: false });
    await ana.says("@daytwo help");
    await expect.poll(async () => (await lastOutcome(under))?.outcome).toMatchObject({ acked: false, status: 503 });
    await under.pool.query("alter table elsewhere rename to inbox");
    await under.bot.slack.replay(await lastDelivery(under));
    await ana.waitsFor("#ops", (message) => message.ephemeral && message.plain.includes("Take care"));
  });
});

async function lastOutcome({ bot }: Open) {
  return (await bot.slack.deliveries()).deliveries.at(-1);
}

function eventsUrl({ bot }: Open): string {
  return `${bot.bot.http.url}/slack/events`;
}

/** An interaction, as the form that it comes in. */
function payload(interaction: object): string {
  return new URLSearchParams({ payload: JSON.stringify(interaction) }).toString();
}
