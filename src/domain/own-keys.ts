/** A prototype that has nothing to inherit. V8 keeps objects without any prototype as hash tables, which are slow to read. */
const NOTHING = Object.freeze(Object.create(null)) as object;

/**
 * The same plain value with objects that have no keys but their own: a word that somebody types or a label has, such as
 * `constructor`, finds nothing where nothing was put.
 */
export function withOwnKeysOnly<Value>(value: Value): Value {
  return bare(value) as Value;
}

function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  const copy = Object.create(NOTHING) as Record<string, unknown>;
  for (const [key, inner] of Object.entries(value)) copy[key] = bare(inner);
  return copy;
}
