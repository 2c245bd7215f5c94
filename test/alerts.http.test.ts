import { createHmac } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ALERT_FORMATS, type AlertFormat } from "../src/domain/alert.ts";
import { EXAMPLES } from "./support/alert-bodies.ts";
import { OVER_HTTP, startBot, type TestBot } from "./support/bot.ts";
import { mutated, randomFrom } from "./support/mutated.ts";
import { openTestSns, TOPIC, type TestSns } from "./support/sns.ts";

/** Who may send alerts, how each tool proves itself, and what becomes of what it should not have sent. */

const SECRET = "http-alerts-5ecret-17";
process.env["HTTP_ALERTS"] = SECRET;

const CATALOG = `
people: { ana: { name: Ana, slack: U0ANA } }
services: { shop: { owner: ana, checks: { ownership: off } } }
alerts:
${ALERT_FORMATS.map((format) => `  ${format}: { format: ${format}, secret: { env: HTTP_ALERTS } }`).join("\n")}
  topic: { format: cloudwatch, topic: "${TOPIC}" }
  blank: { format: sentry, secret: { file: "/dev/null" } }
  unread: { format: generic, secret: { env: HTTP_ALERTS_THAT_NOBODY_SET } }
heartbeats:
  cron: { every: 1h, secret: { env: HTTP_ALERTS } }
`;

let bot: TestBot;
let amazon: TestSns;

beforeAll(async () => {
  amazon = await openTestSns(() => bot.now());
  bot = await startBot(OVER_HTTP[0], { catalog: CATALOG, sns: amazon.sns });
});
afterAll(() => bot.close());

type Sending = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
};

async function sends(
  path: string,
  { method = "POST", headers = {}, body = "" }: Sending,
): Promise<{ status: number; text: string; headers: Headers }> {
  const answer = await fetch(`${bot.bot.http.url}${path}`, {
    method,
    headers,
    ...(method === "GET" || method === "HEAD" ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  return { status: answer.status, text: await answer.text(), headers: answer.headers };
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

function hmac(body: unknown, encoding: "hex" | "base64"): string {
  return createHmac("sha256", SECRET).update(JSON.stringify(body)).digest(encoding);
}

/** A body that the format takes, and that SNS signed where it has to be. */
function body(format: AlertFormat): unknown {
  const { firing } = EXAMPLES[format];
  return format === "cloudwatch" ? amazon.message({ Message: (firing as { Message: string }).Message }) : firing;
}

describe("each tool proves itself in its own way", () => {
  test.each(ALERT_FORMATS)("%s: bearer, basic, our own header; and nothing else opens", async (format) => {
    const path = `/alerts/${format}`;
    const taken = format === "pagerduty" ? 202 : 200;
    const ways = [
      { authorization: `Bearer ${SECRET}` },
      { authorization: SECRET },
      { authorization: basic("anybody", SECRET) },
      { "x-daytwo-secret": SECRET },
    ];
    for (const headers of ways)
      expect(await sends(path, { headers, body: body(format) })).toMatchObject({ status: taken });
    for (const headers of [
      {},
      { authorization: "Bearer" },
      { authorization: `Bearer ${SECRET}x` },
      { authorization: basic(SECRET, "") },
    ]) {
      const refused = await sends(path, { headers: headers as Record<string, string>, body: body(format) });
      expect(refused).toMatchObject({ status: 401 });
      expect(refused.text).toMatch(/^The secret is missing or wrong\./);
      expect(refused.headers.get("www-authenticate")).toMatch(/^Basic/);
    }
    const inUrl = await sends(`${path}?token=${SECRET}`, { body: body(format) });
    expect(inUrl.status).toBe(format === "cloud66" ? 200 : 401);
  });

  test("Sentry and Grafana sign in hex, Heroku in base64, PagerDuty's key is in the body", async () => {
    const sentry = EXAMPLES.sentry.firing;
    expect(
      await sends("/alerts/sentry", { headers: { "sentry-hook-signature": hmac(sentry, "hex") }, body: sentry }),
    ).toMatchObject({ status: 200 });
    expect(
      await sends("/alerts/sentry", { headers: { "sentry-hook-signature": hmac({}, "hex") }, body: sentry }),
    ).toMatchObject({ status: 401 });
    const heroku = EXAMPLES.heroku.firing;
    const signed = { "heroku-webhook-hmac-sha256": hmac(heroku, "base64") };
    expect(await sends("/alerts/heroku", { headers: signed, body: heroku })).toMatchObject({ status: 200 });
    const grafana = EXAMPLES.grafana.firing;
    expect(
      await sends("/alerts/grafana", {
        headers: { "x-grafana-alerting-signature": hmac(grafana, "hex") },
        body: grafana,
      }),
    ).toMatchObject({ status: 200 });
    const keyed = { ...(EXAMPLES.pagerduty.firing as object), routing_key: SECRET };
    const taken = await sends("/alerts/pagerduty", { body: keyed });
    expect(taken.status).toBe(202);
    expect(JSON.parse(taken.text)).toEqual({ status: "success", message: "Event processed", dedup_key: "shop/cpu" });
    expect(await sends("/alerts/pagerduty", { body: { ...keyed, routing_key: "x" } })).toMatchObject({ status: 401 });
  });

  test("Alertmanager's own API finds its source by what the sender proves", async () => {
    const posted = [{ labels: { alertname: "Posted" } }];
    expect(
      await sends("/api/v2/alerts", { headers: { authorization: basic("alertmanager", SECRET) }, body: posted }),
    ).toMatchObject({ status: 200 });
    expect(
      await sends("/api/v2/alerts", { headers: { authorization: basic("alertmanager", "no") }, body: posted }),
    ).toMatchObject({ status: 401 });
  });

  test("a heartbeat calls with any method and however much it says, and the secret may be in its address", async () => {
    expect(await sends(`/heartbeats/cron?token=${SECRET}`, { method: "GET" })).toMatchObject({ status: 200 });
    expect(
      await sends("/heartbeats/cron", { method: "HEAD", headers: { authorization: `Bearer ${SECRET}` } }),
    ).toMatchObject({ status: 200 });
    const log = "x".repeat(20_000);
    expect(await sends(`/heartbeats/cron?token=${SECRET}`, { body: log })).toMatchObject({ status: 200, text: "ok\n" });
    expect(await sends(`/heartbeats/cron/fail?token=${SECRET}`, { body: log })).toMatchObject({ status: 200 });
    expect(await sends("/heartbeats/cron?token=no", { method: "GET" })).toMatchObject({ status: 401 });
    expect(await sends(`/heartbeats/cron?token=${SECRET}&status=dunno`, {})).toMatchObject({ status: 400 });
    expect(await sends(`/heartbeats/cron?token=${SECRET}`, { method: "DELETE" })).toMatchObject({ status: 405 });
  });
});

describe("what comes through SNS", () => {
  const alarm = (EXAMPLES.cloudwatch.firing as { Message: string }).Message;

  test.each(["1", "2"])("signature version %s, its certificate is fetched once", async (version) => {
    const message = amazon.message({ Message: alarm, Subject: "ALARM", SignatureVersion: version });
    expect(await sends("/alerts/topic", { body: message })).toMatchObject({ status: 200 });
    expect(amazon.asked.filter((address) => address.endsWith(".pem")).length).toBeLessThanOrEqual(1);
  });

  test("a subscription is confirmed by the address that is signed, and only by SNS's own", async () => {
    const url = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=abc";
    const over = { Type: "SubscriptionConfirmation", Token: "abc", SubscribeURL: url, Message: "You have chosen…" };
    expect(await sends("/alerts/topic", { body: amazon.message(over) })).toMatchObject({ status: 200 });
    expect(amazon.asked.at(-1)).toBe(url);
    const asked = amazon.asked.length;
    for (const SubscribeURL of [
      "http://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription",
      "https://sns.eu-west-1.amazonaws.com.evil.example/?Action=ConfirmSubscription",
      "https://evil.example/sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription",
      "https://sns.eu-west-1.amazonaws.com:8443/?Action=ConfirmSubscription",
      "https://user@sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription",
      "https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe",
    ])
      expect(await sends("/alerts/topic", { body: amazon.message({ ...over, SubscribeURL }) })).toMatchObject({
        status: 401,
      });
    expect(amazon.asked).toHaveLength(asked);
  });

  test.each([
    ["another signature", {}, { Signature: "AAAA" }],
    ["another message", {}, { Message: alarm.replace("ALARM", "OK") }],
    ["another topic", { TopicArn: TOPIC.replace("alarms", "mine") }, {}],
    ["a certificate from elsewhere", { SigningCertURL: "https://evil.example/cert.pem" }, {}],
    ["no certificate", { SigningCertURL: "https://sns.eu-west-1.amazonaws.com/cert.txt" }, {}],
    ["last week's", { Timestamp: "2026-11-01T00:00:00.000Z" }, {}],
  ])("%s is refused", async (_what, over, after) => {
    const message = amazon.message({ Message: alarm, ...over }, after);
    expect(await sends("/alerts/topic", { body: message })).toMatchObject({ status: 401 });
  });

  test("raw delivery is not signed, and says how to turn it off", async () => {
    const raw = await sends("/alerts/topic", { body: alarm });
    expect(raw).toMatchObject({ status: 400 });
    expect(raw.text).toContain("Turn raw message delivery off");
  });
});

describe("what should not have been sent", () => {
  const headers = { authorization: `Bearer ${SECRET}` };

  test.each([
    ["/alerts/nowhere", {}, 404, "There is no such source of alerts."],
    ["/alerts/constructor", {}, 404, "There is no such source of alerts."],
    ["/alerts/generic", { body: "" }, 400, "The body is empty: expected JSON."],
    ["/alerts/generic", { body: "{" }, 400, "The body is not JSON."],
    [
      "/alerts/generic",
      { body: [{ name: "x" }, {}] },
      400,
      "`[1].name` is wrong: expected text: what kind of thing happened.",
    ],
    ["/alerts/generic", { method: "GET" }, 405, "Send POST or PUT here."],
    ["/alerts/unread", { body: {} }, 503, "What senders prove themselves with cannot be read here."],
  ] as const)("%s %j", async (path, sending: Sending, status, text) => {
    const answer = await sends(path, { headers, ...sending });
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(text);
  });

  test("whoever sends too much is heard out, and hears why it was not taken", async () => {
    const answer = await sends("/alerts/generic", { headers, body: "x".repeat(10 * 1024 * 1024) });
    expect(answer).toMatchObject({ status: 413, text: "Send at most 2048 KiB at once; send the rest after it.\n" });
  });

  test("who announces much and sends little shuts nobody out, and who can prove nothing is not waited for", async () => {
    const { port } = new URL(bot.bot.http.url);
    const announced = 2 * 1024 * 1024;
    const slow = Array.from({ length: 80 }, (_, n) => {
      const proof = n % 2 === 0 ? `x-daytwo-secret: ${SECRET}\r\n` : "";
      const socket = connect(Number(port), "127.0.0.1");
      socket.write(`POST /alerts/generic HTTP/1.1\r\nhost: x\r\n${proof}content-length: ${announced}\r\n\r\n{`);
      return socket;
    });
    try {
      const [answer] = (await once(slow[1] as Socket, "data")) as [Buffer];
      expect(answer.toString()).toMatch(/^HTTP\/1\.1 401 /);
      expect(await sends("/alerts/generic", { headers, body: { name: "in time" } })).toMatchObject({ status: 200 });
    } finally {
      for (const socket of slow) socket.destroy();
    }
  });

  test("a secret that is empty proves nothing", async () => {
    const empty = createHmac("sha256", "").update("{}").digest("hex");
    const answer = await sends("/alerts/blank", { headers: { "sentry-hook-signature": empty }, body: "{}" });
    expect(answer).toMatchObject({ status: 503 });
  });

  test("neither its answers nor the log have the secret", async () => {
    const { text } = await sends("/alerts/generic", { headers, body: { name: "x", severity: SECRET } });
    expect(text).not.toContain(SECRET);
    await sends("/alerts/generic", { headers, body: { name: `it is ${SECRET}` } });
    const { rows } = await bot.bot.app.db.query<{ name: string }>("select name from alerts where name like 'it is%'");
    expect(rows).toEqual([{ name: "it is [redacted]" }]);
  });

  test("120 odd bodies of each format are taken or refused, and never break anything", async () => {
    const random = randomFrom(7);
    const statuses = new Set<number>();
    const reasons: string[] = [];
    for (const format of ALERT_FORMATS) {
      const bodies = Array.from({ length: 120 }, () => {
        if (format !== "cloudwatch") return mutated(EXAMPLES[format].firing, random);
        return amazon.message({
          Message:
            JSON.stringify(mutated(JSON.parse((EXAMPLES.cloudwatch.firing as { Message: string }).Message), random)) ??
            "",
        });
      });
      const answers = await Promise.all(
        bodies.map((each) => sends(`/alerts/${format}`, { headers, body: JSON.stringify(each) ?? "" })),
      );
      for (const { status, text } of answers) {
        statuses.add(status);
        if (status === 400) reasons.push(text);
      }
    }
    expect(reasons.filter((text) => !/^(`[^`]+`|The body) is /.test(text))).toEqual([]);
    expect([...statuses].toSorted((a, b) => a - b)).toEqual([200, 202, 400]);
  });
});
