import type { Names } from "../domain/board/names.ts";
import type { Duty, Party } from "../domain/duty.ts";
import { formatDuration } from "../domain/measures.ts";

/**
 * Words in Slack. Everything that was not written in this folder goes through `plain` (for mrkdwn) or `literal` (for
 * plain_text objects): what comes out mentions nobody, links nowhere and formats nothing. Bare addresses stay readable
 * and do not link, because every mrkdwn object of ours is `verbatim` (blocks.ts) and messages are sent with `parse: none`.
 */

/**
 * Slack has no escape for its markers, so that a lookalike stands in. `_` formats only where one ends a word: others stay,
 * for POOL_SIZE, and for names in DNS that begin with one and are copied.
 */
const LOOKALIKES: Readonly<Record<string, string>> = { "*": "∗", "~": "∼", "`": "‵", _: "＿" };
const MARKERS = /[*~`]|_(?![\p{L}\p{N}])/gu;
/** `:name:` would become a picture; 12:34:56 would not. */
const EMOJI_COLON = /:(?!\d{1,2}:)(?=[\p{L}\p{M}\p{N}_+'-]+:)/gu;
const ACCOUNT = /^[UW][A-Z0-9]{2,20}$/;
const LONGEST_ADDRESS = 1_000;
const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** Text from outside as one line of mrkdwn that shows what it says, cut between characters to `max` UTF-16 units before escaping. */
export function plain(text: string, max = 200): string {
  const defused = literal(text, max)
    .replace(/^>/u, "›")
    .replace(MARKERS, (marker) => LOOKALIKES[marker] ?? "");
  return escape(defused);
}

/** Text from outside as one line for a plain_text object, cut between characters to `max` UTF-16 units, which is how Slack counts at worst. */
export function literal(text: string, max = 200): string {
  return truncate(tidy(text), max).replace(EMOJI_COLON, "∶");
}

/** Text from outside as a code span: inside one only the backtick has a meaning. */
export function code(text: string, max = 200): string {
  const shown = truncate(tidy(text), max);
  return shown === "" ? "" : `\`${escape(shown).replaceAll("`", "‵")}\``;
}

/** Lines from outside as a block of code. */
export function codeBlock(lines: readonly string[]): string {
  const shown = lines.map((line) => escape(line.toWellFormed()).replaceAll("`", "‵"));
  return ["```", ...shown, "```"].join("\n");
}

/**
 * A sentence of ours that may quote what somebody typed: its `code` spans stay code, and accounts stay mentions, which
 * is harmless in an answer that only one person sees; the rest is plain.
 */
export function sentence(text: string, max = 900): string {
  const parts = truncate(tidy(text), max).split(/(`[^`]+`|<@[UW][A-Z0-9]{2,20}>)/u);
  return parts.map((part, index) => (index % 2 === 0 ? spaced(part) : kept(part))).join("");
}

function kept(part: string): string {
  return part.startsWith("`") ? code(part.slice(1, -1), part.length) : part;
}

/** `plain`, with the spaces at both ends. */
function spaced(part: string): string {
  const inner = part.trim();
  if (inner === "") return part;
  const start = part.indexOf(inner);
  return `${part.slice(0, start)}${plain(inner, inner.length)}${part.slice(start + inner.length)}`;
}

function escape(text: string): string {
  return text.replace(/[&<>]/gu, (character) => ENTITIES[character] ?? "");
}

/** One line without what cannot be seen: control, direction and zero-width characters, halves of a pair, towers of accents. */
function tidy(text: string): string {
  return text
    .toWellFormed()
    .replace(/\s+/gu, " ")
    .replace(/[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, "")
    .replace(/(\p{M}{3})\p{M}+/gu, "$1")
    .trim();
}

function truncate(text: string, max: number): string {
  if (text.length <= max) return text;
  let cut = "";
  for (const character of text) {
    if (cut.length + character.length > max - 1) break;
    cut += character;
  }
  return `${cut.trimEnd()}…`;
}

/** Names somebody so that Slack notifies them; only for who must act. Without a Slack id it is the plain name. */
export function mention(names: Names, party: Party): string {
  if ("person" in party) {
    const slack = names.people[party.person]?.slack ?? null;
    return slack === null ? named(names, party) : mentionAccount(slack);
  }
  const group = names.teams[party.team]?.slackGroup ?? null;
  return group !== null && /^S[A-Z0-9]+$/.test(group) ? `<!subteam^${group}>` : named(names, party);
}

/** A Slack account that is nobody's in the catalog: Slack alone knows its name. */
export function mentionAccount(account: string): string {
  return ACCOUNT.test(account) ? `<@${account}>` : plain(account, 60);
}

/** Names somebody without a notification; only an account without a name in the catalog has to be mentioned. */
export function named(names: Names, duty: Duty): string {
  if ("by" in duty) return plain(duty.by, 60);
  if ("person" in duty) {
    const person = names.people[duty.person];
    return person === undefined ? mentionAccount(duty.person) : plain(person.name, 60);
  }
  if ("rotation" in duty) return plain(names.rotations?.[duty.rotation]?.name ?? duty.rotation, 60);
  return plain(names.teams[duty.team]?.name ?? duty.team, 60);
}

/** A moment, drawn by Slack in the reader's own zone. */
export function when(date: Date): string {
  return slackDate(date, "{date_short_pretty} {time}");
}

/** The time of day alone, in the reader's own zone. */
export function timeOfDay(date: Date): string {
  return slackDate(date, "{time}");
}

/** The time of day alone, with seconds, in the reader's own zone. */
export function clock(date: Date): string {
  return slackDate(date, "{time_secs}");
}

function slackDate(date: Date, format: string): string {
  const iso = date.toISOString();
  return `<!date^${Math.floor(date.getTime() / 1000)}^${format}|${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC>`;
}

/** "3 hours ago", "in 20 minutes", "just now". For answers that are read once: a card stays, and needs `when`. */
export function ago(now: Date, date: Date): string {
  const passed = now.getTime() - date.getTime();
  if (Math.abs(passed) < 60_000) return passed >= 0 ? "just now" : "in a moment";
  return passed > 0 ? `${formatDuration(passed)} ago` : `in ${formatDuration(passed)}`;
}

/** Whether an address is something that a browser should open. */
export function isAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, href } = new URL(address);
  return (protocol === "https:" || protocol === "http:") && href.length <= LONGEST_ADDRESS;
}

/** The first of what others gave that a browser should open; an alert may name anything as its runbook. */
export function firstAddress(given: readonly (string | null)[] = []): string | null {
  return given.find((at) => at !== null && isAddress(at)) ?? null;
}

/** A link of ours to an http(s) address; the bare label where the address is nothing that a browser should open. */
export function link(address: string, label: string): string {
  if (!isAddress(address)) return plain(label);
  const { href } = new URL(address);
  return `<${href.replace(/[|<>`]/g, encodeURIComponent).replaceAll("&", "&amp;")}|${plain(label)}>`;
}

/** "1 item", "3 items". */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

export function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** Parts on one line, as many as fit into a section. */
export function joined(parts: readonly string[], separator: string, most = 2_500): string {
  let line = "";
  for (const part of parts) {
    const longer = line === "" ? part : `${line}${separator}${part}`;
    if (longer.length > most) return line === "" ? part : `${line}${separator}…`;
    line = longer;
  }
  return line;
}
