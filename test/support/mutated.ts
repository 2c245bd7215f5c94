import { hostile } from "../views.reader.ts";

/** Bodies that are almost right: the same random ones for the same seed. */

export type Random = () => number;

export function randomFrom(seed: number): Random {
  let state = seed * 2_654_435_761;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_507) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}

const STRANGE: readonly unknown[] = [
  null,
  undefined,
  true,
  0,
  -1,
  1e308,
  "",
  "\u0000",
  "\ud800",
  "x".repeat(5_000),
  "2026-13-45T99:99:99Z",
  "firing",
  "resolved",
  "__proto__",
  [],
  {},
  [[[]]],
  { a: { b: { c: [] } } },
  Array.from({ length: 200 }, (_, index) => ({ index })),
];

/** The same body with one to three places changed, taken away, doubled, or moved into another's. */
export function mutated(body: unknown, random: Random): unknown {
  let changed = structuredClone(body);
  for (let times = 1 + Math.floor(random() * 3); times > 0; times -= 1) changed = once(changed, random);
  return changed;
}

function once(value: unknown, random: Random): unknown {
  if (typeof value === "string" && random() < 0.3 && value.startsWith('{"AlarmName'))
    return JSON.stringify(once(JSON.parse(value), random));
  if (typeof value !== "object" || value === null || random() < 0.12)
    return STRANGE[Math.floor(random() * STRANGE.length)];
  if (Array.isArray(value)) {
    const list = [...(value as unknown[])];
    const at = Math.floor(random() * list.length);
    const dice = random();
    if (list.length === 0 || dice < 0.2) list.push(hostile(Math.floor(random() * 1e6)));
    else if (dice < 0.4) list.splice(at, 1);
    else list[at] = once(list[at], random);
    return list;
  }
  const entries = Object.entries(value);
  const at = Math.floor(random() * entries.length);
  const [key = "x", inner] = entries[at] ?? [];
  const dice = random();
  if (dice < 0.15) entries.splice(at, 1);
  else if (dice < 0.25)
    entries.push([hostile(Math.floor(random() * 1e6)), STRANGE[Math.floor(random() * STRANGE.length)]]);
  else entries[at] = [key, once(inner, random)];
  return Object.fromEntries(entries);
}
