import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BUTTON_DEEDS, FORM_DEEDS, SHORTCUT_DEEDS } from "./support/needed-deeds.ts";
import { BUTTON_IDS } from "../handlers/buttons.ts";
import { FORMS } from "../handlers/modals.ts";
import { VERBS, verbNames } from "../src/command/verbs.ts";
import { json, query, Row, sql, text } from "../src/db/sql.ts";
import { DEEDS, DEED_NAMES, type Deed } from "../src/domain/deed.ts";
import { ACTION_IDS, CALLBACK_IDS } from "../src/slack/ids.ts";
import { openActingSupervisor, type ActingSupervisor } from "./support/acting-supervisor.ts";
import { PAIRS, startBot, type TestBot } from "./support/bot.ts";

/**
 * Every way to a deed asks for the deed that the tables name: a guest, who may only look, goes them all and is told at
 * each what it would have taken. A way that is in no table, or asks for nothing, fails.
 */

const LOOKING: readonly Deed[] = ["read", "digest"];

let supervisor: ActingSupervisor;
let bot: TestBot;

beforeAll(async () => {
  supervisor = await openActingSupervisor();
  bot = await startBot(PAIRS[0], {
    demo: { url: "http://127.0.0.1:9", token: "none" },
    catalog: `
people:
  ana: { name: Ana, slack: U0ANA, role: operator }
services:
  shop:
    channel: "#shop"
    owner: ana
    targets: { web: ${supervisor.target("shop")} }
`,
  });
  const ana = bot.slack.as("ana");
  await ana.types("/day2 scale shop web=3 for 2h", { in: "#shop" });
  await ana.waitsFor("#shop", ({ plain }) => plain.includes("goes back by itself"));
  await bot.settle();
});
afterAll(async () => {
  await bot.close();
  await supervisor.close();
});

const EVENT = new Row({ detail: json<{ what: string; why: string }>(), surface: text });

/** Why the guest was refused since, the newest last. */
async function refusals(): Promise<{ what: string; why: string }[]> {
  await bot.settle();
  const rows = await query(
    bot.bot.app.db,
    EVENT,
    sql`select ${EVENT} from events where kind = 'refused' and account = 'U0GUS' order by id`,
  );
  return rows.map((row) => row.detail);
}

function refused(deed: Deed): string {
  return `Guests of this workspace can look, but not ${DEEDS[deed].words}.`;
}

let sent = 0;

/** What Slack sends for the guest, who sees buttons and forms that they may not use. */
async function guest(payload: Readonly<Record<string, unknown>>): Promise<void> {
  sent += 1;
  await bot.slack.deliver("interactive", {
    user: { id: "U0GUS", username: "gus", name: "gus", team_id: "T0LOCAL" },
    team: { id: "T0LOCAL", domain: "acme" },
    channel: { id: "C0SHOP", name: "shop" },
    trigger_id: `1.${sent}`,
    ...payload,
  });
}

async function presses(id: string, value: Readonly<Record<string, unknown>>): Promise<void> {
  await guest({
    type: "block_actions",
    actions: [{ type: "button", action_id: id, block_id: "b", action_ts: `${sent}.1`, ...value }],
  });
}

/** What a button of this kind carries: an item's number, an operation's, or what it asks for. */
function carried(id: string): string {
  if (id.startsWith("item.act")) return "- restart shop/web";
  if (id.startsWith("item.still")) return "1 3600000";
  return id.startsWith("service.") ? "shop" : "1";
}

const ENTERED = {
  text: { value: "because" },
  reason: { value: "because" },
  note: { value: "because" },
  summary: { value: "a thing" },
  duration: { value: "2h" },
  count: { value: "3" },
  process: { value: "web" },
  person: { selected_user: "U0ANA" },
  service: { selected_option: { value: "shop" } },
};

describe("what is registered is what the tables name", () => {
  test("every button, form and verb has its deed, and every deed has a way or is one that is checked at sight", () => {
    expect(Object.keys(BUTTON_DEEDS).toSorted()).toEqual([...BUTTON_IDS].toSorted());
    expect(Object.keys(FORM_DEEDS).toSorted()).toEqual(Object.keys(FORMS).toSorted());
    expect(Object.keys(SHORTCUT_DEEDS)).toEqual([CALLBACK_IDS.messageToItem]);
    const ways = new Set([
      ...Object.values(VERBS).flatMap(({ deed, further }) => [deed, ...(further === undefined ? [] : [further])]),
      ...Object.values({ ...BUTTON_DEEDS, ...FORM_DEEDS, ...SHORTCUT_DEEDS }),
    ]);
    expect(DEED_NAMES.filter((deed) => !ways.has(deed))).toEqual([]);
  });
});

describe("a guest is refused the deed that the table names", () => {
  test.each(Object.entries(BUTTON_DEEDS).flatMap(([id, deed]) => (deed === null ? [] : [{ id, deed }])))(
    "by the button $id: $deed",
    async ({ id, deed }) => {
      const before = (await refusals()).length;
      await presses(id, { value: carried(id) });
      expect((await refusals()).slice(before)).toEqual(
        LOOKING.includes(deed) ? [] : [{ what: id, why: refused(deed) }],
      );
    },
  );

  test("by each choice of a card's menu, as its button", async () => {
    for (const [id, deed] of Object.entries(BUTTON_DEEDS)) {
      if (deed === null || LOOKING.includes(deed)) continue;
      const before = (await refusals()).length;
      await presses(ACTION_IDS.more, { selected_option: { value: `${id} ${carried(id)}` } });
      expect((await refusals()).slice(before)).toEqual([{ what: ACTION_IDS.more, why: refused(deed) }]);
    }
  });

  test.each(Object.entries(FORM_DEEDS).map(([id, deed]) => ({ id, deed })))(
    "by the form $id: $deed",
    async ({ id, deed }) => {
      const before = (await refusals()).length;
      const values = Object.fromEntries(
        Object.entries(ENTERED).map(([field, entered]) => [field, { [field]: entered }]),
      );
      const about = id === CALLBACK_IDS.act ? "- restart shop/web" : "1";
      const view = {
        id: `V${id}`,
        hash: "1",
        type: "modal",
        callback_id: id,
        private_metadata: about,
        state: { values },
      };
      await guest({ type: "view_submission", view });
      expect((await refusals()).slice(before)).toEqual([{ what: id, why: refused(deed) }]);
    },
  );

  test("by the shortcut on a message", async () => {
    const before = (await refusals()).length;
    await guest({ type: "message_action", callback_id: CALLBACK_IDS.messageToItem, message: { ts: "1.1", text: "x" } });
    expect((await refusals()).slice(before)).toEqual([
      { what: CALLBACK_IDS.messageToItem, why: refused(SHORTCUT_DEEDS.item_from_message) },
    ]);
  });

  test.each(verbNames({ demo: true }).map((verb) => ({ verb, deed: VERBS[verb].deed })))(
    "by the word $verb: $deed",
    async ({ verb, deed }) => {
      const before = (await refusals()).length;
      await bot.slack.as("gus").types(`/day2 ${verb} ${example(VERBS[verb].usage)}`, { in: "#shop" });
      const expected = LOOKING.includes(deed) ? [] : [{ what: "/day2", why: refused(deed) }];
      expect((await refusals()).slice(before)).toEqual(expected);
    },
  );
});

const EXAMPLES: readonly (readonly [RegExp, string])[] = [
  [/\[#id reason…\]/g, "#id because"],
  [/\[[^\]]*\]/g, ""],
  [/#id…/g, "#id"],
  [/\|\S+/g, ""],
  [/service/g, "shop"],
  [/session/g, "12345"],
  [/#id/g, "#1"],
  [/op-17/g, "op-1"],
  [/@person/g, "<@U0ANA>"],
  [/process=n …/g, "web=2"],
  [/action…/g, "restart shop"],
  [/responsibility/g, "releases"],
  [/https:\/\/…/g, "https://shop.example.com"],
];

/** The usage of a verb with something in each place. */
function example(usage: string): string {
  return EXAMPLES.reduce((said, [place, with_]) => said.replaceAll(place, with_), usage);
}
