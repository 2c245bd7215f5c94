import { writeFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { WakeFacts } from "../src/wakes/facts.ts";
import { raise } from "../src/wakes/index.ts";
import { NTFY_TOKEN, openAlarms, ROUTING_KEY, WEBHOOK_SECRET, type Alarms } from "./support/alarms.ts";
import { daytwo, type Ended } from "./support/daytwo.ts";

/** How somebody is woken outside Slack: in the documented formats, and with an end to it. */

let alarms: Alarms;
let folder: string;

beforeAll(async () => {
  alarms = await openAlarms();
  folder = await mkdtemp(join(tmpdir(), "daytwo-wakes-"));
});
afterAll(async () => {
  await alarms.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  alarms.heard.length = 0;
  alarms.refused.length = 0;
});

const FACTS: WakeFacts = {
  key: "daytwo/T1/7/person:ana",
  alarm: "trigger",
  summary: "#7 shop: Ünïcode fails",
  item: 7,
  service: "shop",
  severity: "critical",
  person: "Ana",
  at: new Date("2026-11-27T01:25:00Z"),
  since: new Date("2026-11-27T01:10:00Z"),
  links: [{ href: "https://wiki.example.com/shop", text: "Runbook" }],
};

const SECRETS: Readonly<Record<string, string>> = {
  KEY: ` ${ROUTING_KEY}\n`,
  TOKEN: NTFY_TOKEN,
  SECRET: WEBHOOK_SECRET,
};
const use = { secret: (reference: object) => Promise.resolve(SECRETS[Object.values(reference).join()] ?? "") };

describe("each way takes what its documentation says", () => {
  test("PagerDuty: one alert by its key, from trigger to resolve", async () => {
    const wake = { kind: "pagerduty", routingKey: { env: "KEY" }, url: alarms.url } as const;
    for (const alarm of ["trigger", "acknowledge", "resolve"] as const)
      expect(await raise(wake, { ...FACTS, alarm, summary: "x".repeat(2_000) }, use)).toMatchObject({ kind: "taken" });
    expect(alarms.heard.map((line) => line.split(" ")[1])).toEqual(["trigger", "acknowledge", "resolve"]);
    expect(await raise({ ...wake, routingKey: { env: "OTHER" } }, FACTS, use)).toEqual({
      kind: "refused",
      why: expect.stringContaining("it answered 400: ") as unknown,
    });
  });

  test("ntfy: as JSON to the topic's server, and nothing when it stops", async () => {
    const wake = { kind: "ntfy", url: `${alarms.url}/ntfy/shop-ana`, token: { env: "TOKEN" } } as const;
    expect(await raise(wake, FACTS, use)).toMatchObject({ kind: "taken" });
    expect(await raise(wake, { ...FACTS, alarm: "resolve" }, use)).toMatchObject({ kind: "taken" });
    expect(alarms.heard).toEqual(["ntfy shop-ana 5 #7 shop: Ünïcode fails"]);
    expect(await raise({ ...wake, token: undefined }, FACTS, use)).toMatchObject({ kind: "refused" });
  });

  test("a webhook: signed, whatever its secret looks like", async () => {
    const wake = { kind: "webhook", url: `${alarms.url}/hook`, secret: { env: "SECRET" } } as const;
    expect(await raise(wake, FACTS, use)).toEqual({ kind: "taken", said: "it answered 204" });
    expect(alarms.heard).toEqual(["webhook alarm.trigger #7 shop: Ünïcode fails"]);
    expect(await raise({ ...wake, secret: { env: "KEY" } }, FACTS, use)).toMatchObject({ kind: "refused" });
  });

  test("what is busy or gone is asked again later, what is wrong is not", async () => {
    const wake = { kind: "webhook", url: `${alarms.url}/hook`, secret: { env: "SECRET" } } as const;
    for (const [status, kind] of [
      [429, "later"],
      [503, "later"],
      [404, "refused"],
      [302, "refused"],
    ] as const) {
      alarms.fail(status, 1);
      expect([status, (await raise(wake, FACTS, use)).kind]).toEqual([status, kind]);
    }
    expect(await raise({ ...wake, url: "http://127.0.0.1:9/hook" }, FACTS, use)).toMatchObject({ kind: "later" });
    const { kind, ...said } = await raise({ ...wake, secret: { file: "/nowhere/at/all" } }, FACTS);
    expect([kind, said]).toEqual([
      "refused",
      { why: "The file /nowhere/at/all cannot be read: there is no such file" },
    ]);
  });
});

describe("daytwo wake-test", () => {
  async function runs(person: string, catalog: string): Promise<Ended> {
    const file = join(folder, "daytwo.yaml");
    await writeFile(file, catalog);
    return daytwo(["wake-test", person], { env: { DAYTWO_CATALOG: file, ALARM_KEY: ROUTING_KEY }, cwd: folder });
  }

  test("raises an alarm, ends it, and says what came of it", async () => {
    const catalog = `
people: { ana: { name: Ana, slack: U0ANA }, ben: { name: Ben, slack: U0BEN } }
rotations: { web: { members: [ana], wake: { pagerduty: { routing_key: { env: ALARM_KEY }, url: "${alarms.url}" } } } }
`;
    const good = await runs("Ana", catalog);
    expect(good.code).toBe(0);
    expect(good.stdout).toContain("✅ rotations.web, PagerDuty: trigger, it answered 202");
    expect(alarms.heard.at(-1)).toBe("pagerduty resolve");
    const wrong = await runs("ana", catalog.replace("ALARM_KEY", "ALARM_NONE"));
    expect(wrong.code).toBe(1);
    expect(wrong.stdout).toContain(
      "❌ rotations.web, PagerDuty: trigger, The environment variable ALARM_NONE is not set",
    );
  });
});
