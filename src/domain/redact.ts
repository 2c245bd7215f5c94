import { formsOf, isOneToken, piecesOf, SHORTEST } from "./secret-forms.ts";

/**
 * Takes out of text what nobody else should read: secrets that we were told, in the forms in which programs print them,
 * and what looks like a credential. Everything is compared literally; line breaks inside a secret hide nothing.
 *
 * What cannot be promised: a secret that nobody told us and that looks like nothing in particular, one in another
 * encoding than these (compressed, reversed, a character to a line with others between), and of one that is broken over
 * several pieces the first few characters.
 */

const REDACTED = "[redacted]";

/** Of a secret that looks random so many characters in a row are hidden wherever they stand: half of one is one too. */
const PART = 8;
/** And of digits alone so many: fewer make up a time or a number like any other. */
const DIGITS = 12;

/**
 * What is a credential by its own looks, with what stands before it and stays. Whoever writes a long word must not have us
 * look for the end from each of its characters.
 */
const SHAPES: readonly RegExp[] = [
  /()\bxox[a-z]-[\w-]{8,}/g,
  /()\bxapp-[\w-]{8,}/g,
  /()\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /()\b(?:gh[opsur]|github_pat|glpat)[_-][A-Za-z0-9_-]{16,}/g,
  // With neither digits nor both cases it is made of words: `sk-learn-recommendations`.
  /()\b(?:sk|rk|pk)[_-](?=[\w-]{0,40}(?:\d|[a-z][A-Z]|[A-Z][a-z]))[A-Za-z0-9_-]{16,}/g,
  /()(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g,
  /()\beyJ[\w-]{8,500}\.[\w-]{8,}(?:\.[\w-]*)?/g,
  /()-----BEGIN [A-Z ]*PRIVATE KEY-----.*/g,
  /(\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s:@/]*:)[^\s@/]+(?=@)/gi,
];
/** What is one by the word before it. Basic Information is a page of Slack's. */
const BEHIND_WORDS: readonly RegExp[] = [
  /(\b(?:bearer|basic)\s+)(?!Information\b)[\w.~+/=-]{8,}/gi,
  /((?:password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)["']?\s*[=:]\s*["']?)[^\s"',;&]{3,}/gi,
];

export function withoutLookalikes(text: string): string {
  return without([...SHAPES, ...BEHIND_WORDS], text);
}

/** The same of a name, whose words say nothing of what follows: `auth-token:v7` is a service and its version. */
export function withoutShapes(name: string): string {
  return without(SHAPES, name);
}

function without(patterns: readonly RegExp[], text: string): string {
  return patterns.reduce((left, pattern) => left.replace(pattern, `$1${REDACTED}`), text);
}

/** Secrets as they become known. */
export type Redaction = {
  /** Something to be hidden from now on; doing it twice costs nothing. */
  learn(secret: string): void;
  /** The text without them; `before` is what stood before it, where a secret may have begun. */
  hide(text: string, before?: string): string;
};

export function openRedaction(): Redaction {
  const learnt = new Set<string>();
  /** Whole forms by how they begin, the longest first. */
  const whole = new Map<string, string[]>();
  const parts = new Set<string>();
  const begins = openSieve();

  function learnForm(form: string): void {
    const head = form.slice(0, SHORTEST);
    const others = whole.get(head) ?? [];
    if (others.includes(form)) return;
    whole.set(
      head,
      [...others, form].toSorted((a, b) => b.length - a.length),
    );
    begins.add(head);
  }
  function learnParts(form: string): void {
    for (let at = 0; at + PART <= form.length; at += 1) {
      const part = [PART, DIGITS].map((length) => form.slice(at, at + length)).find(looksRandom);
      if (part === undefined) continue;
      parts.add(part);
      begins.add(part.slice(0, SHORTEST));
    }
  }
  function endAt(flat: string, at: number): number {
    const forms = whole.get(flat.slice(at, at + SHORTEST)) ?? [];
    const form = forms.find((each) => flat.startsWith(each, at));
    if (form !== undefined) return at + form.length;
    const part = [PART, DIGITS].map((length) => flat.slice(at, at + length)).find((each) => parts.has(each));
    return at + (part?.length ?? 0);
  }

  return {
    learn(secret) {
      if (learnt.has(secret)) return;
      learnt.add(secret);
      for (const piece of piecesOf(secret.toWellFormed())) {
        const forms = formsOf(piece);
        forms.forEach(learnForm);
        if (isOneToken(piece)) forms.forEach(learnParts);
      }
    },
    hide(text, before = "") {
      if (learnt.size === 0) return text;
      // Nearly every text goes no further.
      if (before === "" && !LINE_BREAK.test(text) && begins.next(text, 0) === NONE) return text;
      const { flat, places } = flattened(text);
      const known = before === "" ? "" : flattened(before).flat;
      const found = rangesIn(known + flat, begins, endAt);
      if (found.length === 0) return text;
      const ranges = found
        .map(([from, to]): Range => [Math.max(0, from - known.length), to - known.length])
        .filter(([, to]) => to > 0);
      return cut(text, ranges, places);
    },
  };
}

type Range = readonly [from: number, to: number];

/** Where something hidden stands; those that overlap are one. */
function rangesIn(flat: string, begins: Sieve, endAt: (flat: string, at: number) => number): Range[] {
  const found: [number, number][] = [];
  for (let at = begins.next(flat, 0); at !== NONE; at = begins.next(flat, at + 1)) {
    const end = endAt(flat, at);
    if (end === at) continue;
    const last = found.at(-1);
    if (last !== undefined && at < last[1]) last[1] = Math.max(last[1], end);
    else found.push([at, end]);
  }
  return found;
}

function cut(text: string, ranges: readonly Range[], places: readonly number[] | null): string {
  if (ranges.length === 0) return text;
  let left = "";
  let at = 0;
  for (const [from, to] of ranges) {
    left += text.slice(at, places?.[from] ?? from) + REDACTED;
    at = places === null ? to : (places[to - 1] ?? to - 1) + 1;
  }
  return left + text.slice(at);
}

/** The text without its line breaks, and where each of its characters stood; null where they stand where they stood. */
function flattened(text: string): { flat: string; places: readonly number[] | null } {
  if (!LINE_BREAK.test(text)) return { flat: text, places: null };
  const places: number[] = [];
  for (let at = 0; at < text.length; at += 1) if (text[at] !== "\n" && text[at] !== "\r") places.push(at);
  return { flat: text.replaceAll(/[\r\n]/g, ""), places };
}

const LINE_BREAK = /[\r\n]/;

type Sieve = {
  /** @param head of `SHORTEST` characters */
  add(head: string): void;
  /** Where the next of them stands, from `from` on; `NONE` where none does. */
  next(text: string, from: number): number;
};

const NONE = -1;

/** Each character moves those before it on by so many bits; those beyond the last `SHORTEST` have left the hash. */
const STEP = 5;
const KEPT = 2 ** (STEP * SHORTEST) - 1;

/** Goes by a hash of the last few characters: all text from outside comes through here. */
function openSieve(): Sieve {
  const slots = new Uint8Array(1 << 16);
  const heads = new Set<string>();
  function moved(hash: number, code: number): number {
    return ((hash << STEP) ^ code) & KEPT;
  }
  function slotOf(hash: number): number {
    return (hash ^ (hash >>> 14)) & 0xffff;
  }
  return {
    add(head) {
      let hash = 0;
      for (let at = 0; at < SHORTEST; at += 1) hash = moved(hash, head.charCodeAt(at));
      slots[slotOf(hash)] = 1;
      heads.add(head);
    },
    next(text, from) {
      let hash = 0;
      for (let at = from; at < text.length; at += 1) {
        hash = moved(hash, text.charCodeAt(at));
        if (slots[slotOf(hash)] === 0) continue;
        const begin = at - SHORTEST + 1;
        if (begin >= from && heads.has(text.slice(begin, at + 1))) return begin;
      }
      return NONE;
    },
  };
}

/** A part that stands in no ordinary text: letters and digits mixed or many digits, no two or three of them over and over. */
function looksRandom(part: string): boolean {
  if (part.length === DIGITS) return /^\d+$/.test(part) && new Set(part).size > 3;
  const mixed = /\d/.test(part) ? /[^\d]/.test(part) : /[a-z]/.test(part) && /[A-Z]/.test(part);
  return mixed && new Set(part).size > 3;
}
