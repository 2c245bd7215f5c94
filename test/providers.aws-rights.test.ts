import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readCatalog } from "../src/catalog.ts";
import { CHECKS } from "../src/checks/index.ts";
import { examineTargets } from "../src/cli/doctor/targets.ts";
import { readConfig } from "../src/config.ts";
import type { Target } from "../src/domain/catalog.ts";
import { redacted } from "../src/redaction.ts";
import { aws } from "../src/providers/aws/index.ts";
import { PROVIDERS } from "../src/providers/index.ts";
import { openDesk, SERVICE, type Desk } from "./support/aws-desk.ts";

/** As whom AWS is asked, and what that takes. */

const ARN = "arn:aws:iam::123456789012:user/daytwo";

const NAMES = {
  service: undefined,
  group: { group: "shop-workers" },
  database: { database: "shop-db" },
} as const;
const SIZES = { service: { web: 3 }, group: { web: 3 }, database: { storage: 200 } };

let desk: Desk;

beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.close());

describe("rights", () => {
  test("the policy in the document is enough, and nothing in it is too much", async () => {
    const actions = await documented("service");
    await desk.as("daytwo", actions);
    const service = await desk.account.runs(SERVICE);
    await desk.deploys(141);
    expect(await desk.standing()).toEqual({ identity: ARN, missing: [] });
    await desk.does("rollback");
    await desk.does("restart");
    await desk.does("scale", { sizes: { web: 3 } });
    desk.account.crashes("shop-web:142");
    desk.account.deploys(SERVICE, 142);
    await expect.poll(async () => (await desk.sees()).problem).toBeDefined();
    await desk.does("rollback", { release: "v140" });
    service.bounds = { min: 1, max: 3, demand: null };
    await desk.does("scale", { sizes: { web: 2 } });
    const { service: _, ...place } = desk.target().settings as Record<string, unknown>;
    expect(await aws.discovery?.list(place, AbortSignal.timeout(20_000))).toMatchObject([{ name: SERVICE }]);
    // Who we are everybody may ask; that task definitions hand roles on is no call of ours.
    const called = [...desk.account.called].filter((action) => action !== "sts:GetCallerIdentity");
    expect(called.toSorted()).toEqual(actions.filter((action) => action !== "iam:PassRole").toSorted());
  });

  test("of a group likewise: what looking takes doctor tells, and nothing is too much", async () => {
    await desk.close();
    desk = await openDesk({ group: "shop-workers" });
    const actions = await documented("group");
    const group = await desk.account.groups("shop-workers", { version: "11" });
    desk.account.refreshes("shop-workers", "12");
    await desk.account.settles();
    await desk.as("daytwo", actions);
    expect(await desk.standing()).toEqual({ identity: ARN, missing: [] });
    await desk.does("scale", { sizes: { web: 3 } });
    await desk.does("scale", { sizes: { web: 4, "web.max": 4 } });
    await desk.does("restart");
    desk.account.refreshes("shop-workers", "11");
    await desk.account.settles();
    await desk.does("rollback", { release: "12" });
    const [first] = group.instances;
    if (first !== undefined) first.isProtected = true;
    desk.account.refreshes("shop-workers", "13");
    await desk.does("rollback");
    const called = [...desk.account.called].filter((action) => action !== "sts:GetCallerIdentity");
    expect(called.toSorted()).toEqual(actions.filter((action) => action !== "iam:PassRole").toSorted());

    const looks = actions.filter((action) => action.includes(":Describe"));
    for (const [index, left] of looks.entries()) {
      await desk.as("daytwo", looks.toSpliced(index, 1));
      expect((await desk.standing()).missing.join()).toMatch(new RegExp(`^${left} \\(for `));
    }
    await desk.as("daytwo", looks);
    expect((await desk.apply(await desk.plan("restart"))).outcome).toMatchObject({
      kind: "refused",
      reason: /not authorized to perform: autoscaling:StartInstanceRefresh/,
    });
  });

  test("and of a database", async () => {
    await desk.close();
    desk = await openDesk({ database: "shop-db" });
    desk.account.database("shop-db", { maintenance: [{ action: "system-update" }] });
    const actions = await documented("database");
    await desk.as("daytwo", actions);
    expect(await desk.standing()).toEqual({ identity: ARN, missing: [] });
    await desk.does("scale", { sizes: { storage: 200 } });
    await expect.poll(async () => (await desk.sees()).facts["Status"]).toBe("available");
    await desk.does("backup");
    await desk.does("patch");
    const called = [...desk.account.called].filter((action) => action !== "sts:GetCallerIdentity");
    expect(called.toSorted()).toEqual(actions.toSorted());
    const looks = actions.filter((action) => action.includes(":Describe"));
    for (const [index, left] of looks.entries()) {
      await desk.as("daytwo", looks.toSpliced(index, 1));
      expect((await desk.standing()).missing.join()).toMatch(new RegExp(`^${left} \\(for `));
    }
  });

  test.each([
    ["service", "application-autoscaling:DescribeScalableTargets", "Autoscaler not seen", ["scale"], "rollback"],
    ["service", "ecs:ListServiceDeployments", "Releases not seen", ["rollback"], "restart"],
    ["service", "ecs:DescribeServiceDeployments", "Deployment not seen", ["rollback", "restart"], "scale"],
    ["group", "autoscaling:DescribePolicies", "Scaling policies not seen", ["scale"], "restart"],
    ["group", "autoscaling:DescribeInstanceRefreshes", "Instance refreshes not seen", ["rollback", "restart"], "scale"],
    ["database", "rds:DescribeDBSnapshots", "Snapshots not seen", ["backup"], "patch"],
    ["database", "rds:DescribePendingMaintenanceActions", "Pending maintenance not seen", ["patch"], "backup"],
  ] as const)(
    "of a %s: without %s all else is seen, and only what rests on it is refused",
    async (kind, left, label, not, still) => {
      await desk.close();
      desk = await openDesk(NAMES[kind]);
      await desk.account.runs(SERVICE);
      await desk.deploys(141);
      await desk.account.groups("shop-workers", { version: "11" });
      desk.account.database("shop-db", { maintenance: [{ action: "system-update" }] });
      await desk.as(
        "daytwo",
        (await documented(kind)).filter((action) => action !== left),
      );
      const seen = await desk.sees();
      expect(seen).toMatchObject({ health: "ok", facts: { [label]: expect.stringMatching(`^AWS says: .*${left}`) } });
      const given = { sizes: SIZES[kind] };
      for (const action of not)
        await expect(desk.plan(action, given)).rejects.toThrow(`without seeing all that matters. ${label}: AWS says`);
      await desk.does(still, still === "scale" ? given : {});
    },
  );

  test("a restart that ECS took back is never told as done, also where its deployment is seen no more", async () => {
    await desk.close();
    desk = await openDesk(NAMES.service);
    await desk.account.runs(SERVICE, { breaker: { after: 3, rollback: true } });
    await desk.deploys(141);
    const all = await documented("service");
    await desk.as("daytwo", all);
    const drawn = await desk.plan("restart");
    desk.account.crashes("shop-web:141");
    expect((await desk.apply(drawn)).outcome.kind).toBe("failed");
    await desk.as(
      "daytwo",
      all.filter((action) => action !== "ecs:DescribeServiceDeployments"),
    );
    const use = { token: "step-1", signal: AbortSignal.timeout(30_000) };
    await expect(aws.verify(desk.target(), drawn, use)).rejects.toThrow("Deployment not seen: AWS says");
  });

  test("nobody tells of backups and updates that are not seen", async () => {
    await desk.close();
    desk = await openDesk(NAMES.database);
    desk.account.database("shop-db");
    await desk.as("daytwo", ["rds:DescribeDBInstances"]);
    const { backups, updates, updatesUnseen, facts } = await desk.sees();
    expect([backups, updates]).toEqual([undefined, undefined]);
    expect([updatesUnseen, facts["Last snapshot"]]).toEqual([facts["Pending maintenance not seen"], undefined]);
  });

  test("what of looking is missing doctor tells; what may not be changed is refused with AWS' own words", async () => {
    const actions = await documented("service");
    await desk.account.runs(SERVICE);
    // Why tasks stop and what runs beside it is worth knowing, and no reason to complain.
    const looks = actions.filter((action) => /:(Describe|List)(?!Tasks|Services$)|:DescribeServices$/.test(action));
    for (const [index, left] of looks.entries()) {
      await desk.as("daytwo", looks.toSpliced(index, 1));
      expect((await desk.standing()).missing.join()).toMatch(new RegExp(`^${left} \\(for `));
    }
    await desk.as("daytwo", looks);
    expect(await desk.standing()).toEqual({ identity: ARN, missing: [] });
    expect((await desk.apply(await desk.plan("restart"))).outcome).toMatchObject({
      kind: "refused",
      reason: /^AWS says: User: .* is not authorized to perform: ecs:UpdateService/,
    });
    await desk.as("daytwo", looks.slice(1));
    const patient = { config: readConfig({}), catalog: catalogOf(desk.target()) };
    expect([...(await examineTargets(patient, AbortSignal.timeout(20_000)))]).toMatchObject([{ verdict: "ill" }]);
  });
});

describe("credentials", () => {
  test("a role is assumed, once for as long as it lasts; its session is kept out of what is said", async () => {
    await desk.account.runs(SERVICE);
    const role = desk.account.role("daytwo-ecs");
    const target = desk.target({ role });
    const identity = "arn:aws:sts::123456789012:assumed-role/daytwo-ecs/daytwo";
    expect(await desk.standing(target)).toEqual({ identity, missing: [] });
    await desk.does("restart", {}, target);
    expect(desk.account.sessions).toHaveLength(1);
    const [session = { secret: "", token: "" }] = desk.account.sessions;
    expect(redacted(`${session.secret} ${session.token}`)).toBe("[redacted] [redacted]");

    const short = desk.target({ role: desk.account.role("daytwo-short", null, 60_000) });
    await desk.sees(short);
    await desk.sees(short);
    expect(desk.account.sessions.length).toBeGreaterThan(2);
    await expect(desk.sees(desk.target({ role: `${role}-other` }))).rejects.toThrow(
      /^AWS says: User: .* sts:AssumeRole/,
    );
  });

  test("are found as AWS' own programs find them, and anew when a file was written anew", async () => {
    await desk.account.runs(SERVICE);
    const { service, cluster, region, endpoint } = desk.target().settings as Record<string, string>;
    const target = { ...desk.target(), settings: { service, cluster, region, endpoint } };
    const file = join(desk.home, "credentials");
    async function writes(profile: string, name: string): Promise<void> {
      const { id, secret } = desk.account.user(name);
      await writeFile(file, `[${profile}]\naws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`);
    }
    await inEnvironment({ AWS_SHARED_CREDENTIALS_FILE: file, AWS_CONFIG_FILE: join(desk.home, "none") }, async () => {
      await writes("default", "ana");
      expect((await desk.standing(target)).identity).toMatch(/user\/ana$/);
      await writes("ops", "ben");
      const ops = { ...target, settings: { ...target.settings, profile: "ops" } };
      expect((await desk.standing(ops)).identity).toMatch(/user\/ben$/);
      // The key is replaced, and the old one is gone.
      desk.account.forgets("ben");
      await writes("ops", "cleo");
      await expect(desk.sees(ops)).rejects.toThrow(
        "AWS does not accept the credentials (UnrecognizedClientException).",
      );
      expect((await desk.standing(ops)).identity).toMatch(/user\/cleo$/);
      const none = { ...target, settings: { ...target.settings, profile: "nobody" } };
      await expect(desk.sees(none)).rejects.toMatchObject({
        message: "The credentials for AWS could not be had.",
        hint: "`aws sts get-caller-identity --profile nobody` says why.",
      });
    });
  });

  test("a program that does not hand them out in time is not waited for", async () => {
    const config = join(desk.home, "config");
    const sleeps = `${process.execPath} -e "setTimeout(() => 0, 2000)"`;
    await writeFile(config, `[profile slow]\ncredential_process = ${sleeps}\n`);
    await inEnvironment({ AWS_CONFIG_FILE: config, AWS_SHARED_CREDENTIALS_FILE: join(desk.home, "none") }, async () => {
      const { access_key: _, secret_key: __, ...settings } = desk.target().settings as Record<string, unknown>;
      const slow = { ...desk.target(), settings: { ...settings, profile: "slow" } };
      await expect(aws.observe(slow, AbortSignal.timeout(50))).rejects.toThrow("not had in time");
    });
  });

  test("what AWS says of a signature, which repeats what was signed, is not passed on", async () => {
    await desk.account.runs(SERVICE);
    await writeFile(join(desk.home, "secret"), "another-secret");
    await expect(desk.sees()).rejects.toThrow(/^AWS does not accept the credentials \(InvalidSignatureException\)\.$/);
    await expect(desk.standing()).rejects.toThrow(/^AWS does not accept the credentials \(SignatureDoesNotMatch\)\.$/);
  });
});

async function inEnvironment(variables: Readonly<Record<string, string>>, work: () => Promise<void>): Promise<void> {
  const names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", ...Object.keys(variables)];
  const before = names.map((name) => [name, process.env[name]] as const);
  for (const name of names) delete process.env[name];
  Object.assign(process.env, variables, { AWS_EC2_METADATA_DISABLED: "true" });
  try {
    await work();
  } finally {
    for (const [name, value] of [...before, ["AWS_EC2_METADATA_DISABLED", undefined] as const])
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
  }
}

function catalogOf({ settings }: Target) {
  const target = JSON.stringify({ provider: "aws", ...(settings as object) });
  const read = readCatalog(`services: { shop: { targets: { web: ${target} } } }`, {
    checks: CHECKS,
    providers: PROVIDERS,
  });
  if (!("catalog" in read)) throw new Error(JSON.stringify(read));
  return read.catalog;
}

/** The actions of the policy that the document shows for a kind of target. */
async function documented(kind: (typeof KINDS)[number]): Promise<string[]> {
  const text = await readFile(new URL("../docs/providers/aws.md", import.meta.url), "utf8");
  const policies = [...text.matchAll(/```json\n(\{\s*"Version"[\s\S]*?)```/g)].map(([, block = "{}"]) => block);
  const { Statement: statements = [] } = JSON.parse(policies[KINDS.indexOf(kind)] ?? "{}") as {
    Statement?: { Action: string | string[] }[];
  };
  return statements.flatMap(({ Action }) => Action);
}
const KINDS = ["service", "group", "database"] as const;
