import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readCatalog } from "../src/catalog.ts";
import { CHECKS } from "../src/checks/index.ts";
import { PROVIDERS } from "../src/providers/index.ts";

/** The catalogs that people copy from are right, by the checks and providers that there really are. */

function read(path: string): string {
  return readFileSync(new URL(path, import.meta.url), "utf8");
}

const KINDS = { checks: CHECKS, providers: PROVIDERS };

test("the example in docs/catalog.md", () => {
  const [, example = ""] = /```yaml\n([\s\S]*?)```/.exec(read("../docs/catalog.md")) ?? [];
  const result = readCatalog(example, KINDS);
  expect(result).not.toHaveProperty("problems");
  expect(result).toMatchObject({
    catalog: {
      people: { ben: { slack: ["U0BEN", "U0BEN2"] } },
      services: {
        shop: { duties: { patching: { by: "heroku" }, certificates: { person: "ana" }, releases: { team: "web" } } },
      },
    },
  });
});

test("every catalog in docs/alerts.md", () => {
  const examples = [...read("../docs/alerts.md").matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1] ?? "");
  expect(examples.length).toBeGreaterThan(3);
  const problems = examples.flatMap((example) => {
    const found = readCatalog(example, KINDS);
    return "problems" in found ? found.problems : [];
  });
  expect(problems).toEqual([]);
});

const PAGES = readdirSync(new URL("../docs/providers", import.meta.url)).filter((name) => name.endsWith(".md"));

test.each(PAGES)("the first example in docs/providers/%s", (name) => {
  const [, example = ""] = /```yaml\n([\s\S]*?)```/.exec(read(`../docs/providers/${name}`)) ?? [];
  expect(example).toMatch(/^services:/);
  expect(readCatalog(example, KINDS)).not.toHaveProperty("problems");
});

test("the demo's catalog, whatever is put in the place of its names", () => {
  const filled = read("../src/local/fleet/demo.yaml").replaceAll(/\$([A-Z_]+)/g, (_, name: string) =>
    JSON.stringify(FILLED.find(([pattern]) => pattern.test(name))?.[1] ?? "/tmp/x"),
  );
  expect(readCatalog(filled, KINDS)).not.toHaveProperty("problems");
});

/** What stands for a name of the template, by how it ends. */
const FILLED: readonly (readonly [RegExp, string])[] = [
  [/FILE$/, "/tmp/x"],
  [/(URL|SUPERVISOR)$/, "http://127.0.0.1:8199"],
  [/TLS$/, "127.0.0.1:8543"],
  [/NAME$/, "shop.example.com"],
];

test("every key of the settings is strict: a mistyped one is told", () => {
  const sloppy = [...CHECKS, ...PROVIDERS].filter(({ settings }) => {
    const read = settings.safeParse({ "no-such-setting": 1 });
    return (
      read.success || !read.error.issues.some(({ code }) => code === "unrecognized_keys" || code === "invalid_union")
    );
  });
  expect(sloppy.map(({ name }) => name)).toEqual([]);
});
