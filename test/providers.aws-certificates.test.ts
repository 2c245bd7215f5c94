import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { arnOf, type Certificate } from "./support/aws/acm.ts";
import { openDesk, type Desk } from "./support/aws-desk.ts";

/** Certificates of ACM: how they stand, what ACM waits for, and that nobody is promised a renewal. */

const DOMAIN = "shop.example.com";
const DAY = 86_400_000;
const RECORD = `${DOMAIN}: the DNS record _a7986.${DOMAIN} CNAME _f2d3c.acm-validations.aws is not seen`;

let desk: Desk;

beforeEach(async () => {
  desk = await openDesk({ certificate: arnOf(DOMAIN) });
});
afterEach(() => desk.close());

async function seen(more: Partial<Certificate> = {}) {
  desk.account.certificate(DOMAIN, more);
  return desk.sees();
}

async function answer(): Promise<string> {
  const error: unknown = await desk.plan("renew-cert").catch((thrown: unknown) => thrown);
  return error instanceof Error ? error.message : "it was planned";
}

test("one that ACM renews in time is well: its end, its names, what uses it", async () => {
  const endsAt = new Date(Date.now() + 20 * DAY);
  const { health, certificates, facts } = await seen({ endsAt });
  expect(health).toBe("ok");
  expect(certificates).toMatchObject([{ servername: DOMAIN, serial: "0a:1b:2c", notAfter: endsAt.toISOString() }]);
  expect(facts).toMatchObject({
    Renewal: "by ACM itself, in time",
    "Valid until": endsAt.toISOString().slice(0, 10),
    Names: `${DOMAIN}, www.${DOMAIN}`,
  });
  expect(await answer()).toBe("ACM renews it by itself; nothing is sent. Renewal: by ACM itself, in time.");
});

describe("what ACM waits for", () => {
  test.each([
    { method: "DNS", waits: RECORD },
    { method: "EMAIL", waits: `${DOMAIN}: nobody has followed the link that was mailed to admin@${DOMAIN}` },
    {
      method: "HTTP",
      waits: `${DOMAIN}: http://${DOMAIN}/.well-known/x does not lead to https://validation.aws/x`,
    },
  ] as const)("is said in plain words, of what is not shown yet alone: $method", async ({ method, waits }) => {
    expect(await seen({ method, renewal: { status: "PENDING_VALIDATION" } })).toMatchObject({
      health: "degraded",
      problem: "ACM cannot renew it before it is shown who owns the domain",
      facts: { "Waits for": waits, Renewal: "ACM waits" },
    });
    expect(await answer()).toBe(`ACM renews it by itself; nothing is sent. It waits for this: ${waits}.`);
  });

  test("is said of one that was never issued too, and why it gave up", async () => {
    expect(await seen({ status: "PENDING_VALIDATION" })).toMatchObject({
      health: "degraded",
      certificates: [],
      facts: { "Waits for": RECORD },
    });
    expect(await seen({ renewal: { status: "FAILED", reason: "CAA_ERROR" } })).toMatchObject({
      health: "degraded",
      problem: "ACM could not renew it",
      facts: { "Why not": "a CAA record of the domain does not allow Amazon to issue it" },
    });
    expect(await answer()).toMatch(/^ACM renews it by itself; nothing is sent\. It gave up: a CAA record/);
    expect((await seen({ status: "FAILED", reason: "PCA_LIMIT_EXCEEDED" })).facts["Why not"]).toBe(
      "ACM says PCA_LIMIT_EXCEEDED",
    );
  });
});

test.each([
  [{ type: "IMPORTED", endsAt: new Date(Date.now() + 20 * DAY) }, "degraded", /ACM does not renew what is imported$/],
  [
    { isUsed: false, endsAt: new Date(Date.now() + 20 * DAY) },
    "degraded",
    /ACM does not renew what is in use nowhere$/,
  ],
  [{ isUsed: false }, "ok", /^none$/],
  [{ endsAt: new Date(Date.now() - DAY) }, "down", /^it has run out$/],
  [{ status: "REVOKED" }, "down", /^it was revoked$/],
  [{ status: "VALIDATION_TIMED_OUT" }, "down", /^it was not issued: nobody showed in time/],
] as const)("%j is %s", async (more, health, problem) => {
  const found = await seen(more);
  expect(found.health).toBe(health);
  expect(found.problem ?? "none").toMatch(problem);
});

test("nothing is ever sent; what else is asked for is refused, and so is a certificate that is not there", async () => {
  await expect(desk.sees()).rejects.toThrow(/^AWS says: Could not find certificate arn:aws:acm:/);
  await seen();
  await expect(desk.plan("scale", { sizes: { web: 1 } })).rejects.toMatchObject({ hint: "There is renew-cert." });
  const { version } = await desk.sees();
  const drawn = { action: "renew-cert", target: "shop/web", arguments: {}, risk: "low", version } as const;
  const whole = { ...drawn, title: "", changes: {}, reasons: [], stays: [] };
  expect(await desk.apply(whole)).toMatchObject({ outcome: { kind: "refused" }, verdict: { kind: "differs" } });
  expect(desk.account.effects).toEqual([]);
  await desk.as("daytwo", []);
  expect((await desk.standing()).missing).toEqual(["acm:DescribeCertificate (for seeing it)"]);
});
