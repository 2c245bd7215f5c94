import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { listAll } from "../src/providers/kubernetes/api.ts";
import { makeHome } from "./support/home.ts";
import { openJsonServer, type JsonServer } from "./support/json-server.ts";
import { Refusal } from "./support/kubernetes/object.ts";

/** Lists of a cluster, page by page: what a page continues may be too old by then. */

const TOO_OLD = "The provided continue parameter is too old to display a consistent list result.";

let home: string;
let server: JsonServer;
/** How many of the next second pages come too late; and the pages that were asked for. */
let late: number;
let asked: string[];

beforeEach(async () => {
  [late, asked] = [0, []];
  home = await makeHome("lists");
  server = await openJsonServer({
    answer({ url }) {
      const next = url.searchParams.get("continue") ?? "";
      asked.push(next);
      if (next === "") return { status: 200, body: { metadata: { continue: "more" }, items: ["a"] } };
      late -= 1;
      if (late >= 0) return { status: 410, body: new Refusal(410, "Expired", TOO_OLD).status };
      return { status: 200, body: { metadata: {}, items: ["b"] } };
    },
    isChange: () => false,
    says: () => null,
  });
  const config = {
    clusters: [{ name: "test", cluster: { server: server.url } }],
    users: [{ name: "test", user: {} }],
    contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
    "current-context": "test",
  };
  await writeFile(join(home, "config"), JSON.stringify(config));
});
afterEach(async () => {
  await server.close();
  await rm(home, { recursive: true, force: true });
});

function listed(): Promise<string[]> {
  const where = { kubeconfig: { file: join(home, "config") } };
  return listAll(where, { path: "/apis/apps/v1/deployments" }, z.string(), AbortSignal.timeout(60_000));
}

test("a list whose next page is too old is begun anew, and nothing is in it twice", async () => {
  late = 2;
  expect(await listed()).toEqual(["a", "b"]);
  expect(asked).toEqual(["", "more", "", "more", "", "more"]);
});

test("one that grows too old each time fails with the cluster's own words", async () => {
  late = 100;
  await expect(listed()).rejects.toThrow(`The cluster answered 410. The cluster says: ${TOO_OLD}`);
  expect(asked).toHaveLength(6);
});
