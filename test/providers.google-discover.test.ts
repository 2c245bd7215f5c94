import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Found } from "../src/domain/discovered.ts";
import { google } from "../src/providers/google/index.ts";
import { ACCOUNT } from "./support/google-desk.ts";
import { openGoogle, type TestGoogle } from "./support/google/index.ts";

/** What runs in a project, whether the catalog names it or not. */

const KEY = "GOOGLE_DISCOVERY";
const IN = "projects/acme-shop";

let far: TestGoogle;

beforeAll(async () => {
  far = await openGoogle();
  far.runs(`${IN}/locations/us-central1/services/mailer`, { team: "web", application: "shop" });
  far.runs(`${IN}/locations/us-central1/services/shop`);
  far.runs(`${IN}/locations/global/services/everywhere`);
  far.runs(`${IN}/regions/europe-west1/instanceGroupManagers/queue`, { owner: "ana", team: "web" });
  far.runs(`${IN}/zones/europe-west1-b/instanceGroupManagers/gke-prod-default-pool-1a2b3c4d-grp`);
  far.runs(`${IN}/zones/us-central1-ai1a/instanceGroupManagers/workers`);
  far.runs(`${IN}/instances/ledger`, { team: "pay", application: "shop" });
  far.runs("projects/acme-blog/locations/us-central1/services/blog");
});
beforeEach(() => {
  process.env[KEY] = far.account(ACCOUNT);
  far.off.clear();
  far.unreached.clear();
});
afterAll(async () => {
  delete process.env[KEY];
  await far.close();
});

function place() {
  return { project: "acme-shop", credentials: { env: KEY }, api: far.all.url };
}
async function finds(): Promise<readonly Found[]> {
  return google.discovery?.list(place(), AbortSignal.timeout(20_000)) ?? [];
}

test("services of all regions, groups of all zones and databases are found, page by page, with what their labels say", async () => {
  expect(await finds()).toEqual([
    { name: "ledger", settings: { ...place(), database: "ledger" }, checks: ["updates"], partOf: "shop", owner: "pay" },
    {
      name: "mailer",
      settings: { ...place(), region: "us-central1", service: "mailer" },
      partOf: "shop",
      owner: "web",
    },
    { name: "queue", settings: { ...place(), region: "europe-west1", group: "queue" }, owner: "ana" },
    { name: "shop", settings: { ...place(), region: "europe-west1", service: "shop" } },
    { name: "shop", settings: { ...place(), region: "us-central1", service: "shop" } },
    { name: "shop", settings: { ...place(), zone: "europe-west1-b", group: "shop" } },
    { name: "shop-db", settings: { ...place(), database: "shop-db" }, checks: ["updates"] },
    { name: "workers", settings: { ...place(), zone: "us-central1-ai1a", group: "workers" } },
  ]);
});

test("the same name elsewhere, or of another kind, is something else; who asks makes no difference", async () => {
  const written = { project: "acme-shop", region: "us-central1", service: "shop" };
  const same = (await finds()).filter(({ settings }) => google.discovery?.isSame(written, settings));
  expect(same.map(({ settings }) => settings)).toEqual([{ ...place(), region: "us-central1", service: "shop" }]);
  expect(google.discovery?.isSame(written, { ...written, project: "acme-blog" })).toBe(false);
});

test("an API that is switched off runs nothing; a region that is not reached is no empty one", async () => {
  for (const api of ["compute", "sqladmin"]) far.off.add(`${api}.googleapis.com`);
  expect((await finds()).map(({ name }) => name)).toEqual(["mailer", "shop", "shop"]);
  far.unreached.add("us-central1");
  await expect(finds()).rejects.toThrow("Google does not reach us-central1 at the moment.");
  far.off.delete("sqladmin.googleapis.com");
  far.off.add("run.googleapis.com");
  await expect(finds()).rejects.toThrow("Google does not reach us-central1 at the moment.");
});

test("the role in the document is enough, and each part of it is needed", async () => {
  const page = await readFile(new URL("../docs/providers/google.md", import.meta.url), "utf8");
  const role = /create daytwoDiscover[^`]*?--permissions (\S+)/.exec(page)?.[1]?.split(",") ?? [];
  process.env[KEY] = far.account(ACCOUNT, role);
  await finds();
  expect([...far.demanded].toSorted()).toEqual(role.toSorted());
  for (const missing of role) {
    process.env[KEY] = far.account(
      ACCOUNT,
      role.filter((each) => each !== missing),
    );
    await expect(finds()).rejects.toThrow(
      `Google says: Permission '${missing}' denied on resource 'projects/acme-shop'`,
    );
  }
});

test("what this process has by itself goes to no other address", async () => {
  const elsewhere = { project: "acme-shop", api: far.all.url };
  await expect(google.discovery?.list(elsewhere, AbortSignal.timeout(20_000))).rejects.toThrow("Name `credentials`");
});
