import { expect, test } from "vitest";
import { readCatalog } from "../src/catalog.ts";
import { CHECKS } from "../src/checks/index.ts";
import { parse } from "../src/command/parse.ts";
import { catalogLines, keyFor, type Addition } from "../src/domain/addition.ts";
import { readAddress } from "../src/domain/address.ts";
import { EMPTY_CATALOG, type Catalog } from "../src/domain/catalog.ts";
import { Invalid } from "../src/errors.ts";
import { overlay } from "../src/in-force/overlay.ts";
import { addedMessage } from "../src/slack/added-message.ts";
import { checkLimits } from "../src/slack/limits.ts";
import { golden, goldenFile } from "./views.golden.ts";

/** An address that somebody adds in Slack: how it is read, what it is called, and what it means in the catalog. */

const AT = new Date("2026-11-24T12:00:00Z");

function addition(url: string, service = "shop", id = 1): Addition {
  return { id, service, url, madeBy: "ana", madeAt: AT };
}

function catalogOf(text: string): Catalog {
  const read = readCatalog(text, { checks: CHECKS, providers: [] });
  if ("problems" in read) throw new Error(JSON.stringify(read.problems));
  return read.catalog;
}

test.each([
  ["https://shop.example.com", "https://shop.example.com/"],
  ["HTTPS://Shop.Example.COM:443/Health?a=B#there", "https://shop.example.com/Health?a=B"],
  ["http://shop.example.com:80", "http://shop.example.com/"],
  ["https://shop.example.com./", "https://shop.example.com/"],
  ["https://shop.example.com:8443/", "https://shop.example.com:8443/"],
  ["https://xn--mnchen-3ya.example/", "https://xn--mnchen-3ya.example/"],
  ["https://shop.example.com/a b", "https://shop.example.com/a%20b"],
  ["https://shop.example.com/?q=`x`", "https://shop.example.com/?q=%60x%60"],
  ["https://8.8.8.8/", "https://8.8.8.8/"],
])("%s is read as %s", (typed, url) => {
  expect(readAddress(typed).href).toBe(url);
});

test.each([
  ["", "Which address?", "Write it whole"],
  ["shop.example.com", "begins with https:// or http://", "Did you mean `https://shop.example.com`?"],
  ["shop.example.com/health", "begins with https:// or http://", "Did you mean `https://shop.example.com`?"],
  ["ana:hush@shop.example.com", "begins with https:// or http://", "Write it like `https://shop.example.com`."],
  ["shop", "begins with https:// or http://", "Write it like"],
  ["https:shop.example.com", "begins with https:// or http://", "Write it like"],
  ["ftp://shop.example.com", "Addresses that begin with ftp: cannot be watched", "https:// or http://"],
  ["file:///etc/passwd", "cannot be read as an address", "Write it like"],
  ["gopher://shop.example.com", "Addresses that begin with gopher:", "https:// or http://"],
  ["javascript://shop.example.com/%0aalert(1)", "Addresses that begin with javascript:", "https:// or http://"],
  ["https://", "cannot be read as an address", "Write it like"],
  ["https://shop.example.com:99999/", "cannot be read as an address", "Write it like"],
  ["https://ana:hush@shop.example.com/", "There is a user name or a password", "under `headers:`"],
  ["https://ana@shop.example.com/", "There is a user name or a password", "under `headers:`"],
  ["https://münchen.example/", "letters beyond a to z", "`https://xn--mnchen-3ya.example`"],
  ["https://аpple.example/", "letters beyond a to z", "`https://xn--pple-43d.example`"],
  ["https://localhost/", "`localhost` is not a public name", "`daytwo.yaml` may name any"],
  ["https://shop/", "`shop` is not a public name", "`daytwo.yaml` may name any"],
  ["https://shop.internal/", "`shop.internal` is not a public name", "`daytwo.yaml` may name any"],
  ["https://printer.local/", "`printer.local` is not a public name", "`daytwo.yaml` may name any"],
  ["https://./", "is not a public name", "`daytwo.yaml` may name any"],
  ["https://a..example.com/", "is not a public name", "`daytwo.yaml` may name any"],
  [`https://shop.example.com/${"a".repeat(500)}`, "That address is 525 characters long; 500 at most.", "A shorter one"],
])("%s is refused with a sentence", (typed, message, hint) => {
  const error = refusal(typed);
  expect(error.message).toContain(message);
  expect(error.hint).toContain(hint);
  expect(`${error.message}${error.hint}`).not.toContain("hush");
});

function refusal(typed: string): Invalid {
  try {
    readAddress(typed);
  } catch (error) {
    if (error instanceof Invalid) return error;
    throw error;
  }
  throw new Error(`${typed} was read`);
}

test.each([
  ["https://shop.example.com/", [], "shop"],
  ["https://www.example.com/", [], "example"],
  ["https://example.com/", [], "example"],
  ["https://shop.example.com/", ["shop"], "shop-example-com"],
  ["https://shop.example.com/", ["shop", "shop-example-com"], "shop-2"],
  ["https://shop.example.com/", ["shop", "shop-example-com", "shop-2"], "shop-3"],
  ["https://mine.example.com/", ["mine"], "mine-example-com"],
  ["https://3sat.example/", [], "at-3sat"],
  ["https://8.8.8.8/", [], "at-8-8-8-8"],
  ["https://[2606:4700:4700::1111]/", [], "at-2606-4700-4700-1111"],
  [`https://${"a".repeat(60)}.example/`, [], "a".repeat(40)],
  [`https://${"a".repeat(60)}.example/`, ["a".repeat(40)], `${"a".repeat(35)}-2`],
])("the service behind %s, where there is %j already, is called %s", (url, taken: string[], key) => {
  expect(keyFor(url, (each) => taken.includes(each))).toBe(key);
});

test.each(["https://shop.example.com/", "http://shop.example.com/", 'https://shop.example.com:8443/a?b="c"&d=%27#:{}'])(
  "the lines shown for %s say in the file what was watched without it",
  (typed) => {
    const { href } = readAddress(typed);
    const { added, ...service } = overlay(EMPTY_CATALOG, [addition(href)]).services["shop"] ?? {};
    expect(added).toEqual({ by: "ana", at: AT });
    const lines = catalogLines(service as Catalog["services"][string]);
    expect(lines).toHaveLength(href.startsWith("https:") ? 5 : 4);
    expect(catalogOf(lines.join("\n")).services["shop"]).toEqual(service);
  },
);

test("the five lines", async () => {
  const [service] = Object.values(overlay(EMPTY_CATALOG, [addition("https://shop.example.com/")]).services);
  if (service === undefined) throw new Error("nothing was laid over the catalog");
  expect(catalogLines(service).join("\n")).toBe(`services:
  shop:
    checks:
      http: { url: "https://shop.example.com/", follow: true }
      certificate: { address: "shop.example.com:443" }`);
  await expect(golden(addedMessage({ service, isNew: true }))).toMatchFileSnapshot(goldenFile("added"));
  await expect(golden(addedMessage({ service, isNew: false }))).toMatchFileSnapshot(goldenFile("added.already"));
});

test("the longest address still fits into the answer", () => {
  const { href } = readAddress(`https://shop.example.com/?${"`&<>|*".repeat(79)}`);
  const [service] = Object.values(overlay(EMPTY_CATALOG, [addition(href)]).services);
  if (service === undefined) throw new Error("nothing was laid over the catalog");
  expect(checkLimits(addedMessage({ service, isNew: true }))).toEqual([]);
});

test("what the file declares itself is the file's, and a certificate is looked at once", () => {
  const file = catalogOf(`
channel: "#web"
services:
  blog: { checks: { http: { url: "https://blog.example.com" }, certificate: { address: ["a.example.com", "api.example.com:443"] } } }
  old: { checks: { http: [{ name: a, url: "http://old.example.com/a" }, { name: b, url: "http://old.example.com/b" }] } }
`);
  const { services } = overlay(file, [
    addition("https://else.example.com/", "blog"),
    addition("https://blog.example.com/", "journal", 2),
    addition("http://old.example.com/b", "older", 3),
    addition("https://api.example.com/v1", "api", 4),
    addition("https://shop.example.com/", "shop", 5),
    addition("https://shop.example.com/health", "health", 6),
  ]);
  const looks = Object.values(services).flatMap(({ checks }) => checks.map(({ key }) => key));
  expect(looks.filter((key) => !/^(blog|old)\/|ownership/.test(key))).toEqual([
    "api/http",
    "shop/http",
    "shop/certificate",
    "health/http",
  ]);
  expect(services["blog"]).toEqual(file.services["blog"]);
  expect(services["shop"]).toMatchObject({ channel: "#web", environment: "production", duties: {}, targets: [] });
});

test.each([
  ["add https://shop.example.com", "https://shop.example.com", null],
  [
    "add https://Shop.example.com/Path?x=1&amp;y=2 as Web-Shop please",
    "https://Shop.example.com/Path?x=1&y=2",
    "web-shop",
  ],
  ["watch <https://shop.example.com|shop.example.com>", "https://shop.example.com", null],
  ["add <http://shop.example.com|shop.example.com> as shop", "shop.example.com", "shop"],
  ["Add “https://shop.example.com/”.", "https://shop.example.com/", null],
  ["add `https://shop.example.com/`", "https://shop.example.com/", null],
])("%s", (text, address, service) => {
  expect(parse(text, { demo: false })).toEqual({ verb: "add", address, service });
});

test.each(["add", "add https://a.example b", "add https://a.example as", "remove", "remove https://a.example"])(
  "%s is not enough, or too much",
  (text) => {
    expect(() => parse(text, { demo: false })).toThrow(Invalid);
  },
);
