import { expect, test } from "vitest";
import {
  ago,
  clock,
  code,
  joined,
  link,
  literal,
  mention,
  mentionAccount,
  named,
  plain,
  sentence,
  when,
} from "../src/slack/text.ts";
import { hostile, readMrkdwn } from "./views.reader.ts";
import { NAMES } from "./views.values.ts";

const NOTHING = {
  mentions: [],
  links: [],
  dates: 0,
  bold: [],
  italic: [],
  struck: [],
  code: [],
  pictures: [],
  quotes: 0,
};
const TEXTS = Array.from({ length: 2_000 }, (_, seed) => hostile(seed));
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2028\u2029]/u;

function unescaped(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

function lettersOf(text: string): string {
  return (
    text
      .toWellFormed()
      .match(/[\p{L}\p{N}]/gu)
      ?.join("") ?? ""
  );
}

function same(found: object, expected: object): boolean {
  return JSON.stringify(found) === JSON.stringify(expected);
}

test("the reader of these tests sees what Slack would see", () => {
  expect(readMrkdwn("<!channel> <@U1> <https://a|b> *b* _i_ ~s~ `c` :tada:\n&gt; q @here https://x", false)).toEqual({
    mentions: ["<!channel>", "<@U1>", "@here"],
    links: ["<https://a|b>", "https://x"],
    dates: 0,
    bold: ["*b*"],
    italic: ["_i_"],
    struck: ["~s~"],
    code: ["`c`"],
    pictures: [":tada:"],
    quotes: 1,
  });
  expect(readMrkdwn("POOL_SIZE_MAX 12:34:56 5 * 3 https://x", true)).toEqual(NOTHING);
});

test("2,000 hostile texts mention nobody, link nowhere and format nothing, whatever stands around them", () => {
  const alone = TEXTS.filter((text) => !same(readMrkdwn(plain(text), true), NOTHING));
  expect(alone).toEqual([]);
  const among = TEXTS.filter((text, seed) => {
    const line = `*#1 ${plain(hostile(seed + 10_000))}x* · ${plain(text)} · ${when(new Date(0))}`;
    const found = readMrkdwn(line, true);
    return found.bold.length !== 1 || !same({ ...found, bold: [] }, { ...NOTHING, dates: 1 });
  });
  expect(among).toEqual([]);
});

test("2,000 hostile texts keep their letters and digits, on one line, without anything that cannot be seen", () => {
  const changed = TEXTS.flatMap((text) =>
    [unescaped(plain(text, 1_000)), literal(text, 1_000)].filter((shown) => lettersOf(shown) !== lettersOf(text)),
  );
  expect(changed).toEqual([]);
  expect(TEXTS.map((text) => plain(text)).filter((shown) => INVISIBLE.test(shown) || !shown.isWellFormed())).toEqual(
    [],
  );
  expect(TEXTS.map((text) => literal(text)).filter((shown) => INVISIBLE.test(shown) || !shown.isWellFormed())).toEqual(
    [],
  );
});

test("2,000 hostile texts in a sentence of ours make no more than code", () => {
  const offending = TEXTS.filter((text) => {
    const found = readMrkdwn(sentence(`No service is called \`${text}\`.`), true);
    // Accounts stay mentions: such an answer is seen by one person only. Groups and channels never do.
    const mentions = found.mentions.filter((mentioned) => mentioned !== "<@U0ANA00>");
    return !same({ ...found, mentions, code: [] }, NOTHING);
  });
  expect(offending).toEqual([]);
});

test.each([
  ["a <b> & c", "a &lt;b&gt; &amp; c"],
  ["  two\n\nlines\t", "two lines"],
  ["*.shop.example", "∗.shop.example"],
  ["POOL_SIZE changed", "POOL_SIZE changed"],
  ["_private _a1.example.com", "_private _a1.example.com"],
  ["_slanted_", "_slanted＿"],
  ["at 12:34:56", "at 12:34:56"],
  ["done :tada:", "done ∶tada:"],
  ["> said", "› said"],
  ["\u202eevil\u202c", "evil"],
])("plain(%j)", (text, shown) => {
  expect(plain(text)).toBe(shown);
});

test("text is cut between characters, with an ellipsis within the limit", () => {
  expect(plain("👍".repeat(300), 10)).toBe("👍👍👍👍…");
  expect(literal("exactly 10", 10)).toBe("exactly 10");
  expect(plain("&".repeat(20), 10)).toBe(`${"&amp;".repeat(9)}…`);
});

test("a code span shows its text as it is", () => {
  expect(code("*.shop.example <b> `x`")).toBe("`*.shop.example &lt;b&gt; ‵x‵`");
  expect(code("")).toBe("");
});

test("a sentence keeps its code spans and accounts", () => {
  expect(sentence("No verb `<!here>`. Did you mean `renew-cert`, <@U0ANA00>? *no*")).toBe(
    "No verb `&lt;!here&gt;`. Did you mean `renew-cert`, <@U0ANA00>? ∗no∗",
  );
});

test("a mention is made of a Slack id and of nothing else", () => {
  expect(mention(NAMES, { person: "ana" })).toBe("<@U0ANA00>");
  expect(mention(NAMES, { person: "cleo" })).toBe("Cleo (no Slack)");
  expect(mention(NAMES, { person: "U0FREE0" })).toBe("<@U0FREE0>");
  expect(mention(NAMES, { person: "left" })).toBe("left");
  expect(mention(NAMES, { team: "web" })).toBe("<!subteam^S0WEB00>");
  expect(mention(NAMES, { team: "data" })).toBe("Team Data");
  expect(mentionAccount("U1> <!channel")).toBe("U1&gt; &lt;!channel");
  expect(mention({ people: {}, teams: { web: { slackGroup: "S1><!here", name: "Web" } } }, { team: "web" })).toBe(
    "Web",
  );
});

test("a name does not notify", () => {
  expect(named(NAMES, { person: "ana" })).toBe("Ana Operator");
  expect(named(NAMES, { team: "web" })).toBe("Team Web");
  expect(named(NAMES, { by: "heroku <x>" })).toBe("heroku &lt;x&gt;");
});

test.each([
  ["https://a.example/x?y=1&z=2", "Runbook", "<https://a.example/x?y=1&amp;z=2|Runbook>"],
  ["https://a.example/|<!here>", "Runbook", "<https://a.example/%7C%3C!here%3E|Runbook>"],
  ["javascript:alert(1)", "Runbook", "Runbook"],
  ["not an address", "Run*book*", "Run∗book∗"],
])("link(%j, %j)", (address, label, drawn) => {
  expect(link(address, label)).toBe(drawn);
});

test("moments are drawn in the reader's zone, and in UTC where Slack cannot", () => {
  expect(when(new Date("2026-11-23T02:04:30Z"))).toBe(
    "<!date^1795399470^{date_short_pretty} {time}|2026-11-23 02:04 UTC>",
  );
  expect(clock(new Date("2026-11-23T02:04:30Z"))).toBe("<!date^1795399470^{time_secs}|2026-11-23 02:04 UTC>");
});

test.each([
  [0, "just now"],
  [59_999, "just now"],
  [-30_000, "in a moment"],
  [60_000, "1 minute ago"],
  [7_200_000, "2 hours ago"],
  [-86_400_000 * 3, "in 3 days"],
])("%i ms before now is %j", (before, said) => {
  const now = new Date("2026-11-23T02:30:00Z");
  expect(ago(now, new Date(now.getTime() - before))).toBe(said);
});

test("joined parts stay within a section", () => {
  expect(joined(["a", "b"], "; ")).toBe("a; b");
  expect(joined(["aaaa", "bbbb", "cccc"], "; ", 10)).toBe("aaaa; bbbb; …");
});
