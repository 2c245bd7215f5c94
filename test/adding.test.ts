import { execFile } from "node:child_process";
import { cp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { blocksOf, changed, editsOf, make, type Edit } from "./support/documented.ts";
import { makeHome } from "./support/home.ts";

/** The documents that show how to add something: what they tell to write is written into a copy of the tree, and holds there. */

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const DOCUMENTS = ["docs/adding-a-check.md", "docs/adding-a-provider.md", "docs/adding-a-verb.md"];
const TREE = [
  ..."src handlers jobs test docs README.md CHANGELOG.md manifest.json .env.example".split(" "),
  ..."package.json package-lock.json tsconfig.json vitest.config.ts .oxlintrc.json .oxfmtrc.json".split(" "),
];

// Compiling and running a tree takes long where others do the same.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

let copy: string;
let edits: readonly Edit[];

beforeAll(async () => {
  copy = await makeHome("adding");
  for (const path of TREE) await cp(join(ROOT, path), join(copy, path), { recursive: true });
  await symlink(join(ROOT, "node_modules"), join(copy, "node_modules"));
  edits = (await Promise.all(DOCUMENTS.map(async (path) => editsOf(path, await read(path))))).flat();
  // One after the other: two documents may change one file.
  for (const edit of edits) await make(copy, edit);
  await writeFile(join(copy, "docs/daytwo.schema.json"), await runs("node", "src/launch.mjs", "catalog", "schema"));
});
afterAll(() => rm(copy, { recursive: true, force: true }));

function read(path: string): Promise<string> {
  return readFile(join(ROOT, path), "utf8");
}

/** What a command says that ends well in the copy; as on a machine where nothing else is known of us. */
async function runs(command: string, ...args: readonly string[]): Promise<string> {
  const { HOME, CI, TMPDIR = "/tmp", NODE_COMPILE_CACHE = "" } = process.env;
  const PATH = [dirname(process.execPath), process.env["PATH"]].join(delimiter);
  // The compiler is Go: it clears up after itself less often than it would.
  const env = { PATH, HOME, CI, TMPDIR, NODE_COMPILE_CACHE, NO_COLOR: "1", GOGC: "300" };
  try {
    return (await promisify(execFile)(command, args, { cwd: copy, env, maxBuffer: 2 ** 26 })).stdout;
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(" ")}\n${stdout}${stderr}`, { cause: error });
  }
}

test("it compiles, and is as the rest is written", async () => {
  const paths = [...new Set(edits.map(({ path }) => path))];
  const own = edits.flatMap(({ language, path }) => (language === "ts" ? [path] : []));
  // Several threads would each look at much of the same; the cores have others.
  expect(await runs("node_modules/.bin/tsc", "--singleThreaded")).toBe("");
  await runs("node_modules/.bin/oxfmt", "--check", ...paths);
  await runs("node_modules/.bin/oxlint", ...own);
});

/** What takes long and says nothing new: settings misspelt, the command that wrote the copy's schema. */
const LONG = ["a key that is taken away, misspelt", "`daytwo catalog schema` prints it"];

test("its tests pass, and those that hold the parts of the tree together", async () => {
  const own = edits.flatMap(({ path }) => (path.endsWith(".test.ts") ? [path] : []));
  const all = ["catalog.documents", "command.help", "providers"].map((name) => `test/${name}.test.ts`);
  const files = [...new Set([...own, ...all])];
  const reporters = ["--reporter=default", "--reporter=json", "--outputFile=report.json"];
  const named = `--testNamePattern=^(?!${LONG.join("|")})`;
  // Each worker reads all of the tree.
  await runs("node_modules/.bin/vitest", "run", "--update=none", "--maxWorkers=2", ...reporters, named, ...files);
  const report = JSON.parse(await readFile(join(copy, "report.json"), "utf8")) as {
    testResults: { name: string; assertionResults: { status: string; fullName: string }[] }[];
  };
  const ran = report.testResults.map(({ name }) => files.find((file) => name.endsWith(`/${file}`)));
  expect(new Set(ran)).toEqual(new Set(files));
  const left = report.testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(
      ({ status, fullName }) => status !== "passed" && !LONG.some((name) => fullName.trim().startsWith(name)),
    ),
  );
  expect(left).toEqual([]);
});

test("the README says of their verbs what the help says", async () => {
  const [readme = "", help = ""] = await Promise.all(
    ["README.md", "test/golden/help.txt"].map((path) => readFile(join(copy, path), "utf8")),
  );
  const lines = help.split("\n").filter((line) => !line.startsWith("  /day2 demo "));
  expect(readme).toContain(`\`\`\`text\n${lines.join("\n")}\`\`\`\n`);
});

test("the catalogs that they show are good ones", async () => {
  const blocks = (await Promise.all(DOCUMENTS.map(async (path) => blocksOf(path, await read(path))))).flat();
  const catalogs = blocks.filter(({ language }) => language === "yaml");
  expect(catalogs.length).toBeGreaterThan(0);
  for (const { text } of catalogs) {
    const file = join(copy, "daytwo.yaml");
    await writeFile(file, text);
    expect(await runs("node", "src/launch.mjs", "catalog", "check", file)).toContain(" is good: ");
  }
});

describe("a document that the tree has left behind", () => {
  const here = { at: "docs/x.md, line 7", path: "src/x.ts" };

  test("a change goes to the one place that has its lines", () => {
    const diff = "@@\n one\n-two\n+2\n\n three\n@@ below\n four\n+five\n";
    expect(changed("one\ntwo\n\nthree\ntwo\nfour\n", { ...here, text: diff })).toBe(
      "one\n2\n\nthree\ntwo\nfour\nfive\n",
    );
  });

  test.each([
    ["gone", "@@\n thr\n+four\n", "has these lines 0 times"],
    ["there twice", "@@\n two\n+four\n", "has these lines 2 times"],
    ["not said", "+four\n", "has these lines"],
  ])("lines that are %s are told", (_, text, complaint) => {
    expect(() => changed("one\ntwo\nthree\ntwo\n", { ...here, text })).toThrow(
      `docs/x.md, line 7: src/x.ts ${complaint}`,
    );
  });

  test("code that names no file is told", () => {
    expect(() => editsOf("docs/x.md", "Like this:\n\n```ts\nx;\n```\n")).toThrow("docs/x.md, line 3: the sentence");
  });

  test("a new file that is there already is told", async () => {
    const edit = { ...here, path: "package.json", language: "json", text: "{}" };
    await expect(make(copy, edit)).rejects.toThrow("docs/x.md, line 7: package.json is there already.");
  });
});
