import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OVER_HTTP, startBot, type TestBot } from "../support/bot.ts";
import type { Actor, Seen } from "../support/slack.ts";

/** What nobody answers for is one item a service; people close the gaps from Slack until the catalog catches up. */

const CATALOG = `
people:
  ana: { name: Ana, slack: U0ANA, teams: [web], role: operator }
  ben: { name: Ben, slack: U0BEN, role: approver }
  rae: { name: Rae, slack: U0RAE, role: reader }
teams: { web: { name: Web team, slack_group: S0WEB } }
services:
  reports:
    name: Reports
    responsibilities: { patching: nobody, on-call: team-web, releases: ana }
    checks: { ownership: { expects: [patching, backups, on-call, releases], every: 1h, grace: 0s } }
  blog:
    owner: team-web
    responsibilities: { patching: { by: the platform team } }
`;

describe.each(OVER_HTTP)("over $transport with the queue on $queue", (pair) => {
  let bot: TestBot;
  let ana: Actor;
  let rae: Actor;
  let card: Seen;

  beforeAll(async () => {
    bot = await startBot(pair, { catalog: CATALOG });
    ana = bot.slack.as("ana");
    rae = bot.slack.as("rae");
    await bot.passes(20_000);
  });
  afterAll(() => bot.close());

  test("the gaps of a service are one item; somebody outside is an answer", async () => {
    const cards = await ana.sees("#ops");
    expect(cards).toHaveLength(1);
    [card] = cards as [Seen];
    expect(card.plain).toContain("#1 Reports* · nobody owns patching, backups");
    expect(card.plain).toContain(
      'nobody: patching, backups\nTo mend: add "<responsibility>: <person, team-… or { by: … }>" under services: reports:',
    );
    expect(card.plain).toContain("Owner: @team-web (has not taken it yet)");
    const owners = (await rae.asks("/day2 owners")).plain;
    expect(owners).toMatch(/^\*7 responsibilities without an owner\*/);
    expect(owners).toContain(
      "*reports* · Ana: releases · ⚠️ nobody: scaling, patching, certificates, database, backups",
    );
    expect(owners).toMatch(/\*blog\* · Web team: .*· the platform team: patching/);
  });

  test("a gap that somebody closes from Slack is gone at once, and shown as said here", async () => {
    const told = await ana.asks("/day2 assign Reports patching to @ana");
    expect(told.plain).toContain("patching of reports has its owner. Keep it by writing it into daytwo.yaml");
    await bot.passes(1_000);
    expect((await ana.rereads(card)).plain).toContain("#1 Reports* · nobody owns backups");
    const owners = (await rae.asks("/day2 owners reports")).plain;
    expect(owners).toContain("Ana: releases, patching");
    expect(owners).toMatch(
      /↳ patching: ana since .*, by Ana; the catalog says nobody\. To keep it: `responsibilities: \{ patching: ana \}`/,
    );
  });

  test("the last gap resolves the item, and a new one brings it back in its thread", async () => {
    await ana.asks("/day2 assign reports backups team-web");
    await bot.passes(1_000);
    expect((await ana.rereads(card)).plain).toMatch(/Resolved .* by itself: everything has an owner/);
    await ana.asks("/day2 assign reports backups nobody");
    await ana.asks("/day2 assign reports patching nobody");
    await bot.passes(1_000);
    const back = await ana.rereads(card);
    expect(back.plain).toContain("nobody owns patching, backups");
    expect(await ana.sees("#ops")).toHaveLength(1);
    expect((await rae.asks("/day2 owners reports")).plain).toMatch(/↳ backups: nobody since/);
    const record = (await ana.asks("/day2 audit reports")).plain;
    expect(record).toContain("Ana gave patching to ana · by command");
    expect(record).toContain("Ana gave backups to nobody · by command");
  });

  test("who may not assign, and what cannot be assigned", async () => {
    const before = (await rae.asks("/day2 owners reports")).plain;
    expect((await rae.asks("/day2 assign reports patching me")).plain).toContain(
      "takes the role operator; yours is reader",
    );
    expect((await ana.asks("/day2 assign reports ptaching @ana")).plain).toContain("Did you mean `patching`?");
    expect((await ana.asks("/day2 assign reprots patching @ana")).plain).toContain("Did you mean `reports`?");
    expect((await ana.asks("/day2 assign reports patching @gus")).plain).toMatch(
      /does not know that person.*\nThe catalog knows Ana, Ben, Rae\./,
    );
    expect((await ana.asks("/day2 assign reports patching team-ops")).plain).toContain("There is `team-web`.");
    expect((await ana.asks("/day2 assign reports patching")).plain).toContain(
      "Usage: `/day2 assign service responsibility @person|team-x|rotation-x|nobody`",
    );
    expect((await rae.asks("/day2 owners reports")).plain).toBe(before);
  });

  test("a file that says it itself ends what was said in Slack", async () => {
    await ana.asks("/day2 assign reports patching @ben");
    await bot.settle();
    await bot.follows(CATALOG.replace("patching: nobody", "patching: ana"));
    const owners = (await rae.asks("/day2 owners reports")).plain;
    expect(owners).toContain("Ana: releases, patching");
    expect(owners).not.toContain("↳ patching");
    expect((await ana.asks("/day2 audit reports")).plain).toContain(
      "What was said here about patching ended: the catalog holds again",
    );
  });
});
