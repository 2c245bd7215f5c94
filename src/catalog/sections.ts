import type { Complaints } from "./complaints.ts";
import { KEY, KEY_RULE, RESERVED } from "./keys.ts";

/** Sections of the file: a map from keys of the user's choice to one thing each. */

/** What could be read of a section; nothing where there is none, so that a catalog without it is what it was. */
export function present<Name extends string, Read>(
  name: Name,
  read: Readonly<Record<string, Read | null>>,
): Partial<Record<Name, Record<string, Read>>> {
  const all = Object.entries(read).flatMap(([key, one]) => (one === null ? [] : [[key, one] as const]));
  return all.length === 0 ? {} : ({ [name]: Object.fromEntries(all) } as Record<Name, Record<string, Read>>);
}

export function section<Read>(
  entries: Readonly<Record<string, unknown>>,
  name: keyof typeof RESERVED,
  complaints: Complaints,
  one: (key: string, value: unknown) => Read,
): Record<string, Read> {
  const all: Record<string, Read> = {};
  for (const [key, value] of Object.entries(entries)) {
    if (!KEY.test(key)) {
      const small = key.toLowerCase().replaceAll(/[\s_.]+/g, "-");
      complaints.addKey(
        [name, key],
        `The key \`${key}\` ${KEY_RULE}.`,
        KEY.test(small) ? `Write \`${small}\`.` : undefined,
      );
    } else if (RESERVED[name].test(key)) {
      complaints.addKey([name, key], `\`${key}\` has a meaning of its own in commands.`, "Choose another key.");
    }
    all[key] = one(key, value);
  }
  return all;
}
