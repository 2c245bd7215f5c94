import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PAIRS, startBot, type TestBot } from "./support/bot.ts";
import { openBrowser, whyNoBrowser } from "./support/browser.ts";

/** `/queues` shows what is in the queue to whoever knows the token, on both backends, and lets nobody change it. */

const TOKEN = "a-token-of-the-test:with-a-colon";
const KNOWN = { authorization: `Bearer ${TOKEN}` };

function basic(user: string, password: string): { authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` };
}

test("without a token there is no such page", async () => {
  const bot = await startBot(PAIRS[0]);
  const [there, elsewhere] = await Promise.all(
    ["/queues", "/nowhere"].map((path) => fetch(`${bot.bot.http.url}${path}`, { headers: KNOWN })),
  );
  expect(there?.status).toBe(404);
  expect(await there?.text()).toBe(await elsewhere?.text());
  await bot.close();
});

describe.each(PAIRS)("with the queue on $queue", (pair) => {
  let bot: TestBot;
  beforeAll(async () => {
    bot = await startBot(pair, { queuesToken: TOKEN });
    const [checks] = bot.bot.app.queues.own();
    await checks?.add("checks", { id: 77 }, { delay: 3_600_000, jobId: "kept-for-the-test" });
  });
  afterAll(() => bot.close());

  function get(path: string, init: RequestInit = { headers: KNOWN }): Promise<Response> {
    return fetch(`${bot.bot.http.url}${path}`, init);
  }

  test.each<[string, Record<string, string>]>([
    ["nothing", {}],
    ["another token", { authorization: "Bearer another" }],
    ["the token and more", { authorization: `Bearer ${TOKEN}x` }],
    ["no token", { authorization: "Bearer " }],
    ["the token as the user", basic(TOKEN, "")],
    ["another password", basic("ana", "another")],
    ["half of the password", basic("ana", TOKEN.slice(0, 10))],
    ["a scheme that is not known", { authorization: `Digest ${TOKEN}` }],
    ["the token alone", { authorization: TOKEN }],
  ])("who brings %s is asked for the token, whatever the path", async (_what, headers) => {
    for (const path of [
      "/queues",
      "/queues/",
      "/queues/api/queues",
      "/queues/static/js/x.js",
      "/queues/?token=" + TOKEN,
    ]) {
      const answer = await get(path, { headers });
      expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([
        401,
        expect.stringMatching(/^Basic realm=/),
      ]);
      expect(answer.headers.get("cache-control")).toBe("no-store");
      expect(await answer.text()).toBe("This needs the queues' token.\n");
    }
  });

  test.each(["/queues", "/queues/", "/queues/queue/checks"])(
    "%s is the page, by either way in, and is kept by nobody",
    async (path) => {
      for (const headers of [KNOWN, basic("", TOKEN), basic("ana", TOKEN)]) {
        const answer = await get(path, { headers });
        expect([answer.status, answer.headers.get("cache-control")]).toEqual([200, "no-store"]);
        expect(answer.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
        expect(answer.headers.get("x-powered-by")).toBeNull();
        expect(await answer.text()).toContain('<base href="/queues/"');
      }
    },
  );

  test("its script is served, and kept by nobody either", async () => {
    const page = await (await get("/queues/")).text();
    const script = await get(`/queues/${/static\/js\/main[^"]+/.exec(page)?.[0] ?? ""}`);
    expect([script.status, script.headers.get("cache-control")]).toEqual([200, "no-store"]);
    expect((await get("/queues/../package.json")).status).toBe(404);
    expect((await get("/queuesx")).status).toBe(404);
  });

  test("both queues are there with their jobs", async () => {
    const { queues } = (await (await get("/queues/api/queues?activeQueue=checks&page=1&jobsPerPage=10")).json()) as {
      queues: { name: string; counts: Record<string, number>; readOnlyMode: boolean; jobs: { data: unknown }[] }[];
    };
    expect(queues.map(({ name, readOnlyMode }) => [name, readOnlyMode])).toEqual([
      ["checks", true],
      ["operations", true],
    ]);
    expect(queues[0]?.counts["delayed"]).toBe(1);
    const job = await get("/queues/api/queues/checks/kept-for-the-test");
    expect(JSON.stringify(await job.json())).toContain('"data":{"id":77}');
    expect((await get("/queues/api/redis/stats")).status).toBe(200);
  });

  test("nothing can be changed, whoever asks", async () => {
    for (const [method, path] of [
      ["PUT", "checks/pause"],
      ["PUT", "checks/empty"],
      ["PUT", "checks/kept-for-the-test/clean"],
      ["PUT", "checks/promote"],
      ["POST", "checks/add"],
      ["PATCH", "checks/kept-for-the-test/update-data"],
      ["DELETE", "checks"],
    ] as const) {
      const answer = await get(`/queues/api/queues/${path}`, { method, headers: KNOWN });
      expect([answer.status, answer.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    }
    const [checks] = bot.bot.app.queues.own();
    expect([await checks?.isPaused(), await checks?.getDelayedCount()]).toEqual([false, 1]);
  });

  describe.skipIf(whyNoBrowser !== "")(`in a browser${whyNoBrowser}`, () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await openBrowser();
    });
    afterAll(() => browser.close());

    test("a person with the token sees the job, and no button that would change it", async () => {
      const context = await browser.newContext({ httpCredentials: { username: "ana", password: TOKEN } });
      const page = await context.newPage();
      page.setDefaultTimeout(120_000);
      await page.goto(`${bot.bot.http.url}/queues/queue/checks?status=delayed`);
      await page.getByText("kept-for-the-test").first().waitFor();
      const buttons = (await page.getByRole("button").allInnerTexts()).join("\n");
      expect(buttons).not.toMatch(/retry|clean|promote|pause|empty|add job/i);
      expect(await page.title()).toContain("Daytwo's queues");
      const shots = process.env["TEST_SCREENSHOTS"];
      if (shots !== undefined) await page.screenshot({ path: `${shots}/queues-${pair.queue}.png` });
    });
  });
});
