import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { withHistory } from "../src/domain/observation-history.ts";
import type { Plan } from "../src/domain/action.ts";
import type { Observation } from "../src/domain/observation.ts";
import { readImages, tagOf, writeImages } from "../src/providers/cloud66/images.ts";
import { cloud66 } from "../src/providers/cloud66/index.ts";
import { providerNamed } from "../src/providers/index.ts";
import { keepSecret } from "../src/redaction.ts";
import { redeploy } from "./support/cloud66/stack.ts";
import { openDesk, type Desk } from "./support/cloud66-desk.ts";
import { providerDesk } from "./support/provider-desk.ts";

/** Stacks of containers: no deployment says which images it brought, so that what ran is what was seen to run. */

let desk: Desk;
/** What is kept of a stack from look to look. */
let kept: Observation | null;

beforeEach(async () => {
  desk = await openDesk();
  kept = null;
});
afterEach(() => desk.close());

async function looks(): Promise<Observation> {
  kept = withHistory(kept, await desk.sees(), new Date());
  return kept;
}
function releases({ release, releases: all }: Observation): unknown {
  return [release, all.map((each) => each.release)];
}
async function goesBack(release?: string): Promise<Plan> {
  const target = desk.target();
  return cloud66.plan({ action: "rollback", arguments: { release }, target }, await looks());
}

describe("services of images", () => {
  beforeEach(() => desk.far.isOf("docker", { api: 1, web: 2, worker: 1 }, { web: "v1", worker: "v1" }));

  test("go back to the images that were seen to run, and forth again; the others are left alone", async () => {
    expect(releases(await looks())).toEqual(["web:v1+worker:v1", ["web:v1+worker:v1"]]);
    await desk.far.deploys("web:v2");
    expect(releases(await looks())).toEqual(["web:v2+worker:v1", ["web:v2+worker:v1", "web:v1+worker:v1"]]);
    expect(kept?.releases[0]).toMatchObject({ createdBy: "dana@example.com", summary: "deployment 102" });
    expect(await goesBack()).toMatchObject({
      title: "Roll back shop web:v2 → web:v1",
      changes: { release: ["web:v2+worker:v1", "web:v1+worker:v1"] },
      risk: "high",
      reasons: [
        "Deploys the image web:v1 anew",
        "It ran before (deployment 101); how well, and whether the registry still has it, cannot be seen",
        "Left as they are: api, worker",
        "Deploy hooks run again, with the environment variables of today",
        "The stack's configuration decides which images the next deployment of the whole stack brings",
        "Seen by what Cloud 66 begins after its action 1002",
      ],
      undo: { action: "rollback", arguments: { release: "web:v2+worker:v1" } },
    });
    desk.far.stack.commits.add("web:v1");
    await desk.does("rollback", { release: "web:v1+worker:v1" });
    expect(desk.far.effects).toMatchObject([{ what: "POST /deployments.json", body: { services: ["web:v1"] } }]);
    expect(releases(await looks())).toEqual(["web:v1+worker:v1", ["web:v2+worker:v1", "web:v1+worker:v1"]]);
    await expect(goesBack()).rejects.toThrow("Cloud 66 tells of no earlier images, and Daytwo has seen none run.");
  });

  test("go to an image that somebody names, seen before or not, and nowhere else", async () => {
    expect(await goesBack("worker:2026-11.1")).toMatchObject({
      title: "Roll back shop worker:v1 → worker:2026-11.1",
      reasons: expect.arrayContaining([expect.stringContaining("Daytwo has not seen worker:2026-11.1 run")]),
    });
    await expect(goesBack("v0")).rejects.toMatchObject({
      message: "There is no release v0 to go to.",
      hint: "Write services and the tags of their images, joined by +; now web:v1+worker:v1, and seen to run: web:v1+worker:v1.",
    });
    await expect(goesBack("web:v1")).rejects.toThrow("web:v1+worker:v1 is what runs now.");
    await expect(goesBack("api:5675fcd")).rejects.toThrow("api runs no image by a tag.");
    const { outcome } = await desk.apply(await desk.plan("rollback", { release: "web:v0" }));
    const reason = "deploy 1002 failed: Could not find image web:v0";
    expect(outcome).toEqual({ kind: "failed", reason });
  });

  test("whose deployment fails, or is under way, are nothing to go back to", async () => {
    await looks();
    desk.far.holdsBack(true);
    desk.far.stack.commits.add("web:v2");
    desk.far.stack.failing.add("web:v2");
    redeploy(desk.far.stack, ["web:v2"], "dana@example.com");
    await expect(goesBack()).rejects.toThrow("Not now: a deployment is queued.");
    const [web] = desk.far.stack.services.slice(1);
    if (web !== undefined) web.image_tag = "v2";
    for (const each of web?.containers ?? []) Object.assign(each, { image: "shop/web:v2" });
    expect(releases(await looks())).toEqual(["web:v2+worker:v1", ["web:v1+worker:v1"]]);
    desk.far.holdsBack(false);
    await desk.far.settles();
    expect(releases(await looks())).toEqual(["web:v2+worker:v1", ["web:v1+worker:v1"]]);
    expect(kept?.problem).toBe("deployment 102 failed, and web:v2+worker:v1 is live");
    expect(await goesBack()).toMatchObject({ changes: { release: ["web:v2+worker:v1", "web:v1+worker:v1"] } });
  });

  test("of services that have left the stack since are left out, which is said", async () => {
    await looks();
    await desk.far.deploys("web:v2");
    await looks();
    desk.far.stack.services.pop();
    expect(releases(await looks())).toEqual(["web:v2", ["web:v2", "web:v2+worker:v1", "web:v1+worker:v1"]]);
    const back = await goesBack();
    expect(back).toMatchObject({
      title: "Roll back shop web:v2 → web:v1",
      arguments: { release: "web:v1" },
      reasons: expect.arrayContaining([
        "It ran before (deployment 101); how well, and whether the registry still has it, cannot be seen",
        "No longer there, and not brought back: worker",
      ]),
    });
    expect(await goesBack("worker:v1+web:v1")).toEqual(back);
  });

  test("stay as they are where a service has come since", async () => {
    await looks();
    desk.far.isOf("docker", { mail: 1 }, { mail: "v9" });
    expect((await looks()).release).toBe("mail:v9+web:v1+worker:v1");
    await expect(goesBack()).rejects.toThrow("Daytwo has seen none run");
    await desk.far.deploys("web:v2");
    const { title, reasons } = await goesBack();
    expect(title).toBe("Roll back shop web:v2 → web:v1");
    expect(reasons.slice(1, 3)).toEqual([
      "It ran before (deployment 101); how well, and whether the registry still has it, cannot be seen",
      "Left as they are: api, mail, worker",
    ]);
    await desk.far.deploys("worker:v2");
    await looks();
    expect((await goesBack("web:v1")).reasons[1]).toMatch(/^It ran before; how well/);
  });

  test("are remembered for their stack only", async () => {
    await looks();
    const of = { ...(await desk.sees()), memory: { of: "another", takes: true }, releases: [] };
    expect(withHistory(kept, of, new Date()).releases).toEqual([]);
  });
});

test("services whose names read like a secret's are gone back all the same, and secrets are hidden beside them", async () => {
  const { far } = desk;
  const asUsed = providerDesk(providerNamed("cloud66"), desk.target);
  async function looked(): Promise<Observation> {
    kept = withHistory(kept, await asUsed.sees(), new Date());
    return kept;
  }
  far.isOf("docker", { "auth-token": 1, web: 2 }, { "auth-token": "v1.0", web: "v1" });
  await looked();
  await far.deploys("auth-token:v1.1");
  expect(releases(await looked())).toEqual([
    "auth-token:v1.1+web:v1",
    ["auth-token:v1.1+web:v1", "auth-token:v1.0+web:v1"],
  ]);
  const target = desk.target();
  const back = cloud66.plan({ action: "rollback", arguments: {}, target }, await looked());
  expect(back.title).toBe("Roll back shop auth-token:v1.1 → auth-token:v1.0");
  far.stack.commits.add("auth-token:v1.0");
  const { outcome, verdict } = await asUsed.apply(back);
  expect(outcome).toMatchObject({ kind: "done", summary: /^auth-token:v1\.0\+web:v1 is live, by deployment/ });
  expect(verdict).toMatchObject({ kind: "holds", seen: /^auth-token:v1\.0\+web:v1 is live, by deployment/ });

  keepSecret("v1-hunter2-hunter2");
  await far.deploys("auth-token:v1-hunter2-hunter2");
  expect((await looked()).release).toBe("auth-token:[redacted]");
});

test("services that are built from git are not gone back, with what to do instead", async () => {
  desk.far.isOf("kubernetes", { web: 2 });
  expect(await desk.sees()).toMatchObject({ releases: [], facts: { "Runs in": "containers (kubernetes)" } });
  await expect(desk.plan("rollback")).rejects.toMatchObject({
    message: expect.stringContaining("Cloud 66 does not say which commits it built"),
    hint: expect.stringContaining("cx redeploy --service"),
  });
});

test("what runs is what its containers were made from; where they do not say, the service's tag", async () => {
  desk.far.isOf("docker", { web: 2 }, { web: "v1" });
  const [web] = desk.far.stack.services;
  for (const image of ["shop/web:v2", "shop/web@sha256:0a1b"]) {
    for (const each of web?.containers ?? []) Object.assign(each, { image });
    expect((await desk.sees()).release).toBe(image.endsWith("v2") ? "web:v2" : "web:v1");
  }
  for (const odd of [7, ["v1"]]) {
    Object.assign(web ?? {}, { image_tag: odd });
    for (const each of web?.containers ?? []) Object.assign(each, { image: { tag: "v2" } });
    expect(await desk.sees()).toMatchObject({ health: "ok", sizes: [{ process: "web", healthy: 2 }] });
  }
});

test.each([
  ["shop/web:v1.2.3", "v1.2.3"],
  ["registry.example.com:5000/shop/web:v1", "v1"],
  ["registry.example.com:5000/shop/web", undefined],
  ["shop/web@sha256:0a1b2c", undefined],
  ["shop/web:v1@sha256:0a1b2c", undefined],
  ["sha256:0a1b2c", undefined], // of a container whose tag has moved on
  [":sha256:0a1b2c", undefined],
  ["", undefined],
])("the tag of %j is %j", (image, tag) => {
  expect(tagOf(image)).toBe(tag);
});

test("images are written in the order of their services, and read again", () => {
  const images = new Map([
    ["web", "v1.2.3"],
    ["api", "2026-11"],
  ]);
  expect(writeImages(images)).toBe("api:2026-11+web:v1.2.3");
  expect(readImages("api:2026-11+web:v1.2.3")).toEqual(images);
  for (const none of ["", "5675fcd", "web:", "web:v1+", "web:v1+web:v2", "web:v1,api:v2", "a b:v1"])
    expect(readImages(none)).toBeUndefined();
});
