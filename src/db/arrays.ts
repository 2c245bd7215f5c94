import { asJson, storable } from "./json.ts";

/**
 * The columns of many rows as parameters, in the binary form that PostgreSQL itself sends arrays in: nothing is escaped, and
 * nothing has to look for the end of a text. What `pg` would write of them costs more than all else that a batch does.
 */

/** What precedes the elements: one dimension, whether there are nulls, the type, how many, and that they count from one. */
const HEAD = 20; // bytes
const LENGTH = 4; // bytes before each element
const NULL = -1;

type Nullable<T> = T | null | undefined;

/** A parameter for `text[]`; without what PostgreSQL cannot keep. */
export function texts(values: readonly Nullable<string>[]): Buffer {
  return ofTexts(25, values, "");
}

/** A parameter for `jsonb[]`. */
export function jsons(values: readonly unknown[]): Buffer {
  return ofTexts(
    3802,
    values.map((value) => asJson(value)),
    "\u0001", // the version of that form
  );
}

/** A parameter for `float8[]`. */
export function doubles(values: readonly Nullable<number>[]): Buffer {
  const array = begun(701, values, 8 * values.length);
  let at = HEAD;
  for (const value of values) {
    if (isNull(value)) {
      at = array.writeInt32BE(NULL, at);
    } else {
      at = array.writeInt32BE(8, at);
      at = array.writeDoubleBE(value, at);
    }
  }
  return array.subarray(0, at);
}

function ofTexts(type: number, values: readonly Nullable<string>[], before: string): Buffer {
  const kept = values.map((value) => (isNull(value) ? null : before + storable(value)));
  const array = begun(
    type,
    kept,
    kept.reduce((size, value) => size + (value === null ? 0 : Buffer.byteLength(value)), 0),
  );
  let at = HEAD;
  for (const value of kept) {
    if (value === null) {
      at = array.writeInt32BE(NULL, at);
    } else {
      const length = array.write(value, at + LENGTH);
      array.writeInt32BE(length, at);
      at += LENGTH + length;
    }
  }
  return array;
}

function begun(type: number, values: readonly unknown[], size: number): Buffer {
  const array = Buffer.allocUnsafe(HEAD + LENGTH * values.length + size);
  const head = [1, values.some(isNull) ? 1 : 0, type, values.length, 1];
  head.forEach((number, index) => array.writeInt32BE(number, LENGTH * index));
  return array;
}

function isNull(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}
