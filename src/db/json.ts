/**
 * A parameter for a jsonb column. PostgreSQL takes neither NUL nor half a surrogate pair, and text from outside may hold both.
 */
export function asJson(value: unknown): string {
  const plain = JSON.stringify(value);
  return SUSPECT.test(plain) ? repaired(value) : plain;
}

/** How JSON writes both; that a backslash before it may mean otherwise only costs the slower way. */
const SUSPECT = /\\u(?:0000|d[89a-f])/;

function repaired(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === "string") return storable(inner);
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).map(([name, each]) => [storable(name), each as unknown]));
  });
}

/** Text as PostgreSQL can keep it. */
export function storable(value: string): string {
  return (value.includes("\u0000") ? value.replaceAll("\u0000", "") : value).toWellFormed();
}
