import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { PROVIDERS } from "../src/providers/index.ts";
import {
  openAwsDatabaseFarSide,
  openAwsFarSide,
  openAwsGroupFarSide,
  openAwsUpdateFarSide,
} from "./support/aws-far-side.ts";
import {
  openCloud66FarSide,
  openCloud66ImagesFarSide,
  openCloud66MaintenanceFarSide,
} from "./support/cloud66-far-side.ts";
import { conforms } from "./support/conformance.ts";
import type { Conforming } from "./support/far-side.ts";
import {
  openGoogleDatabaseFarSide,
  openGoogleFarSide,
  openGoogleGroupFarSide,
  openGoogleRestartFarSide,
} from "./support/google-far-side.ts";
import { openHerokuBackupFarSide, openHerokuFarSide } from "./support/heroku-far-side.ts";
import { openKubernetesCertificateFarSide, openKubernetesFarSide } from "./support/kubernetes-far-side.ts";
import { openLocalFarSide } from "./support/local-far-side.ts";
import { openPostgresFarSide } from "./support/postgres-far-side.ts";
import { openSshFarSide } from "./support/ssh-far-side.ts";
import { whyNoSshd } from "./support/sshd.ts";

/** Every provider there is, each with the system that it talks to. */
const ALL: readonly Conforming[] = [
  // AWS compares nothing, and says 400 for most of what it does not do; what else it answers means what it says.
  { name: "aws", open: openAwsFarSide, compares: false },
  { name: "aws databases", open: openAwsDatabaseFarSide, compares: false, adds: true },
  { name: "aws updates", open: openAwsUpdateFarSide, compares: false },
  { name: "aws groups", open: openAwsGroupFarSide, compares: false },
  // By a 503 it says in words that there were too many requests.
  { name: "cloud66", open: () => openCloud66FarSide(), compares: false, answers: { 503: "later" } },
  { name: "cloud66 images", open: openCloud66ImagesFarSide, compares: false, answers: { 503: "later" } },
  { name: "cloud66 maintenance", open: openCloud66MaintenanceFarSide, compares: false, answers: { 503: "later" } },
  { name: "google", open: openGoogleFarSide },
  // A group tries again for ever.
  { name: "google groups", open: openGoogleGroupFarSide, tellsFailure: false },
  // A backup is known again once it is there, and not by the request.
  { name: "google databases", open: openGoogleDatabaseFarSide, compares: false, adds: true },
  // What is seen of a restart is one since the plan, whoever asked for it.
  { name: "google restarts", open: openGoogleRestartFarSide, compares: false },
  { name: "heroku", open: openHerokuFarSide, compares: false },
  { name: "heroku backups", open: openHerokuBackupFarSide, compares: false, adds: true },
  // By a 409, or a 422 to a list of operations, nothing was done: it reads again, finds that nothing that matters has
  // changed, and sends it anew.
  { name: "kubernetes", open: openKubernetesFarSide, answers: { 409: "done", 422: "done" } },
  { name: "kubernetes certificates", open: openKubernetesCertificateFarSide, answers: { 409: "done" } },
  { name: "local", open: openLocalFarSide },
  // Each status stands for what goes wrong in its place with a database. What another operation works on is worth another
  // try; when, the server does not say, nor does it keep who was told to end.
  {
    name: "postgres",
    open: openPostgresFarSide,
    answers: { 409: "later" },
    saysWhen: false,
    remembers: false,
  },
  // Each status stands for what goes wrong in its place on a host: the far side has the table.
  { name: "ssh", open: openSshFarSide },
];

test("no provider is in the catalog that is not held against what all promise", () => {
  const held = ALL.map(({ name }) => name.split(" ")[0]);
  expect([...new Set(held)]).toEqual(PROVIDERS.map(({ name }) => name));
});

test.each(PROVIDERS)(
  "what $name can and cannot do is said of each action, and the same on its page",
  async (provider) => {
    const { actions, about, name } = provider;
    expect(Object.keys(about.does).toSorted()).toEqual(actions.toSorted());
    const page = await readFile(new URL(`../docs/providers/${name}.md`, import.meta.url), "utf8").catch(() => null);
    const said = page?.replaceAll(/\s+/g, " ") ?? null;
    const sentences = [...Object.values(about.does), `It cannot ${about.cannot.join(", ")}.`, about.keeps.join(", ")];
    expect(said === null ? [] : sentences.filter((each) => !said.includes(each))).toEqual([]);
  },
);

/** All; but for what is not on a machine where nobody says that nothing may be skipped. */
const HERE = ALL.filter(({ name }) => name !== "ssh" || whyNoSshd === "");

describe.each(HERE)("$name", (each) => {
  conforms(each);
});
