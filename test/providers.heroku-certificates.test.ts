import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:tls";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Plan } from "../src/domain/action.ts";
import type { Target } from "../src/domain/catalog.ts";
import { heroku } from "../src/providers/heroku/index.ts";
import type { Outcome, Verdict } from "../src/providers/provider.ts";
import { mintIssuer, mintLeaf, type Leaf } from "./support/certificates.ts";
import { APP, openHeroku, type TestHeroku } from "./support/heroku/index.ts";

/** Certificates that Heroku issues by itself: what stands in their way, and another attempt once it is out of it. */

const NAME = `HEROKU_${randomBytes(4).toString("hex").toUpperCase()}`;
const HOST = "shop.example.com";
const CDN = "CDN not returning HTTP challenge";

let far: TestHeroku;
let lines: string[];
let served: Server;
let leaf: Leaf;

beforeEach(async () => {
  far = await openHeroku();
  process.env[NAME] = far.user("daytwo@example.com");
  lines = [];
  const issuer = await mintIssuer("an issuer");
  const valid = { names: [HOST], notBefore: new Date("2026-01-01"), notAfter: new Date("2040-01-01") };
  leaf = await mintLeaf(issuer, valid);
  served = createServer(await mintLeaf(issuer, valid)).on("tlsClientError", () => undefined);
  served.listen(0, "127.0.0.1");
  await once(served, "listening");
  far.app.acm.leaves.push(leaf.cert);
  far.deploys("aaaa1111");
  await far.settles();
});
afterEach(async () => {
  delete process.env[NAME];
  served.close();
  await far.close();
});

function target(certificate?: object): Target {
  const settings = {
    app: APP,
    api: far.url,
    token: { env: NAME },
    ...(certificate === undefined ? {} : { certificate }),
  };
  return { key: "shop/web", service: "shop", name: "web", provider: "heroku", settings };
}
async function plan(on = target()): Promise<Plan> {
  const seen = await heroku.observe(on, AbortSignal.timeout(20_000));
  return heroku.plan({ action: "renew-cert", arguments: {}, target: on }, seen);
}
function apply(drawn: Plan, on = target(), signal = AbortSignal.timeout(20_000)): Promise<Outcome> {
  return heroku.apply(on, drawn, { token: "step-1", signal, report: (line) => void lines.push(line) });
}
function verdict(drawn: Plan, on = target()): Promise<Verdict> {
  return heroku.verify(on, drawn, { token: "step-1", signal: AbortSignal.timeout(20_000) });
}

test("one that failed is tried again, and done when what was issued is served", async () => {
  far.adds("www.example.com", "ok");
  far.adds(HOST, "failed", CDN);
  const address = `127.0.0.1:${(served.address() as AddressInfo).port}`;
  const on = target({ address });
  const { facts } = await heroku.observe(on, AbortSignal.timeout(20_000));
  const state = facts[`Certificate of ${HOST}`] ?? "";
  expect(state).toMatch(/^failed, and is not tried again by itself: CDN not returning HTTP challenge \(\S+ \S+ UTC\)$/);
  const drawn = await plan(on);
  expect(drawn).toMatchObject({
    title: "Renew the certificates of shop (web)",
    changes: { [HOST]: [state, "issued"] },
    reasons: [/what is wrong with their DNS/, `It is done when what was issued is served at ${address}`],
  });
  expect(await verdict(drawn, on)).toMatchObject({ kind: "untouched" });

  far.holdsBack(true);
  const done = apply(drawn, on);
  await expect.poll(() => lines).toContain(`${HOST} under way`);
  await expect(plan(on)).rejects.toThrow(`No certificate of ${APP} has failed, as far as can be seen.`);
  far.holdsBack(false);
  await expect.poll(() => far.app.acm.domains[1]?.acm_status).toBe("cert issued");
  served.setSecureContext(leaf);
  expect(await done).toMatchObject({ kind: "done", summary: /^serial [0-9A-F]+ served 20 times in a row at 127/ });
  expect(await verdict(drawn, on)).toMatchObject({ kind: "holds" });
  expect(far.effects).toEqual([{ user: "daytwo@example.com", what: `PATCH /apps/${APP}/acm`, token: "step-1" }]);
});

test("one that fails again has failed, with why; one that Heroku tries by itself is left to it", async () => {
  far.adds(HOST, "failed", CDN);
  far.app.acm.refusal = "CAA record does not allow letsencrypt.org";
  const drawn = await plan();
  expect(drawn.reasons[1]).toBe("The catalog does not say where they are served: it is done when they are issued");
  const why = /^shop.example.com failed, and is not tried again by itself: CAA record/;
  expect(await apply(drawn)).toMatchObject({ kind: "failed", reason: why });
  expect(await verdict(drawn)).toMatchObject({ kind: "failed", seen: why });

  far.app.acm.domains.splice(0);
  far.adds(HOST, "failing", CDN);
  await expect(plan()).rejects.toMatchObject({
    message: `Another attempt is under way: ${HOST} fails, and is tried again: ${CDN}.`,
    hint: "Heroku renews certificates by itself, a month before they end; `heroku certs:auto -a shop-web` shows how each stands.",
  });
});

test.each([
  [{ status: 403 }, "refused", "untouched"],
  [{ status: 429 }, "later", "untouched"],
  [{ status: 503 }, "unknown", "untouched"],
  ["breaks before", "unknown", "untouched"],
  ["breaks after", "unknown", "holds"],
  ["truncates", "unknown", "holds"],
] as const)("an answer of %j is %s, and looking tells", async (ending, outcome, seen) => {
  far.adds(HOST, "failed", CDN);
  const drawn = await plan();
  far.server.changes(ending);
  expect(await apply(drawn)).toMatchObject({ kind: outcome });
  await expect.poll(async () => (await verdict(drawn)).kind).toBe(seen);
  expect(far.effects).toHaveLength(seen === "untouched" ? 0 : 1);
  expect(await apply(drawn)).toMatchObject({ kind: "done" });
  expect(far.effects).toHaveLength(1);
});

test("a domain that somebody took away is no longer asked for", async () => {
  far.adds(HOST, "failed", CDN);
  const drawn = await plan();
  far.app.acm.domains.splice(0);
  expect(await apply(drawn)).toMatchObject({ kind: "refused", reason: /no domain of it any more/ });
  expect(await verdict(drawn)).toMatchObject({ kind: "differs" });
  expect(far.effects).toEqual([]);
});
