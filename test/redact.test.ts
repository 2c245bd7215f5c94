import { describe, expect, test } from "vitest";
import { redactor } from "../src/domain/redact.ts";

/** What a program prints, without the secrets that we know and without what looks like one. */

const SECRETS = ["hunter2-hunter2\n", "postgres://shop:p%40ss+++word@db/shop", "first line\nsecond line", "abc"];
const hide = redactor(SECRETS);

describe("secrets that we know", () => {
  test.each([
    ["a hunter2-hunter2 b", "a [redacted] b"],
    ["[hunter2-hunter2hunter2-hunter2]", "[[redacted][redacted]]"],
    ["postgres://shop:p%40ss+++word@db/shop", "[redacted]"],
    ["the password is p@ss+++word.", "the password is [redacted]."],
    ["q=p%40ss%2B%2B%2Bword", "q=[redacted]"],
    [btoa("p@ss+++word"), "[redacted]"],
    ["second line", "[redacted]"],
    ["abc stays, since it may be a word", "abc stays, since it may be a word"],
  ])("%j", (said, shown) => {
    expect(hide(said)).toBe(shown);
  });
});

describe("what looks like a secret", () => {
  test.each([
    ["connecting to https://ana:s3cret@db.example/x", "connecting to https://ana:[redacted]@db.example/x"],
    ["Authorization: Bearer abcdef.12345678", "Authorization: Bearer [redacted]"],
    ["PGPASSWORD=swordfish psql", "PGPASSWORD=[redacted] psql"],
    ['{"api_key": "0123456789", "name": "x"}', '{"api_key": "[redacted]", "name": "x"}'],
    ["xoxb-1234567890-abc", "[redacted]"],
    ["key AKIAIOSFODNN7EXAMPLE here", "key [redacted] here"],
    ["ghp_0123456789abcdefghij", "[redacted]"],
    ["-----BEGIN RSA PRIVATE KEY-----MIIE", "[redacted]"],
    ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-def", "[redacted]"],
  ])("%j", (said, shown) => {
    expect(hide(said)).toBe(shown);
  });

  test.each([
    "debug.log: 31 MB before, 5 MB now",
    "12 of 40 orders shipped in 3.2 s",
    "see https://shop.example.com/a:b@c",
    "the token was renewed",
    "ended with status 3",
  ])("%j stays as it is", (said) => {
    expect(hide(said)).toBe(said);
  });
});
