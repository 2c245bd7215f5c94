import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readCatalog } from "../../src/catalog.ts";
import { CHECKS } from "../../src/checks/index.ts";
import { OVER_SOCKET, startBot, type BotSettings, type TestBot } from "../support/bot.ts";
import { onDatabase } from "../support/server.ts";
import type { Actor } from "../support/slack.ts";
import { openSite, openSmallWorld, type Site, type SmallWorld } from "../support/small-world.ts";

/** The first thing that somebody does with Daytwo: they name an address, and it is watched. */

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const PEOPLE = `
people:
  ana: { name: Ana, slack: U0ANA, role: operator }
  rae: { name: Rae, slack: U0RAE, role: reader }
`;

describe.each(OVER_SOCKET)("over $transport with the queue on $queue", (pair) => {
  let world: SmallWorld;
  let shop: Site;
  let answers: (response: ServerResponse) => void;
  let url: string;
  /** The same site by its number, which everybody reaches without a name service. */
  let numbered: string;
  let bot: TestBot;
  let ana: Actor;

  beforeEach(async () => {
    answers = (response) => void response.end("hello");
    world = openSmallWorld();
    shop = await openSite((_request, response) => answers(response), { names: ["shop.example.com", "127.0.0.1"] });
    world.names.set("shop.example.com", ["127.0.0.1"]);
    url = `https://shop.example.com:${shop.port}`;
    numbered = `https://127.0.0.1:${shop.port}`;
  });
  afterEach(async () => {
    await bot.close();
    await shop.close();
  });

  async function starts(settings: BotSettings = {}): Promise<void> {
    bot = await startBot(pair, { reach: world, ...settings });
    ana = bot.slack.as("ana");
  }

  async function told(text: string, who = ana): Promise<string> {
    return (await who.asks(text)).plain;
  }

  test("an empty bot says how to begin; an address is watched without anything else, and ends when it is said", async () => {
    await starts();
    expect(await told("/day2")).toContain("1. Say `/day2 add https://shop.example.com`");
    expect((await ana.home()).plain).toContain("/day2 add https://");

    const added = await told(`/day2 add ${url.toUpperCase().replace("HTTPS", "https")}`);
    expect(added).toContain("*shop* is watched from now on: its answers and its certificate.");
    expect(linesIn(added)).toEqual([
      "services:",
      "  shop:",
      "    checks:",
      `      http: { url: "${url}/", follow: true }`,
      `      certificate: { address: "shop.example.com:${shop.port}" }`,
    ]);
    expect(readCatalog(linesIn(added).join("\n"), { checks: CHECKS, providers: [] })).toHaveProperty("catalog");

    await bot.passes(1_000);
    const status = await told("/day2 status shop");
    expect(status).toContain("🟢 *shop* · production · nothing open");
    expect(status).toMatch(/🟢 http · answers in \d+ ms/);
    expect(status).toMatch(/🟢 certificate · certificate expires in \d+ days \(45-day certificate\)/);
    expect(status).toMatch(
      /🟢 ownership · nobody owns anything here; reminders begin [A-Z][a-z]{2} \d{1,2} [A-Z][a-z]{2} /,
    );
    expect(status).toMatch(/added .* by Ana Alder, `\/day2 remove shop` ends it/);

    expect(await told(`/day2 add ${url}/#again`)).toMatch(
      /That is watched already, as \*shop\*: since \d{4}-\d\d-\d\d /,
    );
    expect(await told("/day2 remove shop")).toContain("shop is not watched any more");
    expect(await told("/day2 status")).toContain("No services are in the catalog.");
    const record = await told("/day2 audit");
    expect(record).toContain(`Ana Alder added ${url}/ · by command`);
    expect(record).toContain(`Ana Alder removed ${url}/, which was added here · by command`);
    const before = shop.connections();
    await bot.passes(10 * MINUTE);
    expect(shop.connections()).toBe(before);
  });

  test("an added service fails, is taken and closed like any other", async () => {
    await starts();
    answers = (response) => void response.writeHead(503).end();
    await ana.asks(`/day2 add ${url}`);
    await bot.passes(1_000);
    await bot.passes(MINUTE);
    const card = await ana.waitsFor("#ops", (message) => message.plain.includes("answers 503"));
    expect(card.plain).toMatch(/#1 shop\* · answers 503/);
    await ana.clicks(card, "Take it");
    await bot.settle();
    expect((await ana.rereads(card)).plain).toContain("Owner: @ana (took it");
    expect((await ana.home()).plain).toContain("answers 503");

    await ana.asks("/day2 remove shop");
    await bot.settle();
    expect((await ana.rereads(card)).plain).toMatch(/Resolved .*nobody watches it any more/);
    expect(await told("/day2 check shop")).toContain("I know no service called shop.");
  });

  test("reminders begin after a week, whatever is read or restarted in between", async () => {
    await starts({ catalog: PEOPLE });
    await ana.asks(`/day2 add ${url}`);
    await bot.passes(1_000);
    await bot.passes(3 * DAY);
    await bot.follows(`${PEOPLE}\nservices: { blog: { owner: ana, checks: { http: { url: "${numbered}/blog" } } } }`);
    await bot.settle();
    await bot.stop();
    const again = await startBot(pair, { beside: bot, reach: world });
    try {
      await again.passes(4 * DAY - 10 * MINUTE);
      expect((await ana.sees("#ops")).map(({ plain }) => plain)).toEqual([expect.stringContaining("+ service blog")]);
      await again.passes(10 * MINUTE);
      const card = await ana.waitsFor("#ops", (message) => message.plain.includes("nobody owns anything here"));
      expect(card.plain).toMatch(/#\d+ shop\*/);
    } finally {
      await again.stop();
    }
  });

  test("what the file declares itself is the file's, with the same rows, and is not ended by saying so", async () => {
    await starts({ catalog: PEOPLE });
    answers = (response) => void response.writeHead(503).end();
    const added = await told(`/day2 add ${numbered} as shop`);
    await ana.asks("/day2 assign shop on-call @ana");
    await bot.passes(1_000);
    await bot.passes(MINUTE);
    const card = await ana.waitsFor("#ops", (message) => message.plain.includes("answers 503"));

    await bot.follows(`${PEOPLE}\nteams: { web: { name: Web } }`);
    expect(await told("/day2 owners shop")).toContain("Ana: on-call");
    await bot.follows(PEOPLE + linesIn(added).join("\n"));
    await bot.settle();
    expect(await told("/day2 audit shop")).toContain(
      "What was added here ended: the catalog declares it itself, as shop",
    );
    expect(await told("/day2 status shop")).not.toContain("/day2 remove");
    expect(await told("/day2 remove shop")).toContain("shop was not added here: the catalog's file declares it.");
    expect(await told(`/day2 add ${numbered}`)).toContain(
      "That is watched already, as *shop*: the catalog declares it.",
    );
    await bot.passes(MINUTE);
    expect((await ana.rereads(card)).plain).toContain("#1 shop* · answers 503");
    expect((await ana.sees("#ops")).filter(({ plain }) => plain.includes("503"))).toHaveLength(1);
  });

  test("a file that watches the address under another name takes over, and the items of the first one close", async () => {
    await starts({ catalog: PEOPLE });
    answers = (response) => void response.writeHead(503).end();
    await ana.asks(`/day2 add ${numbered} as storefront`);
    await bot.passes(1_000);
    await bot.passes(MINUTE);
    const card = await ana.waitsFor("#ops", (message) => message.plain.includes("storefront* · answers 503"));
    await bot.follows(`${PEOPLE}\nservices: { shop: { checks: { http: { url: "${numbered}" } } } }`);
    await bot.settle();
    expect((await ana.rereads(card)).plain).toMatch(/Resolved .*the catalog watches it as shop now/);
    expect(await told("/day2 status")).not.toContain("storefront");
  });

  test("who may add, and what cannot be added", async () => {
    await starts({ catalog: PEOPLE });
    expect(await told(`/day2 add ${url}`, bot.slack.as("rae"))).toContain(
      "To add and remove public addresses takes the role operator; yours is reader.",
    );
    expect(await told(`/day2 add ${url}`, bot.slack.as("gus"))).toContain("Guests of this workspace can look");
    expect(await told(`/day2 add ${url}`, bot.slack.as("ben"))).toContain("You are not in the catalog");

    world.names.set("inside.example.com", ["10.0.0.1"]).set("both.example.com", ["127.0.0.1", "169.254.169.254"]);
    const refused = [
      ["shop.example.com", "Did you mean `https://shop.example.com`?"],
      ["ftp://shop.example.com", "Addresses that begin with ftp:"],
      ["https://ana:hush@shop.example.com", "There is a user name or a password in that address"],
      ["https://münchen.example", "letters beyond a to z"],
      ["https://localhost", "is not a public name"],
      ["https://shop.example.com:22", "Port 22 is unusual"],
      ["https://10.0.0.1", "leads to a private address"],
      ["http://0x7f.2", "leads to a private address"],
      ["http://2130706434", "leads to a private address"],
      ["http://169.254.169.254/latest/meta-data", "leads to a private address"],
      ["http://[::ffff:10.0.0.1]", "leads to a private address"],
      ["http://[64:ff9b::a00:1]", "leads to a private address"],
      ["http://[fd00::1]", "leads to a private address"],
      ["https://inside.example.com", "leads to a private address"],
      ["https://both.example.com", "leads to a private address"],
      [`https://shop.example.com/${"a".repeat(500)}`, "500 at most"],
      [`${url} as mine`, "`mine` cannot name a service"],
    ] as const;
    for (const [address, sentence] of refused) expect(await told(`/day2 add ${address}`)).toContain(sentence);
    expect(await told("/day2 status")).toContain("No services are in the catalog.");

    world.names.set("docs.example.com", ["127.0.0.1"]);
    await ana.asks(`/day2 add ${url}`);
    expect(await told(`/day2 add https://docs.example.com:${shop.port} as shop`)).toContain(
      "There is a service shop already.",
    );
    expect(await told("/day2 remove shpo")).toContain("Did you mean `shop`?");
    expect(await told("/day2 remove shop", bot.slack.as("rae"))).toContain("takes the role operator; yours is reader");
    expect(await told("/day2 audit")).toContain("Rae was refused: To add and remove public addresses takes the role");
    expect(await told("/day2 audit")).not.toContain("hush");

    await ana.asks("/day2 assign shop on-call @ana");
    await ana.asks("/day2 remove shop");
    expect(await told("/day2 audit")).toContain("What was said here about on-call ended: the catalog holds again");
    await onDatabase(
      bot.database,
      `insert into daytwo.additions (service, url, made_by, made_at)
       select 'more-' || n, 'https://more-' || n || '.example.com/', 'ana', now() from generate_series(1, 50) n`,
    );
    expect(await told(`/day2 add ${url}`)).toContain("50 addresses were added here already, and that is the most.");
  });

  test("what turns private after it was added is not looked at, and its card says so", async () => {
    const inside = await openSite((_request, response) => void response.end("secret"), { at: "127.0.0.2" });
    try {
      await starts();
      await ana.asks(`/day2 add ${url}`);
      await bot.passes(1_000);
      answers = (response) => void response.writeHead(302, { location: `http://127.0.0.2:${inside.port}/` }).end();
      for (let look = 0; look < 5; look += 1) await bot.passes(MINUTE);
      const redirected =
        "cannot look: it redirects to a private address or an unusual port, which only daytwo.yaml may name";
      const card = await ana.waitsFor("#ops", (message) => message.plain.includes(redirected));
      world.names.set("shop.example.com", ["127.0.0.2"]);
      const before = shop.connections();
      await bot.passes(5 * MINUTE);
      const status = await told("/day2 status shop");
      expect(status).toContain("http · it leads to a private address, which only daytwo.yaml may name");
      expect(status).toContain("certificate · no certificate: it leads to a private address");
      expect([inside.connections(), shop.connections()]).toEqual([0, before]);

      world.names.set("shop.example.com", ["127.0.0.1"]);
      answers = (response) => void response.end("hello");
      await bot.passes(MINUTE);
      expect((await ana.rereads(card)).plain).toMatch(/Resolved .*can look again/);
    } finally {
      await inside.close();
    }
  });
});

/** The lines of the block of code in an answer. */
function linesIn(answer: string): string[] {
  return (/```\n([^`]*)\n```/.exec(answer)?.[1] ?? "").split("\n");
}
