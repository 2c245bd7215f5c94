import { expect, test } from "vitest";
import { readCatalog } from "../src/catalog.ts";
import { CHECKS } from "../src/checks/index.ts";
import { EMPTY_CATALOG } from "../src/domain/catalog.ts";
import { Invalid } from "../src/errors.ts";
import { overlay } from "../src/in-force/overlay.ts";
import { serviceNamed } from "../src/ownership.ts";

/** A catalog knows what stands in it, and nothing that every object of JavaScript has. */

const INHERITED = ["constructor", "toString", "hasOwnProperty", "__proto__"];

test.each(INHERITED)("no service is called %s, in a catalog with services or without", (typed) => {
  const read = readCatalog("services: { shop: {} }", { checks: CHECKS, providers: [] });
  if ("problems" in read) throw new Error(JSON.stringify(read.problems));
  for (const catalog of [read.catalog, EMPTY_CATALOG])
    expect(() => serviceNamed(overlay(catalog, []), typed)).toThrow(Invalid);
});

test("one that is called that is found as any other, and gives nobody a role there", () => {
  const text = "services: { constructor: {} }\npeople: { ana: { slack: U0ANA, role: reader } }";
  const read = readCatalog(text, { checks: CHECKS, providers: [] });
  if ("problems" in read) throw new Error(JSON.stringify(read.problems));
  const { services, people } = overlay(read.catalog, []);
  expect(services["constructor"]?.key).toBe("constructor");
  expect(people["ana"]?.services["constructor"]).toBeUndefined();
});

test("what was added in Slack may be called that", () => {
  const added = { id: 1, service: "constructor", url: "https://x.example/", madeBy: "ana", madeAt: new Date(0) };
  expect(overlay(EMPTY_CATALOG, [added]).services["constructor"]?.added?.at).toEqual(new Date(0));
});
