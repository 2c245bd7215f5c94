import { readdir, readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { PROVIDERS } from "../src/providers/index.ts";

/** What the providers are together; what all of them promise is in conformance/, a file for each. */

test("no provider is in the catalog that is not held against what all promise", async () => {
  const files = await readdir(new URL("conformance", import.meta.url));
  const held = new Set(files.map((file) => file.replace(/(-.*)?\.test\.ts$/, "")));
  expect([...held].toSorted()).toEqual(PROVIDERS.map(({ name }) => name).toSorted());
});

test.each(PROVIDERS)(
  "what $name can and cannot do is said of each action, and the same on its page",
  async (provider) => {
    const { actions, about, name } = provider;
    expect(Object.keys(about.does).toSorted()).toEqual(actions.toSorted());
    const page = await readFile(new URL(`../docs/providers/${name}.md`, import.meta.url), "utf8").catch(() => null);
    const said = page?.replaceAll(/\s+/g, " ") ?? null;
    const sentences = [...Object.values(about.does), `It cannot ${about.cannot.join(", ")}.`, about.keeps.join(", ")];
    expect(said === null ? [] : sentences.filter((each) => !said.includes(each))).toEqual([]);
  },
);
