import { afterEach, beforeEach, expect, test } from "vitest";
import type { Target } from "../src/domain/catalog.ts";
import { openDesk, type Desk } from "./support/kubernetes-desk.ts";
import type { Rule } from "./support/kubernetes/rights.ts";

/** Certificates that cert-manager keeps: renewed, seen to be served, and why not. */

const inTenDays = new Date(new Date().getTime() + 10 * 86_400_000).toISOString().slice(0, 10);

let desk: Desk;
let address: string;

beforeEach(async () => {
  desk = await openDesk();
  await desk.cluster.runs("deployments", "shop-web");
  ({ address } = await desk.cluster.certificates.certifies("shop-tls"));
});
afterEach(() => desk.close());

function web(certificate: object = { name: "shop-tls", address }): Target {
  return desk.target("deployments", { certificate });
}

function conditions(): { type: string; status: string; reason: string; message: string }[] {
  return desk.cluster.get("certificates", "shop-tls")["status"].conditions as never;
}

test("it is renewed as cmctl does it, and done when the new serial is served; what it waits for meanwhile is told", async () => {
  const before = await desk.sees(web());
  expect(before).toMatchObject({
    certificates: [{ address, servername: "shop.example.com", serial: /^[0-9A-F]{8,}$/ }],
    facts: { Certificate: `shop-tls from letsencrypt, until ${inTenDays}` },
  });
  const { serial = "" } = before.certificates[0] ?? {};
  const plan = await desk.plan("renew-cert", {}, web());
  expect(plan).toMatchObject({
    title: "Renew the certificate shop-tls of shop",
    changes: { certificate: [`serial ${serial}, until ${inTenDays}`, "a new one"] },
    reasons: [`It is done when the new one is served at ${address}`, /only so many in a week/],
  });

  const complaint = "Waiting for HTTP-01 challenge propagation: wrong status code '404', expected '200'";
  desk.cluster.certificates.awaits(complaint);
  desk.cluster.certificates.servesOld();
  const done = desk.apply(plan, { on: web() });
  const told = `the proof for shop.example.com is awaited: ${complaint}`;
  await expect.poll(() => desk.lines).toContain(told);
  expect(conditions()).toContainEqual(
    expect.objectContaining({ type: "Issuing", status: "True", reason: "ManuallyTriggered" }),
  );
  await expect(desk.plan("renew-cert", {}, web())).rejects.toThrow(`shop-tls is being issued already: ${told}.`);
  desk.cluster.certificates.awaits(null);
  await expect.poll(() => desk.lines.at(-1)).toMatch(new RegExp(`serves serial ${serial}, and not [0-9A-F]+ yet`));
  desk.cluster.certificates.catchesUp();
  const { outcome, verdict } = await done;
  expect([outcome, verdict]).toMatchObject([{ kind: "done" }, { kind: "holds", seen: /served 20 times in a row at/ }]);

  const after = await desk.sees(web());
  expect(after.certificates[0]?.serial).not.toBe(serial);
  expect(verdict.seen).toContain(after.certificates[0]?.serial);
  expect(after.version).not.toBe(before.version);
  expect(conditions().map(({ type, status }) => `${type} ${status}`)).toEqual([
    "daytwo.dev/Operation True",
    "Ready True",
  ]);
});

test("an issuer that refuses has failed it, with its words; it is not asked again before cert-manager itself would", async () => {
  desk.cluster.certificates.refuses("Failed to finalize Order: 429 urn:ietf:params:acme:error:rateLimited");
  const { outcome, verdict } = await desk.apply(await desk.plan("renew-cert", {}, web({ name: "shop-tls" })), {
    on: web({ name: "shop-tls" }),
  });
  const why = /^it could not be issued: The certificate request has failed .*rateLimited$/;
  expect([outcome, verdict]).toMatchObject([
    { kind: "failed", reason: why },
    { kind: "failed", seen: why },
  ]);
  desk.cluster.changes("certificates", "shop-tls", ({ status }) => void (status.failedIssuanceAttempts = 3));
  await expect(desk.plan("renew-cert", {}, web({ name: "shop-tls" }))).rejects.toMatchObject({
    message:
      /^shop-tls could not be issued last time \(.*rateLimited\); cert-manager waits, and tries again \S+ \S+ UTC\.$/,
    hint: "Once the cause is put right, `cmctl renew shop-tls -n shop` does not wait for that.",
  });
  expect((await desk.sees(web({ name: "shop-tls" }))).health).toBe("ok");

  const long = "2026-01-01T00:00:00Z";
  desk.cluster.changes("certificates", "shop-tls", ({ status }) => void (status.lastFailureTime = long));
  desk.cluster.certificates.refuses(null);
  await desk.does("renew-cert", {}, web({ name: "shop-tls" }));
});

test("an approval is for the Certificate that the catalog named then", async () => {
  await desk.cluster.certificates.certifies("till-tls");
  const plan = await desk.plan("renew-cert", {}, web({ name: "shop-tls" }));
  const { outcome } = await desk.apply(plan, { on: web({ name: "till-tls" }) });
  expect(outcome).toMatchObject({ kind: "refused", reason: /changed since the plan was drawn/ });
});

test("what cannot be renewed is told, with what to do; all else of the target goes on as before", async () => {
  await expect(desk.plan("renew-cert")).rejects.toMatchObject({
    message: "The catalog names no certificate of shop/web.",
    hint: "Write `certificate: { name: … }` into the target; `kubectl get certificates -n shop` lists them.",
  });
  await expect(desk.plan("renew-cert", {}, web({ name: "shop-tsl" }))).rejects.toThrow(
    'shop-tsl cannot be renewed: The cluster says: certificates.cert-manager.io "shop-tsl" not found.',
  );
  const apps: Rule = { apiGroups: ["apps", "", "autoscaling"], resources: ["*"], verbs: ["*"] };
  await desk.as("rae", [apps]);
  await expect(desk.plan("renew-cert", {}, web())).rejects.toThrow(
    /^shop-tls cannot be renewed: The cluster says: certificates.cert-manager.io "shop-tls" is forbidden/,
  );
  await desk.does("scale", { sizes: { web: 3 } }, web());
  desk.cluster.uninstalls("cert-manager.io");
  await expect(desk.plan("renew-cert", {}, web())).rejects.toThrow(
    "shop-tls cannot be renewed: cert-manager is not installed in this cluster.",
  );
});

test("where the catalog does not say where it is served, that it is issued is all that is seen, and said to be", async () => {
  const { reasons } = await desk.plan("renew-cert", {}, web({ name: "shop-tls" }));
  expect(reasons[0]).toBe("The catalog does not say where it is served: it is done when it is issued");
  const { verdict } = await desk.apply(await desk.plan("renew-cert", {}, web({ name: "shop-tls" })), {
    on: web({ name: "shop-tls" }),
  });
  expect(verdict).toMatchObject({ kind: "holds", seen: /^serial [0-9A-F]+ issued, until \d{4}-\d\d-\d\d$/ });
});
