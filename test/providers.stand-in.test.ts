import { expect, onTestFinished, test } from "vitest";
import type { Target } from "../src/domain/catalog.ts";
import { aws } from "../src/providers/aws/index.ts";
import { kubernetes } from "../src/providers/kubernetes/index.ts";
import { openDesk as openCloud66 } from "./support/cloud66-desk.ts";
import { openGoogleDesk } from "./support/google-desk.ts";
import { openHerokuFarSide } from "./support/heroku-far-side.ts";
import { everywhere, NOT_FOUND, openSmallServer, openStandIn } from "./support/stand-in.ts";

/** Who stands in for a system, as emulators, proxies and small clusters do, tells less of it, and otherwise. */

const LONG = 20_000;

function signal(): AbortSignal {
  return AbortSignal.timeout(LONG);
}
function at(target: Target, more: object): Target {
  return { ...target, settings: { ...(target.settings as object), ...more } };
}

test("a cluster without autoscalers, metrics and revisions, whose empty lists are null, beneath a path", async () => {
  const labels = { app: "shop" };
  const metadata = { name: "shop-web", uid: "u", resourceVersion: "7", creationTimestamp: "2026-11-01T00:00:00Z" };
  const template = { metadata: { labels }, spec: { containers: [{ name: "web", image: "shop:v1" }] } };
  const status = { replicas: 1, updatedReplicas: 1, availableReplicas: 1 };
  const there: Readonly<Record<string, unknown>> = {
    "/k8s/clusters/c-1/apis/apps/v1/namespaces/shop/deployments/shop-web": {
      metadata,
      spec: { selector: { matchLabels: labels }, template },
      status,
    },
    "/k8s/clusters/c-1/apis/apps/v1/namespaces/shop/replicasets": { items: null },
    "/k8s/clusters/c-1/api/v1/namespaces/shop/pods": { metadata: {}, items: null },
    "/k8s/clusters/c-1/api/v1/namespaces/shop/events": { metadata: {}, items: [] },
  };
  const server = await openSmallServer(({ path }) => (path in there ? { status: 200, body: there[path] } : NOT_FOUND));
  const config = { apiVersion: "v1", kind: "Config", "current-context": "c", users: [{ name: "u", user: {} }] };
  function kubeconfig(address: string): string {
    const clusters = [{ name: "c", cluster: { server: address } }];
    return JSON.stringify({ ...config, clusters, contexts: [{ name: "c", context: { cluster: "c", user: "u" } }] });
  }
  process.env["STAND_IN_CLUSTER"] = kubeconfig(`${server}/k8s/clusters/c-1/`);
  onTestFinished(() => void delete process.env["STAND_IN_CLUSTER"]);
  const settings = { deployment: "shop-web", namespace: "shop", kubeconfig: { env: "STAND_IN_CLUSTER" } };
  const target = { key: "shop/web", service: "shop", name: "web", provider: "kubernetes", settings };
  const seen = await kubernetes.observe(target, signal());
  expect(seen).toMatchObject({ health: "ok", releases: [], sizes: [{ process: "web", wanted: 1, healthy: 1 }] });
  expect(seen.facts).toEqual({ Image: "shop:v1", Workload: "deployment shop-web in shop" });
  const scaled = kubernetes.plan({ action: "scale", arguments: { sizes: { web: 2 } }, target }, seen);
  expect(scaled.changes).toEqual({ web: ["1", "2"] });
  process.env["STAND_IN_CLUSTER"] = kubeconfig("http://cluster.example.com");
  await expect(kubernetes.observe(target, signal())).rejects.toThrow("credentials would go in the clear");
});

/** As they begin and end, whatever is asked for. */
function xml(action: string, result: string): string {
  return `<${action}Response xmlns="x"><${action}Result>${result}</${action}Result></${action}Response>`;
}

test("an emulator of AWS that has not all of it, ends lists with an empty word, and says null for what is none", async () => {
  const taskDefinition = "arn:x/shop-web:1";
  const none = { failedTasks: null, rolloutStateReason: null };
  const deployment = { id: "d1", status: "PRIMARY", taskDefinition, createdAt: 1_796_000_000.5, ...none };
  const counts = { desiredCount: 2, runningCount: 2, pendingCount: 0, currentServiceDeployment: null };
  const named = { serviceName: "shop-web", clusterArn: "arn:x/shop", status: "ACTIVE", taskDefinition };
  const service = { ...named, ...counts, deployments: [{ ...deployment, rolloutState: "COMPLETED" }] };
  const instance = "<member><LifecycleState>InService</LifecycleState><HealthStatus>Healthy</HealthStatus></member>";
  const sizes = "<MinSize>0</MinSize><MaxSize>3</MaxSize><DesiredCapacity>1</DesiredCapacity>";
  const group = `<AutoScalingGroupName>shop</AutoScalingGroupName>${sizes}<CreatedTime>2026-11-30T10:00:00Z</CreatedTime>`;
  const said: Readonly<Record<string, unknown>> = {
    DescribeServices: { services: [service], failures: [] },
    DescribeScalableTargets: { ScalableTargets: [], NextToken: null },
    DescribeAutoScalingGroups: `<AutoScalingGroups><member>${group}<Instances>${instance}</Instances><Tags/></member></AutoScalingGroups><NextToken/>`,
    DescribePolicies: "<ScalingPolicies/><NextToken></NextToken>",
    DescribeDBInstances: `<DBInstances><DBInstance><DBInstanceIdentifier>shop-db</DBInstanceIdentifier><DBInstanceArn>arn:x:db:shop-db</DBInstanceArn>
      <DBInstanceStatus>available</DBInstanceStatus><Engine>postgres</Engine><AllocatedStorage>20</AllocatedStorage><MaxAllocatedStorage/><PendingModifiedValues/></DBInstance></DBInstances>`,
    DescribeDBSnapshots: "<DBSnapshots/><Marker/>",
    SetDesiredCapacity: "",
  };
  let busy = "";
  const endpoint = await openSmallServer(({ headers, body }) => {
    const byHeader =
      String(headers["x-amz-target"] ?? "")
        .split(".")
        .at(-1) ?? "";
    const action = byHeader === "" ? (new URLSearchParams(body).get("Action") ?? "") : byHeader;
    const answer = said[action];
    if (action === busy) return { status: 503, body: "{}" };
    if (action === "DescribePendingMaintenanceActions")
      return { status: 500, body: "<!doctype html><title>500 Internal Server Error</title>", type: "text/html" };
    if (answer === undefined)
      return { status: 501, body: "<ErrorResponse><Error><Message>Not yet.</Message></Error></ErrorResponse>" };
    return { status: 200, body: typeof answer === "string" ? xml(action, answer) : answer };
  });
  const keys = { access_key: { env: "STAND_IN_KEY" }, secret_key: { env: "STAND_IN_KEY" } };
  process.env["STAND_IN_KEY"] = "testing";
  onTestFinished(() => void delete process.env["STAND_IN_KEY"]);
  const place = {
    region: "eu-west-1",
    endpoint: `${endpoint}/`,
    ...keys,
  };
  function target(named: object): Target {
    return { key: "shop/web", service: "shop", name: "web", provider: "aws", settings: { ...place, ...named } };
  }
  expect(await aws.observe(target({ service: "shop-web", cluster: "shop" }), signal())).toMatchObject({
    health: "ok",
    release: "shop-web:1",
    facts: { "Releases not seen": "AWS has no such request" },
  });
  const workers = target({ group: "shop" });
  const seen = await aws.observe(workers, signal());
  expect(seen).toMatchObject({ health: "ok", facts: { "Instance refreshes not seen": "AWS says: Not yet" } });
  const scaled = aws.plan({ action: "scale", arguments: { sizes: { web: 2 } }, target: workers }, seen);
  const soon = AbortSignal.timeout(2_000);
  expect(await aws.apply(workers, scaled, { token: "step-1", signal: soon, report: () => undefined })).toMatchObject({
    kind: "done",
    summary: "AWS took it, and was still at it: not seen yet",
  });
  const database = await aws.observe(target({ database: "shop-db" }), signal());
  expect(database).toMatchObject({ health: "ok", updatesUnseen: "AWS has no such request" });
  expect(database.facts).not.toHaveProperty("Grows by itself");
  // What only does not answer now is not taken for what is not there: a plan would rest on it.
  busy = "DescribePolicies";
  await expect(aws.observe(workers, signal())).rejects.toThrow("AWS answered 503.");
});

test("Heroku beneath a path, with releases in another order, and no domains", async () => {
  const far = await openHerokuFarSide();
  onTestFinished(far.close);
  const { api } = far.target.settings as { api: string };
  const stand = await openStandIn(api, (path, said) => {
    if (path.endsWith("/domains")) return NOT_FOUND;
    if (path.endsWith("/releases") && Array.isArray(said.body)) return { ...said, body: said.body.toReversed() };
    return said;
  });
  const target = at(far.target, { api: stand });
  const [seen, straight] = [
    await far.provider.observe(target, signal()),
    await far.provider.observe(far.target, signal()),
  ];
  const { facts, observedAt: _, ...more } = seen;
  expect(straight).toMatchObject(more);
  expect(facts).toMatchObject({ "Domains not seen": "Heroku does not know what is asked for" });
  const drawn = far.provider.plan({ ...far.change, target }, seen);
  const use = { token: "step-1", signal: signal(), report: () => undefined };
  expect(await far.provider.apply(target, drawn, use)).toMatchObject({ kind: "done" });
});

test("Heroku without the scope for releases: all else is seen, and only going back is refused", async () => {
  const far = await openHerokuFarSide();
  onTestFinished(far.close);
  const { api } = far.target.settings as { api: string };
  const refusal = { status: 403, body: { id: "forbidden", message: "The scope is too small." } };
  const stand = await openStandIn(api, (path, said) => (path.endsWith("/releases") ? refusal : said));
  const target = at(far.target, { api: stand });
  const seen = await far.provider.observe(target, signal());
  expect(seen).toMatchObject({
    health: "ok",
    releases: [],
    facts: { "Releases not seen": "Heroku says: The scope is too small" },
  });
  expect(() => far.provider.plan({ ...far.change, target }, seen)).toThrow("without seeing all that matters. Releases");
  const drawn = far.provider.plan({ ...far.other, target }, seen);
  const use = { token: "step-1", signal: signal(), report: () => undefined };
  expect(await far.provider.apply(target, drawn, use)).toMatchObject({ kind: "done" });
});

test("Cloud 66 beneath a path, with numbers as text, outcomes left out, and servers that nobody knows of", async () => {
  const desk = await openCloud66();
  onTestFinished(desk.close);
  const stand = await openStandIn(desk.far.url, (path, said) =>
    path.endsWith("/servers.json")
      ? NOT_FOUND
      : {
          ...said,
          body: everywhere(said.body, (key, value) => {
            if (key === "outcome") return null;
            return ["id", "status", "health"].includes(key) ? String(value) : value;
          }),
        },
  );
  const target = desk.target({ api: stand });
  const [seen, straight] = [await desk.sees(target), await desk.sees()];
  expect(seen.facts).toMatchObject({ "Servers not seen": "Cloud 66 does not know what is asked for" });
  expect([seen.version, seen.health, seen.release]).toEqual([straight.version, straight.health, straight.release]);
});

test("Google beneath a path, with numbers of 64 bits as numbers, and nothing said of how a service is", async () => {
  const desk = await openGoogleDesk("service");
  onTestFinished(desk.close);
  const { api } = desk.target().settings as { api: string };
  const stand = await openStandIn(api, (path, said) => {
    if (path.endsWith("/revisions")) return NOT_FOUND;
    const body = everywhere(said.body, (key, value) => {
      if (key === "terminalCondition") return undefined;
      return key === "generation" || key === "observedGeneration" ? Number(value) : value;
    });
    return { ...said, body };
  });
  const target = at(desk.target(), { api: stand });
  const [seen, straight] = [await desk.sees(target), await desk.sees()];
  expect([seen.version, seen.health, seen.problem]).toEqual([
    straight.version,
    "unknown",
    "Google does not say how it is",
  ]);
  expect(seen.facts).toMatchObject({ "Revisions not seen": "Google does not know what is asked for" });
  await expect(desk.plan("rollback", {}, target)).rejects.toThrow("without seeing all that matters");
});
