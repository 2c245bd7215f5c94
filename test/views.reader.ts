/** Reads blocks as Slack does: what in them mentions, links, formats or draws a picture. */

export type Found = {
  readonly mentions: readonly string[];
  readonly links: readonly string[];
  readonly dates: number;
  readonly bold: readonly string[];
  readonly italic: readonly string[];
  readonly struck: readonly string[];
  readonly code: readonly string[];
  readonly pictures: readonly string[];
  readonly quotes: number;
};

type TextNode = { type: string; text: string; verbatim?: boolean };

/** All text objects of a message or view. */
export function textsOf(value: unknown): TextNode[] {
  if (Array.isArray(value)) return value.flatMap(textsOf);
  if (typeof value !== "object" || value === null) return [];
  if ("type" in value && "text" in value && (value.type === "mrkdwn" || value.type === "plain_text"))
    return [value as TextNode];
  return Object.values(value).flatMap(textsOf);
}

/** What Slack makes of mrkdwn. */
export function readMrkdwn(text: string, verbatim: boolean): Found {
  const code = matches(text, /```[^]+?```|`[^`\n]+`/g);
  const outside = text.replace(/```[^]+?```|`[^`\n]+`/g, "¤");
  const tags = matches(text, /<[^<>]*>/g);
  const bare = outside.replace(/<[^<>]*>/g, "¤");
  return {
    mentions: [
      ...tags.filter((tag) => /^<[@#!](?!date\^)/.test(tag)),
      ...(verbatim ? [] : matches(bare, /@(?:channel|here|everyone)\b/g)),
    ],
    links: [...tags.filter((tag) => !/^<[@#!]/.test(tag)), ...(verbatim ? [] : matches(bare, /https?:\/\/\S+/g))],
    dates: tags.filter((tag) => tag.startsWith("<!date^")).length,
    bold: wrapped(bare, "\\*"),
    italic: wrapped(bare, "_"),
    struck: wrapped(bare, "~"),
    code,
    pictures: matches(bare, /:(?!\d{1,2}:)[\p{L}\p{M}\p{N}_+'-]+:/gu),
    quotes: matches(text, /^(?:>|&gt;)/gm).length,
  };
}

/** What Slack makes of a whole message or view. */
export function readAll(drawn: object): Found {
  const found = textsOf(drawn).flatMap((node) =>
    node.type === "mrkdwn" ? [readMrkdwn(node.text, node.verbatim === true)] : [],
  );
  return {
    mentions: found.flatMap(({ mentions }) => mentions),
    links: found.flatMap(({ links }) => links),
    dates: found.reduce((sum, { dates }) => sum + dates, 0),
    bold: found.flatMap(({ bold }) => bold),
    italic: found.flatMap(({ italic }) => italic),
    struck: found.flatMap(({ struck }) => struck),
    code: found.flatMap(({ code }) => code),
    pictures: found.flatMap(({ pictures }) => pictures),
    quotes: found.reduce((sum, { quotes }) => sum + quotes, 0),
  };
}

/** Slack formats between two equal marks that stand at the edges of words. */
function wrapped(text: string, mark: string): string[] {
  return matches(
    text,
    new RegExp(`(?<![\\p{L}\\p{N}])${mark}(?=\\S)[^${mark}\\n]*?\\S?${mark}(?![\\p{L}\\p{N}])`, "gu"),
  );
}

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([whole]) => whole);
}

/** Text that tries everything; the same for the same number. */
export function hostile(seed: number, pieces = 12): string {
  const random = randomFrom(seed);
  return Array.from(
    { length: 1 + Math.floor(random() * pieces) },
    () => FRAGMENTS[Math.floor(random() * FRAGMENTS.length)],
  ).join(random() < 0.5 ? "" : " ");
}

const FRAGMENTS = [
  ...Array.from("*_~`:<>|&!@#^ \n\taz09é漢"),
  "<!channel>",
  "<!here>",
  "<!subteam^S0WEB00>",
  "<@U0ANA00>",
  "<#C0OPS00>",
  "<https://evil.example|runbook>",
  "<!date^1^{date}|gone>",
  "https://evil.example/a_b*c",
  "@channel",
  "&lt;!channel&gt;",
  "&amp;",
  "*bold*",
  "_italic_",
  "~struck~",
  "`code`",
  "```block```",
  ":tada:",
  ":+1::skin-tone-2:",
  "12:34:56",
  "fd00:ec2::254",
  "POOL_SIZE",
  "\u202eexe.cod",
  "\u200b",
  "\u2060",
  "\u{e0041}",
  "\ud83d",
  "\udc4d",
  "👩‍🚒",
  "a\u0301\u0301\u0301\u0301\u0301\u0301\u0301",
  "\u0000\u0007\u001b[31m",
  "\n> quoted",
  "> ",
  "\u2028",
  "*.shop.example",
];

/** mulberry32 */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
