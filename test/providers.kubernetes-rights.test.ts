import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { dirname } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { readCatalog } from "../src/catalog.ts";
import { CHECKS } from "../src/checks/index.ts";
import type { Finding } from "../src/cli/doctor/finding.ts";
import { examineTargets } from "../src/cli/doctor/targets.ts";
import { readConfig } from "../src/config.ts";
import type { Catalog, Target } from "../src/domain/catalog.ts";
import { redacted } from "../src/redaction.ts";
import { kubernetes } from "../src/providers/kubernetes/index.ts";
import { PROVIDERS } from "../src/providers/index.ts";
import { NAME, openDesk, type Desk } from "./support/kubernetes-desk.ts";
import type { Rule } from "./support/kubernetes/rights.ts";

/** As whom a cluster is seen, and what that takes. */

const ACCOUNT = "system:serviceaccount:daytwo:daytwo";

let desk: Desk;

beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.close());

function certified(): Target {
  return desk.target("deployments", { certificate: { name: "shop-tls" } });
}

describe("credentials", () => {
  test("whom the cluster does not know is told so in more than its one word", async () => {
    await writeFile(desk.config, desk.cluster.kubeconfig("k8s-nobody"));
    await expect(desk.sees()).rejects.toThrow(/^The cluster does not accept the credentials\.$/);
  });

  test("the role in the document is enough, and nothing of it can be left out unseen", async () => {
    const rules = await documented();
    await desk.as(ACCOUNT, rules, "shop");
    for (const kind of ["deployments", "statefulsets", "daemonsets"] as const) {
      await desk.cluster.runs(kind, NAME[kind]);
      await desk.deploys(kind, "v141");
      expect(await desk.standing(desk.target(kind))).toEqual({ identity: ACCOUNT, missing: [] });
      await desk.does("rollback", {}, desk.target(kind));
      await desk.does("restart", {}, desk.target(kind));
    }
    await desk.does("scale", { sizes: { web: 3 } }, desk.target("statefulsets"));
    desk.cluster.scalesItself("shop-web", { min: 1, max: 3 });
    await desk.cluster.certificates.certifies("shop-tls");
    await desk.does("scale", { sizes: { web: 3 } });
    expect((await desk.sees()).facts["Usage"]).toBe("362m CPU, 192 Mi memory");

    const single = rules.flatMap(({ apiGroups, resources, verbs }) =>
      resources.flatMap((resource) => verbs.map((verb) => ({ apiGroups, resources: [resource], verbs: [verb] }))),
    );
    const unseen: string[] = [];
    for (const [index, { apiGroups, resources, verbs }] of single.entries()) {
      await desk.as(
        ACCOUNT,
        single.filter((_, at) => at !== index),
        "shop",
      );
      const targets = [certified(), desk.target("statefulsets"), desk.target("daemonsets")];
      const told = await Promise.all(targets.map(desk.standing));
      if (told.every((each) => each.missing.length === 0))
        unseen.push([...verbs, ...resources, ...apiGroups].join(" "));
    }
    expect(unseen).toEqual(["list pods metrics.k8s.io"]);

    await desk.as(ACCOUNT, rules, "shop");
    await desk.does("renew-cert", {}, certified());

    await desk.as(
      ACCOUNT,
      rules.map((rule) => ({ ...rule, verbs: rule.verbs.filter((verb) => verb !== "patch") })),
      "shop",
    );
    const { missing } = await desk.standing();
    expect(missing[0]).toBe("patch deployments.apps in shop (for every action)");
    expect((await desk.apply(await desk.plan("restart"))).outcome).toMatchObject({
      kind: "refused",
      reason: /cannot patch resource/,
    });
    await desk.as(ACCOUNT, rules, "other");
    await expect(desk.sees()).rejects.toThrow(
      /^The cluster says: deployments.apps "shop-web" is forbidden: .* cannot get/,
    );
  });

  test.each([
    ["list", "horizontalpodautoscalers", "Autoscaler not seen", ["scale"]],
    ["list", "replicasets", "Releases not seen", ["rollback"]],
    ["list", "pods", "Pods not seen", []],
    ["list", "events", "Events not seen", []],
  ] as const)(
    "without %s %s all else is seen, and only what rests on it is refused",
    async (verb, resource, label, not) => {
      await desk.cluster.runs("deployments", "shop-web");
      await desk.deploys("deployments", "v141");
      const all = (await documented()).flatMap((rule) =>
        rule.resources.map((each) => ({
          ...rule,
          resources: [each],
          verbs: rule.verbs.filter((may) => each !== resource || may !== verb),
        })),
      );
      await desk.as(ACCOUNT, all, "shop");
      const said = expect.stringMatching(`^The cluster says: ${resource}.* is forbidden`);
      expect(await desk.sees()).toMatchObject({ health: "ok", sizes: [{ wanted: 2 }], facts: { [label]: said } });
      for (const action of not)
        await expect(desk.plan(action, { sizes: { web: 3 } })).rejects.toThrow(
          `without seeing all that matters. ${label}: The cluster says`,
        );
      await desk.does("restart");
    },
  );

  test("doctor says as whom a target is seen, what is missing, and which check has nothing to look at", async () => {
    await desk.cluster.runs("deployments", "shop-web");
    async function examined(checks?: string): Promise<Finding[]> {
      const patient = { config: readConfig({}), catalog: catalogOf(desk.target(), checks) };
      return [...(await examineTargets(patient, AbortSignal.timeout(20_000)))];
    }
    const { release = "" } = await desk.sees();
    expect(await examined()).toEqual([
      {
        verdict: "well",
        sentence: `shop/web is seen through kubernetes as daytwo, release ${release}; it can scale, rollback, restart, renew-cert, pause, resume, and cannot run tasks, pause a StatefulSet or DaemonSet, create or delete anything.`,
      },
    ]);
    expect((await examined("{ health: , updates: , backup: }")).slice(1)).toEqual(
      ["updates: nobody tells of updates or reboots", "backup: nobody tells of backups"].map((words) => ({
        verdict: "doubtful",
        sentence: `The check shop/${words.replace(":", " has nothing to look at:")} of shop/web.`,
        next: "Take it away; docs/catalog.md says of which targets that is told.",
      })),
    );
    const rules = await documented();
    await desk.as(
      ACCOUNT,
      rules.map((rule) => ({ ...rule, verbs: rule.verbs.filter((verb) => verb !== "patch") })),
    );
    expect(await examined()).toMatchObject([
      {
        verdict: "ill",
        sentence: `shop/web is seen through kubernetes as ${ACCOUNT}, who may not patch deployments.apps in shop (for every action), nor patch horizontalpodautoscalers.autoscaling in shop (for scale, where there is one).`,
        next: "Allow it there; docs/providers/kubernetes.md has the least that it takes.",
      },
    ]);
  });

  test("a kubeconfig is found as kubectl finds it; what is wrong with it is told without what it says", async () => {
    await desk.cluster.runs("deployments", "shop-web");
    const before = { KUBECONFIG: process.env["KUBECONFIG"], HOME: process.env["HOME"] };
    const { kubeconfig: _, ...others } = desk.target().settings as { kubeconfig: object };
    const target = { ...desk.target(), settings: others };
    try {
      process.env["KUBECONFIG"] = desk.config;
      expect((await desk.sees(target)).release).toMatch(/^v140/);
      delete process.env["KUBECONFIG"];
      process.env["HOME"] = dirname(desk.config);
      await expect(desk.sees(target)).rejects.toThrow("There is no kubeconfig here, and no token of a pod's account.");
    } finally {
      Object.assign(process.env, before);
      if (before.KUBECONFIG === undefined) delete process.env["KUBECONFIG"];
    }
    await expect(desk.sees(desk.target("deployments", { context: "prod" }))).rejects.toMatchObject({
      message: "The kubeconfig has no context called prod.",
      hint: "There is test.",
    });
    await expect(desk.sees(desk.target("deployments", { container: "wbe" }))).rejects.toThrow(
      "It has no container called wbe.",
    );
    await writeFile(desk.config, "users: [ { token: s3cr3t-t0ken");
    await expect(desk.sees()).rejects.toThrow(/^The kubeconfig cannot be read\.$/);
  });

  test("a cluster is reached through the proxy that the kubeconfig names, and by the name that it gives", async () => {
    await desk.cluster.runs("deployments", "shop-web");
    const passed: string[] = [];
    const proxy = createServer().on("connect", ({ url = "" }: IncomingMessage, near: Socket) => {
      passed.push(url);
      const { hostname, port } = new URL(`http://${url}`);
      const beyond = connect(Number(port), hostname, () => near.write("HTTP/1.1 200 OK\r\n\r\n"));
      beyond.pipe(near).pipe(beyond);
    });
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
    async function by(more: object): Promise<void> {
      const config = JSON.parse(desk.cluster.kubeconfig(desk.cluster.user("through"))) as { clusters: Named[] };
      for (const { cluster } of config.clusters) Object.assign(cluster, more);
      await writeFile(desk.config, JSON.stringify(config));
    }
    try {
      await by({
        "proxy-url": `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
        "tls-server-name": "localhost",
      });
      expect((await desk.standing()).identity).toBe("through");
      await desk.does("scale", { sizes: { web: 3 } });
      expect(new Set(passed)).toEqual(new Set([new URL(desk.cluster.url).host]));
      await by({ "tls-server-name": "shop.example.com" });
      await expect(desk.sees()).rejects.toThrow(/The cluster does not answer: its certificate/);
    } finally {
      proxy.close();
    }
  });

  test("a certificate is as good as a token, and a program may hand one out; one that cannot, or does not, is told", async () => {
    await desk.cluster.runs("deployments", "shop-web");
    const token = desk.cluster.user("by-program");
    async function by(command: string, script: string, ca?: string): Promise<void> {
      const config = JSON.parse(desk.cluster.kubeconfig("")) as { users: object[]; clusters: object[] };
      const apiVersion = "client.authentication.k8s.io/v1";
      config.users = [{ name: "test", user: { exec: { command, args: ["-e", script], apiVersion } } }];
      if (ca === "") config.clusters = [{ name: "test", cluster: { server: desk.cluster.url } }];
      await writeFile(desk.config, JSON.stringify(config));
    }
    const handsOut = `console.log(JSON.stringify({ status: { token: "${token}" } }))`;
    await by(process.execPath, handsOut);
    expect((await desk.standing()).identity).toBe("by-program");
    expect(redacted(`it said ${token}`)).toBe("it said [redacted]");
    await writeFile(desk.config, await desk.cluster.certified("by-program"));
    expect((await desk.standing()).identity).toBe("by-program");
    await by("/no/such/program", "");
    await expect(desk.sees()).rejects.toThrow(/^The credentials for the cluster could not be had\.$/);
    await by(process.execPath, "setTimeout(() => 0, 2_000)");
    await expect(kubernetes.observe(desk.target(), AbortSignal.timeout(50))).rejects.toThrow("not had in time");
    await by(process.execPath, handsOut, "");
    await expect(desk.sees()).rejects.toThrow(
      /^The cluster does not answer: its certificate .*trusted here\.$|intermediate/,
    );
  });
});

type Named = { readonly cluster: object };

function catalogOf({ settings }: Target, checks = "{}"): Catalog {
  const target = JSON.stringify({ provider: "kubernetes", ...(settings as object) });
  const read = readCatalog(`services: { shop: { targets: { web: ${target} }, checks: ${checks} } }`, {
    checks: CHECKS,
    providers: PROVIDERS,
  });
  if (!("catalog" in read)) throw new Error(JSON.stringify(read));
  return read.catalog;
}

async function documented(): Promise<readonly Rule[]> {
  const text = await readFile(new URL("../docs/providers/kubernetes.md", import.meta.url), "utf8");
  const [, block = ""] = /```yaml\n(apiVersion: rbac[\s\S]*?)```/.exec(text) ?? [];
  const [role] = [...parseAllDocuments(block)].map((document) => document.toJS() as { rules: Rule[] });
  return role?.rules ?? [];
}
