import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { NO_APP, openActingSupervisor, type ActingSupervisor } from "../support/acting-supervisor.ts";
import { OVER_HTTP, startBot, type TestBot } from "../support/bot.ts";
import type { Actor } from "../support/slack.ts";
import { until } from "../support/until.ts";

/**
 * What the catalog calls by one name becomes another place while an operation is on its way: nothing is done there by it.
 * What is only reached otherwise is the place that it was.
 */

let supervisor: ActingSupervisor;
let bot: TestBot;
let ana: Actor;

const TOKEN = "ELSEWHERE_TOKEN";

/** The same application, as another credential reaches it. */
function byVariable(application: string): string {
  return catalogOf(application).replace(/token: \{ [^}]* \}/, `token: { env: ${TOKEN} }`);
}

function catalogOf(application: string): string {
  return `
people:
  ana: { name: Ana, slack: U0ANA, role: operator }
  ben: { name: Ben, slack: U0BEN, role: approver }
policies:
  - { when: { action: restart }, approvals: 1 }
services:
  shop:
    channel: "#shop"
    owner: ana
    targets: { web: ${supervisor.target(application)} }
    checks: { ownership: off }
`;
}

describe.each(OVER_HTTP)("over $transport with the queue on $queue", (pair) => {
  beforeEach(async () => {
    supervisor = await openActingSupervisor();
    bot = await startBot(pair, { catalog: catalogOf("shop") });
    ana = bot.slack.as("ana");
  });
  afterEach(async () => {
    await bot.close();
    await supervisor.close();
    delete process.env[TOKEN];
  });

  test("what was sent and not answered is looked for where it was sent", async () => {
    supervisor.answers("lost after applying");
    await ana.types("/day2 scale shop web=3", { in: "#shop" });
    await until("it to be sent", () => supervisor.asked() === 1);
    await bot.follows(catalogOf("till"));
    supervisor.answers("well");
    await bot.passes(60_000);
    await ana.waitsFor("#shop", ({ plain }) => plain.includes("*op-1 ") && plain.includes("Done"));
    expect(supervisor.effects.map(({ app }) => app)).toEqual(["shop"]);
  });

  test("what was approved is not done there, and neither is what takes a change back", async () => {
    await ana.types("/day2 scale shop web=4 for 10m", { in: "#shop" });
    await ana.waitsFor("#shop", ({ plain }) => plain.includes("*op-1 ") && plain.includes("Done"));
    await ana.types("/day2 restart shop", { in: "#shop" });
    await ana.waitsFor("#shop", ({ plain }) => plain.includes("*op-2 ") && plain.includes("Needs"));
    supervisor.changes("till", { sizes: { web: 4 } });
    await bot.follows(catalogOf("till"));
    await bot.slack.as("ben").types("/day2 approve op-2", { in: "#shop" });
    const refused = await ana.waitsFor("#shop", ({ plain }) => plain.includes("*op-2 ") && plain.includes("Not run"));
    expect(refused.plain).toContain("the catalog means another place by shop/web");
    await bot.passes(10 * 60_000);
    await ana.waitsFor("#shop", ({ plain }) =>
      plain.includes("op-1 was not taken back: the catalog means another place by shop/web"),
    );
    expect(supervisor.effects.map(({ app }) => app)).toEqual(["shop"]);
    expect(supervisor.shows("till").sizes).toEqual({ web: 4 });
  });

  test("what the catalog was wrong about when it was looked at is looked at anew by what it says now", async () => {
    await bot.follows(catalogOf(NO_APP));
    supervisor.server.looks("stalls before");
    await ana.types("/day2 scale shop web=3", { in: "#shop" });
    await until("a look at what is not there", () => supervisor.server.isHolding());
    await bot.follows(catalogOf("shop"));
    supervisor.server.release();
    await ana.waitsFor("#shop", ({ plain }) => plain.includes("*op-1 ") && plain.includes("Done"));
    expect(supervisor.effects.map(({ app }) => app)).toEqual(["shop"]);
  });

  test("another credential for the same place: with it is looked for, acted and taken back", async () => {
    process.env[TOKEN] = supervisor.token;
    await bot.follows(byVariable("shop"));
    supervisor.answers("lost after applying");
    await ana.types("/day2 scale shop web=4 for 10m", { in: "#shop" });
    await until("it to be sent", () => supervisor.asked() === 1);
    await ana.types("/day2 restart shop", { in: "#shop" });
    await ana.waitsFor("#shop", ({ plain }) => plain.includes("*op-2 ") && plain.includes("Needs"));
    supervisor.answers("well");
    process.env[TOKEN] = "taken away";
    await bot.follows(catalogOf("shop"));
    await bot.passes(60_000);
    await ana.waitsFor("#shop", ({ plain }) => plain.includes("*op-1 ") && plain.includes("Done"));
    await bot.slack.as("ben").types("/day2 approve op-2", { in: "#shop" });
    await ana.waitsFor("#shop", ({ plain }) => plain.includes("*op-2 ") && plain.includes("Done"));
    await bot.passes(10 * 60_000);
    await ana.waitsFor("#shop", ({ plain }) => plain.includes("taken back as planned"));
    expect(supervisor.shows("shop").sizes).toEqual({ web: 2 });
  });
});
