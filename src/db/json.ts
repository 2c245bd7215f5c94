/**
 * A parameter for a jsonb column. PostgreSQL takes neither NUL nor half a surrogate pair, and text from outside may hold both.
 */
export function asJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === "string" ? storable(inner) : inner));
}

/** Text as PostgreSQL can keep it. */
export function storable(value: string): string {
  return value.replaceAll("\u0000", "").toWellFormed();
}
