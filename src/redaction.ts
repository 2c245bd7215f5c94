import { openRedaction, withoutLookalikes, withoutShapes } from "./domain/redact.ts";
import { Invalid } from "./errors.ts";

/**
 * What this process was told as a secret, and how that is kept out of whatever leaves it: the log, the record, messages,
 * rows. One for the whole process, as its log is: a secret of one service is none of another's business either.
 */

const known = openRedaction();

/** A document that is longer is no credential. */
const LONGEST = 8_000;

/** From here on it is hidden. */
export function keepSecret(value: string | null | undefined): void {
  if (value !== null && value !== undefined && value.length <= LONGEST) known.learn(value);
}

/** The text without the secrets that we know. */
export function redacted(text: string): string {
  return known.hide(text);
}

/** What a program or a server says: also without what looks like a secret. `before` is what it said just before. */
export function redactedOutside(text: string, before = ""): string {
  return withoutLookalikes(known.hide(text, before));
}

/** Of what is a name and no words, what is a secret that we know or by its own looks. */
export function redactedName(name: string): string {
  return withoutShapes(known.hide(name));
}

/** Nobody means to nest values deeper. */
const DEEPEST = 200;

/** The same value, with every text in it as `hide` leaves it; keys stay. @throws Invalid when it is nested too deeply */
export function redactedIn<Value>(value: Value, hide: (text: string) => string = redacted): Value {
  return inside(value, hide) as Value;
}

/** What holds nothing to hide is given back as it is: nearly everything. */
function inside(value: unknown, hide: (text: string) => string, depth = 0): unknown {
  if (typeof value === "string") return hide(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth > DEEPEST) throw new Invalid("It is nested too deeply.");
  if (Array.isArray(value)) {
    const all = value.map((each) => inside(each, hide, depth + 1));
    return all.some((each, index) => each !== value[index]) ? all : value;
  }
  if (!isPlain(value)) return value;
  let copy: Record<string, unknown> | null = null;
  for (const name of Object.keys(value)) {
    const inner = value[name];
    const left = inside(inner, hide, depth + 1);
    if (left !== inner) (copy ??= { ...value })[name] = left;
  }
  return copy ?? value;
}

function isPlain(value: object): value is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
