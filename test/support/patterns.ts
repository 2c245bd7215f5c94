import { expect } from "vitest";

/**
 * A pattern in what is expected stands for the texts that it matches. Left to itself `toMatchObject` looks for the properties of a
 * pattern, which has none, and takes whatever there is.
 */
expect.addEqualityTesters([
  (seen: unknown, expected: unknown) => {
    if (!(expected instanceof RegExp) || seen instanceof RegExp) return undefined;
    return typeof seen === "string" && expected.test(seen);
  },
]);
