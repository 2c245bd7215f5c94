import { describe, expect, test } from "vitest";
import { openRedaction, withoutLookalikes, withoutShapes } from "../src/domain/redact.ts";
import { ENCODINGS, openNeedles } from "./support/needles.ts";
import { often } from "./support/often.ts";
import { plantedSecrets, SHAPES } from "./support/planted.ts";

/** What a program prints, without the secrets that we know and without what looks like one. */

const SECRETS = ["hunter2-hunter2\n", "postgres://shop:p%40ss+++word@db/shop", "first line\nsecond line", "abc"];
const hide = redactor(SECRETS);

/** Takes these secrets out, and what looks like one. */
function redactor(secrets: readonly string[]): (text: string) => string {
  const redaction = openRedaction();
  secrets.forEach(redaction.learn);
  return (text) => withoutLookalikes(redaction.hide(text));
}

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
    ["sk-proj-abcdefghijklmnopqrsT", "[redacted]"],
    ["sk_live_51habcdefghijklmnop", "[redacted]"],
    ["-----BEGIN RSA PRIVATE KEY-----MIIE", "[redacted]"],
    ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-def", "[redacted]"],
    [`it says eyJ${"a".repeat(900)}.eyJ${"b".repeat(900)}.abc-def`, "it says [redacted]"],
  ])("%j", (said, shown) => {
    expect(hide(said)).toBe(shown);
  });

  test.each([
    "debug.log: 31 MB before, 5 MB now",
    "12 of 40 orders shipped in 3.2 s",
    "see https://shop.example.com/a:b@c",
    "the token was renewed",
    "ended with status 3",
    "sk-learn-recommendations:v7 is live",
    "Copy it from Basic Information → App Credentials.",
  ])("%j stays as it is", (said) => {
    expect(hide(said)).toBe(said);
  });

  test("is hidden in a name only by its own looks", () => {
    expect(withoutShapes("auth-token:v7.1+web:v2")).toBe("auth-token:v7.1+web:v2");
    expect(withoutShapes("ghp_0123456789abcdefghij")).toBe("[redacted]");
  });
});

test("of a kubeconfig what is a credential, and none of the names around it", () => {
  const config = `apiVersion: v1
kind: Config
clusters: [{ name: shop, cluster: { server: "https://10.0.0.1:6443" } }]
current-context: shop-production
users:
- name: daytwo
  user:
    token: s3rv1ce-acc0unt-t0ken
    client-key-data: LS0tLS1CRUdJTi1rZXk
`;
  const hideConfig = redactor([config]);
  const said = "users: 3, current-context: shop-production, kind: Config, ";
  expect(hideConfig(`${said}s3rv1ce-acc0unt-t0ken LS0tLS1CRUdJTi1rZXk`)).toBe(`${said}[redacted] [redacted]`);
});

test.each(["a.", "-eyJ", "eyJa.", "a://b:", "password ", "secret=", "bearer ", "-----BEGIN "])(
  "a long text of %j is looked through in a moment",
  (piece) => {
    const began = performance.now();
    withoutLookalikes(piece.repeat(200_000 / piece.length));
    expect(performance.now() - began).toBeLessThan(5_000);
  },
);

describe("many secrets of every sort", () => {
  const planted = plantedSecrets(often(1_000));
  const needles = openNeedles(planted.map(({ secret }) => secret));
  const redaction = openRedaction();
  for (const { value } of planted) redaction.learn(value);

  test.each(Object.entries(ENCODINGS))("one that stands there is found: %s", (_how, encode) => {
    const missed = planted.filter(({ secret }) =>
      encode(secret).some((form) => needles.find(`<<${form}>>`).length === 0),
    );
    expect(missed).toEqual([]);
    expect(needles.find("nothing to see here, postgres://shop:[redacted]@127.0.0.1:9/shop")).toEqual([]);
  });

  test.each(Object.entries(SHAPES))("%s", (_shape, say) => {
    const said = planted.map(({ secret }) => say(secret)).join("\n");
    expect(needles.find(said).length).toBeGreaterThan(0);
    expect(needles.find(redaction.hide(said))).toEqual([]);
    // Line by line, as it comes.
    let before = "";
    const lines = said.split("\n").map((line) => {
      const shown = redaction.hide(line, before);
      before = (before + line).slice(-500);
      return shown;
    });
    expect(needles.find(lines.join("\n"))).toEqual([]);
    expect(needles.find(lines.join(""))).toEqual([]);
  });

  test("cut anywhere, and a character to a line", () => {
    for (const { secret } of planted.slice(0, 80)) {
      const halves = secret.split("").flatMap((_, at) => [secret.slice(0, at), secret.slice(at)]);
      const shown = halves.map((each) => redaction.hide(`(${each})`));
      expect(needles.find(shown.join("\n"))).toEqual([]);
      const column = secret.split("").join("\n");
      expect(needles.find(redaction.hide(column).replaceAll("\n", ""))).toEqual([]);
    }
  });

  test("the head of a key of ours gives no other key away", () => {
    const [head, body, foot] = [
      "-----BEGIN PRIVATE KEY-----",
      "MIIEvQIBADANBgkqhkiG9w0BAQEF",
      "-----END PRIVATE KEY-----",
    ];
    const withKey = redactor([`${head}\n${body}\n${foot}\n`]);
    expect(withKey(body)).toBe("[redacted]");
    expect(withKey(`${head}AnotherKeyOfWhichNobodyToldUs`)).toBe("[redacted]");
    expect(withKey("-----BEGIN CERTIFICATE-----")).toBe("-----BEGIN CERTIFICATE-----");
  });

  test("what is said beside them stays", () => {
    const [first, second] = planted;
    expect(redaction.hide(`a ${first?.secret} b\nc ${second?.secret}\nd`)).toBe("a [redacted] b\nc [redacted]\nd");
    const words =
      "12 of 40 orders shipped in production by shop at 127.0.0.1:9, see https://shop.example.com/2026-11-24";
    expect(redaction.hide(words)).toBe(words);
  });
});
