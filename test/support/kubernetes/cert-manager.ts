import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:tls";
import { X509Certificate } from "node:crypto";
import { mintIssuer, mintLeaf, type Leaf } from "../certificates.ts";
import { Refusal, type Obj } from "./object.ts";
import { ownedBy } from "./pods.ts";
import { named, type Store } from "./store.ts";

/**
 * cert-manager beside a cluster, as its documents and its own source have it: a Certificate that is to be issued gets a
 * request of the next revision, which an issuer grants or fails; what was granted is served a moment later.
 */
export type CertManager = {
  /** Adds a Certificate with ten days left, and serves it; `ca` is the PEM of its issuer. */
  certifies(name: string): Promise<{ readonly address: string; readonly ca: string }>;
  /** Why the issuer grants nothing; null and it does. */
  refuses(why: string | null): void;
  /** What the issuer waits for, for as long as it does. */
  awaits(what: string | null): void;
  /** What is issued is not served before it catches up. */
  servesOld(): void;
  catchesUp(): void;
  step(): void;
  close(): Promise<void>;
};

const NAMES = ["shop.example.com"];
const STORED = 6; // leaves that are minted before they are issued: controllers do not wait
const DAY = 86_400_000;
const HOUR = 3_600_000;

export function openCertManager(store: Store, namespace: string): CertManager {
  const leaves = new Map<string, Leaf[]>();
  const servers = new Map<string, ReturnType<typeof createServer>>();
  let refusal: string | null = null;
  let waiting: string | null = null;
  let late: [string, Leaf][] | null = null;

  function issue(certificate: Obj, request: Obj): void {
    const name = certificate["metadata"].name as string;
    const leaf = leaves.get(name)?.shift();
    if (leaf === undefined) throw new Error("no certificate is left to be issued");
    const { validFrom, validTo } = new X509Certificate(leaf.cert);
    store.update("certificaterequests", request, ({ status }) => {
      status.certificate = Buffer.from(leaf.cert).toString("base64");
      setCondition(status as Obj, store, ["Ready", "True", "Issued", "Certificate fetched from issuer successfully"]);
    });
    store.update("certificates", certificate, ({ status }) => {
      status.conditions = (status.conditions as Obj[]).filter((each) => each["type"] !== "Issuing");
      setCondition(status as Obj, store, ["Ready", "True", "Ready", "Certificate is up to date and has not expired"]);
      Object.assign(status, {
        revision: Number(status.revision ?? 0) + 1,
        notBefore: new Date(validFrom).toISOString(),
        notAfter: new Date(validTo).toISOString(),
      });
      delete status.lastFailureTime;
      delete status.failedIssuanceAttempts;
    });
    if (late === null) servers.get(name)?.setSecureContext(leaf);
    else late.push([name, leaf]);
  }

  function fail(certificate: Obj, request: Obj, why: string): void {
    store.update("certificaterequests", request, ({ status }) => {
      status.failureTime = store.now();
      setCondition(status as Obj, store, ["Ready", "False", "Failed", why]);
    });
    store.update("certificates", certificate, ({ status }) => {
      const said = `The certificate request has failed to complete and will be retried: ${why}`;
      setCondition(status as Obj, store, ["Issuing", "False", "Failed", said]);
      status.lastFailureTime = store.now();
      status.failedIssuanceAttempts = Number(status.failedIssuanceAttempts ?? 0) + 1;
    });
  }

  function challenge(certificate: Obj): void {
    const all = store.list(named("challenges"), namespace);
    if (waiting === null) return all.forEach((each) => store.remove("challenges", each));
    if (all.length > 0) return;
    const metadata = { name: `${certificate["metadata"].name as string}-1`, namespace };
    store.create("challenges", {
      metadata,
      spec: { dnsName: NAMES[0], type: "HTTP-01" },
      status: { state: "pending", reason: waiting, processing: true, presented: true },
    });
  }

  function stepOne(certificate: Obj): void {
    if (conditionOf(certificate, "Issuing")?.["status"] !== "True") return;
    const revision = Number(certificate["status"].revision ?? 0) + 1;
    const request = requestFor(store, certificate, revision);
    if (request === undefined) return void makeRequest(store, certificate, revision);
    // One that failed before is taken away before the next one is made.
    if (conditionOf(request, "Ready")?.["reason"] === "Failed") return store.remove("certificaterequests", request);
    challenge(certificate);
    if (refusal !== null) return fail(certificate, request, refusal);
    if (waiting === null) issue(certificate, request);
  }

  return {
    async certifies(name) {
      const issuer = await mintIssuer("an issuer");
      const minted = await Promise.all(
        Array.from({ length: STORED }, (_, at) => mintLeaf(issuer, { names: NAMES, ...lasting(at === 0 ? 10 : 90) })),
      );
      leaves.set(name, minted);
      const server = createServer(minted[0] ?? {});
      server.on("tlsClientError", () => undefined);
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      servers.set(name, server);
      const certificate = store.create("certificates", {
        metadata: { name, namespace },
        spec: { dnsNames: NAMES, secretName: name, issuerRef: { name: "letsencrypt", kind: "ClusterIssuer" } },
        status: { conditions: [] },
      });
      issue(certificate, makeRequest(store, certificate, 1));
      return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, ca: issuer.pem };
    },
    refuses: (why) => void (refusal = why),
    awaits: (what) => void (waiting = what),
    servesOld: () => void (late = []),
    catchesUp() {
      late?.forEach(([name, leaf]) => servers.get(name)?.setSecureContext(leaf));
      late = null;
    },
    step: () => store.list(named("certificates")).forEach(stepOne),
    async close() {
      for (const server of servers.values()) {
        server.close();
        await once(server, "close");
      }
    },
  };
}

/** Of ninety days so many more. */
function lasting(days: number): { notBefore: Date; notAfter: Date } {
  const now = new Date().getTime();
  return { notBefore: new Date(now - (90 - days) * DAY - HOUR), notAfter: new Date(now + days * DAY) };
}

const REVISION = "cert-manager.io/certificate-revision";

function requestFor(store: Store, { metadata }: Obj, revision: number): Obj | undefined {
  return store
    .list(named("certificaterequests"), metadata.namespace as string)
    .find(
      (each) =>
        each["metadata"].annotations[REVISION] === String(revision) &&
        (each["metadata"].ownerReferences as Obj[]).some(({ uid }) => uid === metadata.uid),
    );
}

function makeRequest(store: Store, certificate: Obj, revision: number): Obj {
  const { name, namespace } = certificate["metadata"] as Obj;
  const status: Obj = { conditions: [] };
  const approved = "Certificate request has been approved by cert-manager.io";
  setCondition(status, store, ["Approved", "True", "cert-manager.io", approved]);
  const pending = `Waiting on certificate issuance from order ${String(namespace)}/${String(name)}-${revision}-1: "pending"`;
  setCondition(status, store, ["Ready", "False", "Pending", pending]);
  return store.create("certificaterequests", {
    metadata: {
      name: `${String(name)}-${revision}`,
      namespace,
      annotations: { "cert-manager.io/certificate-name": name, [REVISION]: String(revision) },
      ownerReferences: [ownedBy(certificate)],
    },
    spec: { request: "", issuerRef: certificate["spec"].issuerRef },
    status,
  });
}

function conditionOf({ status }: Obj, type: string): Obj | undefined {
  return (status.conditions as Obj[]).find((each) => each["type"] === type);
}

type Said = readonly [type: string, status: string, reason: string, message: string];

function setCondition(status: Obj, store: Store, [type, value, reason, message]: Said): void {
  const others = (status["conditions"] as Obj[]).filter((each) => each["type"] !== type);
  status["conditions"] = [...others, { type, status: value, reason, message, lastTransitionTime: store.now() }];
}

/** What its schema says of the status that somebody writes. @throws Refusal as the server does */
export function validateStatus(after: Obj, name: string): void {
  const said = (after["status"]?.conditions ?? []) as Obj[];
  const types = said.map(({ type }) => String(type));
  const wrong = said.find(
    ({ type, status }) => typeof type !== "string" || !["True", "False", "Unknown"].includes(String(status)),
  );
  if (wrong !== undefined || new Set(types).size < types.length)
    throw new Refusal(422, "Invalid", `${name} is invalid: status.conditions: Invalid value: ${JSON.stringify(wrong)}`);
}

const STATUS =
  "conditions revision notBefore notAfter renewalTime lastFailureTime failedIssuanceAttempts nextPrivateKeySecretName";
const CONDITION = "type status reason message lastTransitionTime observedGeneration";

/** The paths of what the status has and its schema has not. */
export function unknownIn({ status = {} }: Obj): string[] {
  return [
    ...others(status as Obj, STATUS, "status"),
    ...((status.conditions ?? []) as Obj[]).flatMap((each, at) => others(each, CONDITION, `status.conditions[${at}]`)),
  ];
}

function others(object: Obj, known: string, path: string): string[] {
  return Object.keys(object).flatMap((key) => (known.split(" ").includes(key) ? [] : [`${path}.${key}`]));
}
