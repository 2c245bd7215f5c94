import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { readCatalog } from "../src/catalog.ts";
import { CHECKS } from "../src/checks/index.ts";
import { discover } from "../src/cli/discover.ts";
import type { Catalog } from "../src/domain/catalog.ts";
import { codeownersOf, readCodeowners } from "../src/domain/codeowners.ts";
import { propose } from "../src/domain/proposal.ts";
import { Invalid } from "../src/errors.ts";
import { PROVIDERS } from "../src/providers/index.ts";
import { kubernetes } from "../src/providers/kubernetes/index.ts";
import { daytwo, type Ended } from "./support/daytwo.ts";
import { makeHome } from "./support/home.ts";
import { openCluster, type TestCluster } from "./support/kubernetes/index.ts";

const PEOPLE = `
people:
  ana: { name: Ana, slack: U0ANA }
teams:
  web: { name: Web team }
`;

function read(text: string): Catalog {
  const found = readCatalog(text, { checks: CHECKS, providers: PROVIDERS });
  if ("problems" in found) throw new Error(JSON.stringify(found.problems));
  return found.catalog;
}

describe("what is proposed", () => {
  const catalog = read(`${PEOPLE}services: { billing: { owner: ana } }`);
  const settings = {};

  test.each([
    ["web", "team-web"],
    ["Web team", "team-web"],
    ["team-web", "team-web"],
    ["@acme/web", "team-web"],
    ["@ana", "ana"],
    ["ANA", "ana"],
    ["platform", null],
    ["constructor", null],
  ])("an owner written as %s is %s", (said, owner) => {
    expect(propose([{ name: "shop", settings, owner: said }], catalog, [])).toMatchObject([{ owner, said: [said] }]);
  });

  test("what is part of the same is one service, whose targets are named within it", () => {
    const parts = ["shop-web", "shop-worker", "shop_web", "redis"].map((name) => ({ name, settings, partOf: "Shop" }));
    const [only, ...others] = propose(parts, catalog, []);
    expect([only?.service, Object.keys(only?.targets ?? {}), others]).toEqual([
      "shop",
      ["web", "worker", "web-2", "redis"],
      [],
    ]);
  });

  test("each target is looked at by health, and by what else has something to see of it", () => {
    const database = { name: "shop-db", settings, partOf: "shop", checks: ["backup", "updates"] };
    expect(propose([{ name: "shop-web", settings, partOf: "shop" }, database], catalog, [])).toMatchObject([
      { checks: { health: ["web", "db"], backup: ["db"], updates: ["db"] } },
    ]);
  });

  test("a service that the catalog has needs the targets only", () => {
    expect(propose([{ name: "billing", settings }], catalog, [])).toMatchObject([
      { service: "billing", isKnown: true },
    ]);
  });

  test("no new target has the name of one that the service has already", () => {
    const known = read(
      "services: { shop: { targets: { web: { provider: local, supervisor: 'http://x', application: a, token: { env: T } } } } }",
    );
    const [only] = propose([{ name: "shop-web", settings, partOf: "shop" }], known, []);
    expect(Object.keys(only?.targets ?? {})).toEqual(["web-2"]);
  });

  test.each([
    ["9lives", "lives"],
    ["Ünïcode App!", "n-code-app"],
    ["42", "service"],
    ["a".repeat(60), "a".repeat(40)],
  ])("the key for %s is %s", (name, key) => {
    expect(propose([{ name, settings }], catalog, []).map(({ service }) => service)).toEqual([key]);
  });

  test("names that leave no key are not one service by that, nor one that the catalog has", () => {
    const known = read("services: { service: { owner: nobody } }");
    const found = ["42", "日本", "42"].map((name) => ({ name, settings }));
    expect(propose(found, known, [])).toMatchObject([
      { service: "service-2", isKnown: false, targets: { service: settings, "service-2": settings } },
      { service: "service-3", isKnown: false, targets: { service: settings } },
    ]);
  });
});

test.each([
  ["the same workload", {}, {}, true],
  ["another kind", {}, { deployment: undefined, statefulset: "web" }, false],
  ["another namespace", {}, { namespace: "blog" }, false],
  ["a cluster that one leaves out", { context: "prod" }, {}, true],
  ["another context", { context: "prod" }, { context: "test" }, false],
  ["the same kubeconfig", { kubeconfig: { file: "a" } }, { kubeconfig: { file: "a" } }, true],
  ["another kubeconfig", { kubeconfig: { file: "a" } }, { kubeconfig: { file: "b" } }, false],
])("in Kubernetes %s is the same thing or is not", (_what, one, other, isSame) => {
  const web = { deployment: "web", namespace: "shop" };
  const found = kubernetes.discovery?.isSame({ ...web, ...one }, { ...web, ...other });
  expect(found).toBe(isSame);
});

test("CODEOWNERS: the last rule with a folder of that name counts, even where it names nobody", () => {
  const rules = readCodeowners(
    "# who owns what\n* @acme/everybody\n/services/shop/ @acme/web ana@example.com # the shop\n/services/blog/ @ben\n/services/blog/\n",
  );
  expect([codeownersOf(rules, "shop"), codeownersOf(rules, "blog"), codeownersOf(rules, "mail")]).toEqual([
    ["@acme/web", "ana@example.com"],
    [],
    [],
  ]);
});

describe("`daytwo discover kubernetes`", () => {
  let home: string;
  let cluster: TestCluster;

  beforeAll(async () => {
    home = await makeHome("discover");
    cluster = await openCluster();
    await writeFile(join(home, "config"), cluster.kubeconfig(cluster.user("daytwo")));
    await cluster.runs("deployments", "shop-web");
    await cluster.runs("deployments", "mailer", {}, { annotations: { "example.com/team": "web" } });
    await cluster.runs(
      "statefulsets",
      "queue",
      {},
      { annotations: { owner: "x\n  evil: { owner: ana }\n# \u001B[31m\u0007\u202E\u0085\b\b" } },
    );
    await cluster.runs("daemonsets", "logs");
    await writeFile(
      join(home, "daytwo.yaml"),
      `${PEOPLE}services: { shop: { owner: ana, targets: { web: { provider: kubernetes, deployment: shop-web, namespace: shop } } } }`,
    );
    await writeFile(join(home, "CODEOWNERS"), "/deploy/logs @ana\n");
  });
  afterAll(async () => {
    await cluster.close();
    await rm(home, { recursive: true, force: true });
  });

  function discovers(...words: string[]): Promise<Ended> {
    return daytwo(["discover", ...words], { cwd: home, env: { KUBECONFIG: join(home, "config") } });
  }

  test("it writes the lines for what the catalog does not name, as the catalog takes them", async () => {
    const { stdout, stderr } = await discovers("kubernetes", "namespace=shop", "codeowners=CODEOWNERS");
    expect(stderr).toBe(
      "3 of them are not in the catalog, of 4 that run there. Put the lines in, and let `daytwo catalog check` read them.\n",
    );
    expect(stdout).toBe(`services:
  logs:
    owner: ana # it says @ana
    targets:
      logs: { provider: kubernetes, daemonset: logs, namespace: shop }
    checks: { health: { target: logs } }
  mailer:
    owner: team-web # it says web
    targets:
      mailer: { provider: kubernetes, deployment: mailer, namespace: shop }
    checks: { health: { target: mailer } }
  queue:
    # owner: it says x evil: { owner: ana } #, whom the catalog does not know; write a person or team-…
    targets:
      queue: { provider: kubernetes, statefulset: queue, namespace: shop }
    checks: { health: { target: queue } }
`);
    const { services } = read(PEOPLE + stdout);
    expect(Object.keys(services)).toEqual(["logs", "mailer", "queue"]);
  });

  test("all namespaces and another kubeconfig can be asked too", async () => {
    const { stdout } = await discovers("kubernetes", `kubeconfig={ file: ${join(home, "config")} }`);
    expect(stdout).toContain(
      `mailer: { provider: kubernetes, deployment: mailer, namespace: shop, kubeconfig: { file: ${join(home, "config")} } }`,
    );
  });

  test.each([
    [
      [],
      "`daytwo discover` takes the provider that is to be asked.\nIt can be aws, cloud66, google, heroku, kubernetes, ssh",
    ],
    [
      ["postgres"],
      "`daytwo discover` takes the provider that is to be asked, not postgres.\nIt can be aws, cloud66, google, heroku, kubernetes, ssh",
    ],
    [["kubernetes", "namespace=Shop!"], "I do not understand where to look: Write its name as kubectl shows it"],
    [
      ["google"],
      "I do not understand where to look: `project` is missing.\ngoogle takes project=… credentials=… api=…, or beside=service/target.",
    ],
    [["kubernetes", "space=shop"], "kubernetes takes namespace=… context=… kubeconfig=…, or beside=service/target."],
    [["kubernetes", "namespace={ a"], "I do not understand namespace={ a."],
    [["kubernetes", "codeowners=nowhere"], "nowhere cannot be read"],
  ])("what is mistyped is refused with a sentence: %j", async (args, sentence) => {
    vi.stubEnv("DAYTWO_CATALOG", join(home, "daytwo.yaml"));
    onTestFinished(() => void vi.unstubAllEnvs());
    const error: unknown = await discover(args).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Invalid);
    const { message, hint } = error as Invalid;
    expect(`${message}\n${hint}`).toContain(sentence);
  });

  test("and that is all that the command says then", async () => {
    expect(await discovers("kubernetes", "--everything")).toEqual({
      code: 1,
      stdout: "",
      stderr: "I do not understand --everything.\nLike this: namespace=shop\n",
    });
  });
});
