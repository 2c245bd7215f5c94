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
  const copy = Object.create(null) as Record<string, unknown>;
  for (const [key, inner] of Object.entries(value)) copy[key] = bare(inner);
  return copy;
}
