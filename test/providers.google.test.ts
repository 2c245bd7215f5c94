import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { accountOf, headersOf } from "../src/providers/google/credentials.ts";
import { ACCOUNT, openGoogleDesk, type GoogleDesk } from "./support/google-desk.ts";
import type { TestGoogle } from "./support/google/index.ts";
import { BY_NAME, LATEST } from "./support/google/service.ts";
import { openJsonServer } from "./support/json-server.ts";

/** What is Google's own: traffic that is pinned, revisions that do not become ready, two ways to have a size, and keys. */

const DIGEST = `shop/web@sha256:${"0123456789abcdef".repeat(4)}`;

let desk: GoogleDesk;
let far: TestGoogle;
let one: string;
let two: string;

beforeEach(async () => {
  desk = await openGoogleDesk("service");
  far = desk.far;
  one = await deploys("europe-docker.pkg.dev/acme-shop/shop/web:v141");
  two = await deploys("europe-docker.pkg.dev/acme-shop/shop/web:v142");
});
afterEach(() => desk.close());

async function deploys(image: string): Promise<string> {
  far.deploys(image);
  await far.settles();
  return far.service.revisions.at(-1)?.name ?? "";
}

describe("traffic", () => {
  test("that is pinned is told by the plan and by every look, and goes to the latest again", async () => {
    const back = await desk.does("rollback");
    expect(back).toMatchObject({
      title: `Roll back shop ${two} → ${one}`,
      undo: { action: "rollback", arguments: { release: "latest" } },
    });
    expect(back.stays[0]).toBe(
      "traffic stays pinned: what is deployed later gets none until `rollback shop to latest`",
    );
    const three = await deploys("shop/web:v143");
    expect(await desk.sees()).toMatchObject({
      release: one,
      health: "ok",
      facts: { Pinned: "what is deployed gets no traffic by itself", "Newest revision": three },
    });
    await expect(desk.plan("rollback", { release: one })).rejects.toMatchObject({
      message: `${one} is what runs now.`,
      hint: /to latest/,
    });
    await expect(desk.plan("restart")).rejects.toThrow("Traffic is pinned");
    const free = await desk.does("rollback", { release: "latest" });
    expect(free).toMatchObject({ changes: { release: [one, three] }, undo: { arguments: { release: one } } });
    expect((await desk.sees()).facts["Pinned"]).toBeUndefined();
    expect(far.service.traffic).toEqual([{ type: LATEST, revision: "", percent: 100 }]);
    await expect(desk.plan("rollback", { release: "latest" })).rejects.toThrow("goes to the newest revision already");
    await expect(desk.plan("rollback", { release: "shop-00009-abc" })).rejects.toMatchObject({
      hint: expect.stringContaining(`There is ${three}, ${two}, ${one}.`) as unknown,
    });
  });

  test("that is split is told, and addresses of single revisions stay when it goes to one", async () => {
    far.splits([
      { type: BY_NAME, revision: one, percent: 90, tag: "stable" },
      { type: LATEST, percent: 10 },
    ]);
    await far.settles();
    expect(await desk.sees()).toMatchObject({ release: one, facts: { Traffic: `90 % ${one}, 10 % ${two}` } });
    const drawn = await desk.does("rollback", { release: one });
    expect(drawn.undo).toBeUndefined();
    expect(far.service.traffic).toEqual([
      { type: BY_NAME, revision: one, percent: 100 },
      { type: BY_NAME, revision: one, percent: 0, tag: "stable" },
    ]);
  });

  test("that is moved by somebody while it is on its way is no success", async () => {
    far.holdsBack(true);
    const drawn = await desk.plan("rollback");
    const under = desk.apply(drawn);
    await expect.poll(() => far.effects.length).toBe(1);
    far.splits([{ type: LATEST, percent: 100 }]);
    far.holdsBack(false);
    expect((await under).verdict).toMatchObject({ kind: "differs", seen: /^it was changed again since/ });
  });
});

describe("a revision that does not become ready", () => {
  test("is told with what Google says, and traffic can be pinned to the one before", async () => {
    far.breaks("shop/web:v143");
    const three = await deploys("shop/web:v143");
    expect(await desk.sees()).toMatchObject({
      health: "degraded",
      problem: `revision ${three} did not become ready, and ${two} still serves`,
      release: two,
      facts: { "Newest revision": three, "Google says": /failed to start and listen(?!.*Logs URL)/s },
    });
    await expect(desk.plan("restart")).rejects.toThrow(`made anew like ${three}, which is not what serves`);
    await desk.does("rollback", { release: two }).catch(() => undefined);
    await desk.does("rollback", { release: one });
    expect((await desk.sees()).releases.map(({ release }) => release)).toEqual([two, one]);
  });

  test("is a restart that failed, with the old one still there", async () => {
    const drawn = await desk.plan("restart");
    expect(drawn).toMatchObject({ risk: "high", reasons: [expect.anything(), /web:v142 is by then: a tag may have/] });
    far.breaks("europe-docker.pkg.dev/acme-shop/shop/web:v142");
    expect(await desk.apply(drawn)).toMatchObject({
      outcome: { kind: "failed", reason: /is not ready; Google says: Revision '.*' is not ready/ },
      verdict: { kind: "failed" },
    });
    expect((await desk.sees()).release).toBe(two);
  });
});

test("a restart is a new revision of the same, also where the template has a name of its own", async () => {
  far.service.template = { ...far.service.template, revision: "shop-v142" };
  const before = await deploys(DIGEST);
  expect(before).toBe("shop-v142");
  const drawn = await desk.does("restart");
  expect(drawn).toMatchObject({ risk: "low", title: "Restart shop (web)" });
  const { release, releases } = await desk.sees();
  expect([release === before, releases.length]).toEqual([false, 4]);
  expect(releases[0]).toMatchObject({ createdBy: ACCOUNT, summary: "web@sha256:0123456789ab" });
});

describe("a size", () => {
  test("is the least where Cloud Run adds more, and exact where it is told so", async () => {
    far.scales({ minInstanceCount: 1, maxInstanceCount: 10 });
    await far.settles();
    const least = await desk.does("scale", { sizes: { instances: 3 } });
    expect(least).toMatchObject({ title: "Scale shop instances 1 → 3", undo: { action: "scale" } });
    expect(least.reasons[0]).toBe("So many run at the least; with traffic Cloud Run adds more, 10 at most");
    expect(far.service.scaling).toEqual({ minInstanceCount: 3, maxInstanceCount: 10 });
    expect((await desk.apply(await desk.plan("scale", { sizes: { instances: 11 } }))).outcome).toEqual({
      kind: "refused",
      reason: "Google says: scaling.min_instance_count may not exceed scaling.max_instance_count.",
    });
    await desk.does("scale", least.undo?.arguments);

    far.scales({ scalingMode: "MANUAL", manualInstanceCount: 4 });
    await far.settles();
    const exact = await desk.does("scale", { sizes: { instances: 2 } });
    expect(exact).toMatchObject({ title: "Scale shop instances 4 → 2", risk: "low" });
    expect(far.service.scaling).toEqual({ scalingMode: "MANUAL", manualInstanceCount: 2 });
    expect((await desk.plan("scale", { sizes: { instances: 0 } })).reasons.join()).toContain("switched off");
    expect(far.service.revisions).toHaveLength(2);
  });
});

test("whoever was faster is not written over: the etag decides", async () => {
  const [mine, other] = [await desk.plan("rollback"), await desk.plan("scale", { sizes: { instances: 2 } })];
  far.server.changes("stalls before");
  const late = desk.apply(mine);
  await expect.poll(() => far.server.isHolding()).toBe(true);
  await desk.apply(other);
  far.server.release();
  expect(await late).toMatchObject({
    outcome: { kind: "refused", reason: "Google says that it changed meanwhile" },
    verdict: { kind: "differs", seen: "somebody else changed it" },
  });
});

describe("rights", () => {
  test("the role in the document is enough, and nothing of it is too much", async () => {
    const page = await readFile(new URL("../docs/providers/google.md", import.meta.url), "utf8");
    const role = /--permissions (run\S+)/.exec(page)?.[1]?.split(",") ?? [];
    expect(page).toContain("--role roles/iam.serviceAccountUser");
    desk.as(far.account(ACCOUNT, [...role, "iam.serviceAccounts.actAs"]));
    await desk.does("rollback");
    await desk.does("rollback", { release: "latest" });
    await desk.does("restart");
    await desk.does("scale", { sizes: { instances: 1 } });
    expect(await desk.standing()).toEqual({ identity: ACCOUNT, missing: [] });
    expect([...far.demanded].toSorted()).toEqual([...role, "iam.serviceAccounts.actAs"].toSorted());
  });

  test.each([
    ["run.services.update", "run.services.update (for every action)"],
    ["run.revisions.list", "run.revisions.list (for rollback)"],
    ["run.services.get", "run.services.get (for seeing it)"],
  ])("without %s that is said", async (permission, missing) => {
    const all = ["run.services.get", "run.services.update", "run.revisions.list"];
    desk.as(
      far.account(
        ACCOUNT,
        all.filter((each) => each !== permission),
      ),
    );
    expect(await desk.standing()).toEqual({ identity: ACCOUNT, missing: [missing] });
  });

  test("a change that is not allowed is refused in Google's words", async () => {
    desk.as(far.account(ACCOUNT, ["run.services.get", "run.services.update", "run.revisions.list"]));
    expect((await desk.apply(await desk.plan("rollback"))).outcome).toMatchObject({
      kind: "refused",
      reason: /^Google says: Permission 'iam\.serviceAccounts\.actAs' denied/,
    });
  });
});

describe("credentials", () => {
  test("that are none, or not for Google, are told without what they say", async () => {
    for (const wrong of ["not JSON", '{"type":"service_account"}', "{}"]) {
      desk.as(wrong);
      await expect(desk.sees()).rejects.toThrow(/^(The credentials for Google are not|Google does not accept the)/);
    }
    desk.as(far.account(ACCOUNT).replace(/"private_key":"[^"]+"/, '"private_key":"-----BEGIN secret"'));
    await expect(desk.sees()).rejects.toThrow("Google does not accept the credentials.");
  });

  test("that are exchanged are used from then on; a token is asked for once", async () => {
    await desk.sees();
    desk.as(far.account("other@acme-shop.iam.gserviceaccount.com"));
    await desk.does("rollback");
    expect(far.effects.map(({ user }) => user)).toEqual(["other@acme-shop.iam.gserviceaccount.com"]);
  });

  test("are those of the machine where none are named", async () => {
    const before = { ...process.env };
    const metadata = await openJsonServer({
      answer({ url, headers }) {
        const isAsked = headers["metadata-flavor"] === "Google";
        const isToken = url.pathname.endsWith("/token");
        const body = isToken ? { access_token: "ya29.machine", expires_in: 3_599, token_type: "Bearer" } : ACCOUNT;
        return { status: isAsked ? 200 : 403, body, headers: { "metadata-flavor": "Google" } };
      },
      isChange: () => false,
      says: () => ({}),
    });
    Object.assign(process.env, {
      GCE_METADATA_HOST: new URL(metadata.url).host,
      METADATA_SERVER_DETECTION: "assume-present",
      GOOGLE_APPLICATION_CREDENTIALS: "",
      HOME: "/nonexistent",
    });
    try {
      expect(await headersOf(undefined, AbortSignal.timeout(20_000))).toEqual({ authorization: "Bearer ya29.machine" });
      expect(await accountOf(undefined, AbortSignal.timeout(20_000))).toBe(ACCOUNT);
    } finally {
      process.env = before;
      await metadata.close();
    }
  });
});
