import { randomBytes } from "node:crypto";
import { openJsonServer, type JsonServer } from "../json-server.ts";
import { mintIssuer, mintLeaf } from "../certificates.ts";
import { until } from "../until.ts";
import { answer, type Cluster } from "./api.ts";
import { openCertManager, type CertManager } from "./cert-manager.ts";
import { isAtRest, stepCluster } from "./cluster.ts";
import { Refusal, type Obj } from "./object.ts";
import { EVERYTHING, type Rule, type User } from "./rights.ts";
import { named, openStore, type Store } from "./store.ts";
import type { Watching } from "./watch.ts";

/**
 * A Kubernetes cluster as its API server shows it: strict where the real one is, with controllers that take a moment and
 * can get stuck, over HTTPS. Written from the API's documentation; kubectl works with it too. What clients changed stands
 * in `effects`, which no client reads.
 */
export type TestCluster = {
  readonly url: string;
  readonly server: JsonServer;
  readonly store: Store;
  readonly ca: string;
  /** A bearer token of a user who may do what the rules say, everything by default. */
  user(name: string, rules?: readonly Rule[], namespace?: string): string;
  /** A kubeconfig with a certificate for a user who was named before. */
  certified(name: string): Promise<string>;
  /** A kubeconfig for that token. */
  kubeconfig(token: string, server?: string): string;
  /** Adds a workload and waits until its pods are there. */
  runs(kind: Kind, name: string, spec?: Obj, metadata?: Obj): Promise<void>;
  /** `demand`: how many pods the load asks for; with none at the least it is told from outside, by a queue say. */
  scalesItself(name: string, bounds: { min: number; max: number; demand?: number }): void;
  demands(name: string, count: number): void;
  get(kind: Kind | "horizontalpodautoscalers" | "replicasets" | "pods" | "certificates", name: string): Obj;
  /** Somebody changes an object beside the API's rights. */
  changes(kind: Kind | "horizontalpodautoscalers" | "certificates", name: string, change: (object: Obj) => void): void;
  /** Another image, as a deploy would set it. */
  deploys(kind: Kind, name: string, image: string, cause?: string): void;
  /** Images of this name are not there, or their program ends at once. */
  misses(image: string): void;
  crashes(image: string): void;
  /** Everything that is under way stands still while this is true. */
  holdsBack(now: boolean): void;
  denies(admission: Cluster["admission"]): void;
  mutates(mutation: Cluster["mutation"]): void;
  settles(): Promise<void>;
  readonly certificates: CertManager;
  /** A group of the API is there no more. */
  uninstalls(group: string): void;
  readonly effects: readonly Effect[];
  readonly watching: ReadonlySet<Watching>;
  close(): Promise<void>;
};
export type Kind = "deployments" | "statefulsets" | "daemonsets";
export type Effect = { readonly user: string; readonly kind: string; readonly name: string; readonly token: string };

export const NAMESPACE = "shop";
const VALID = { notBefore: new Date("2020-01-01"), notAfter: new Date("2040-01-01") };
const STEP = 15; // ms between two steps of all controllers

export async function openCluster({ metrics = true } = {}): Promise<TestCluster> {
  const issuer = await mintIssuer("a test cluster");
  const leaf = await mintLeaf(issuer, { names: ["127.0.0.1", "localhost"], ...VALID });
  const store = openStore();
  const users = new Map<string, User>();
  const effects: Effect[] = [];
  const troubles = { missing: new Set<string>(), crashing: new Set<string>() };
  const demand = new Map<string, number>();
  let holdsBack = false;
  const cluster: Cluster = {
    store,
    users,
    admission: null,
    mutation: null,
    absent: new Set(metrics ? [] : ["metrics.k8s.io"]),
    watching: new Set(),
    effect({ name: user }, _before, { kind, metadata, status }) {
      const noted = (status?.conditions as Obj[] | undefined)?.find(({ type }) => type === "daytwo.dev/Operation");
      const token = String(noted?.["message"] ?? metadata.annotations?.["daytwo.dev/operation"] ?? "");
      effects.push({ user, kind: kind as string, name: metadata.name as string, token });
    },
  };
  const server = await openJsonServer({
    answer: (call) => answer(cluster, call),
    isChange: ({ method, url }) =>
      method !== "GET" && !url.searchParams.has("dryRun") && !url.pathname.includes("selfsubject"),
    says: (status) => new Refusal(status, "AsTheTestSays", `the test says ${status}`).status,
    tls: { ...leaf, ca: issuer.pem },
  });
  const certificates = openCertManager(store, NAMESPACE);
  let quiet = 0;
  const timer = setInterval(() => {
    const before = store.version();
    stepCluster(store, { troubles, demand, holdsBack });
    if (!holdsBack) certificates.step();
    quiet = store.version() === before ? quiet + 1 : 0;
  }, STEP);

  function config(user: object, at = server.url): string {
    const ca = Buffer.from(issuer.pem).toString("base64");
    return JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "test", cluster: { server: at, "certificate-authority-data": ca } }],
      users: [{ name: "test", user }],
      contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
      "current-context": "test",
    });
  }
  function get(kind: string, name: string): Obj {
    const found = store.get(named(kind), NAMESPACE, name);
    if (found === undefined) throw new Error(`there is no ${kind}/${name}`);
    return found;
  }
  function changes(kind: string, name: string, change: (object: Obj) => void): void {
    store.update(kind, get(kind, name), change);
  }
  function settles(): Promise<void> {
    quiet = 0;
    return until("the cluster to come to rest", () => quiet > 0 && isAtRest(store));
  }
  return {
    url: server.url,
    server,
    store,
    ca: issuer.pem,
    user(name, rules = EVERYTHING, namespace) {
      const token = `k8s-${randomBytes(12).toString("hex")}`;
      users.set(token, { name, rules, ...(namespace === undefined ? {} : { namespace }) });
      return token;
    },
    async certified(person) {
      const { cert, key } = await mintLeaf(issuer, { names: [], person, ...VALID });
      const [certificate, secret] = [cert, key].map((pem) => Buffer.from(pem).toString("base64"));
      return config({ "client-certificate-data": certificate, "client-key-data": secret });
    },
    kubeconfig: (token, at) => config({ token }, at),
    async runs(kind, name, spec = {}, metadata = {}) {
      store.create(kind, workload(kind, name, spec, metadata));
      await settles();
    },
    scalesItself(name, { min, max, demand: load }) {
      if (load !== undefined) demand.set(name, load);
      store.create("horizontalpodautoscalers", {
        metadata: { name, namespace: NAMESPACE },
        spec: {
          scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
          minReplicas: min,
          maxReplicas: max,
          metrics: min === 0 ? [{ type: "External" }] : [],
        },
        status: {},
      });
    },
    demands: (name, count) => void demand.set(name, count),
    get,
    changes,
    deploys(kind, name, image, cause) {
      changes(kind, name, (object) => {
        object["spec"].template.spec.containers[0].image = image;
        if (cause !== undefined)
          object["metadata"].annotations = { ...object["metadata"].annotations, "kubernetes.io/change-cause": cause };
      });
    },
    misses: (image) => void troubles.missing.add(image),
    crashes: (image) => void troubles.crashing.add(image),
    holdsBack: (now) => void (holdsBack = now),
    denies: (admission) => void (cluster.admission = admission),
    mutates: (mutation) => void (cluster.mutation = mutation),
    settles,
    certificates,
    uninstalls: (group) => void cluster.absent.add(group),
    effects,
    watching: cluster.watching,
    async close() {
      clearInterval(timer);
      await certificates.close();
      await server.close();
    },
  };
}

/** With the defaults that a server fills in. */
function workload(kind: Kind, name: string, spec: Obj, metadata: Obj): Obj {
  const labels = { app: name };
  const own = {
    deployments: {
      replicas: 2,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 20,
    },
    statefulsets: {
      replicas: 2,
      serviceName: name,
      podManagementPolicy: "OrderedReady",
      updateStrategy: { type: "RollingUpdate" },
      revisionHistoryLimit: 10,
    },
    daemonsets: { updateStrategy: { type: "RollingUpdate" }, revisionHistoryLimit: 10 },
  }[kind];
  return {
    metadata: { name, namespace: NAMESPACE, labels, annotations: {}, ...metadata },
    spec: {
      ...own,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [{ name: "web", image: `registry.example.com/${name}:v140`, resources: {} }],
          restartPolicy: "Always",
        },
      },
      ...spec,
    },
    status: {},
  };
}
