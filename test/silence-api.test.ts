import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import type { AlertSource } from "../src/domain/alert-source.ts";
import { hashOf } from "../src/domain/routing.ts";
import { Invalid, Unavailable } from "../src/errors.ts";
import { redacted } from "../src/redaction.ts";
import { identityOf } from "../src/alert-formats/read.ts";
import { openSilenceApi, type SilenceApi } from "../src/alerts/silence-api.ts";
import { GRAFANA_TOKEN, openGrafana, type Grafana } from "./support/grafana.ts";

/** The API for silences: as Grafana has it, and whatever else may answer at an address. */

let grafana: Grafana;
let api: SilenceApi;

beforeAll(async () => {
  vi.stubEnv("GRAFANA_API", `${GRAFANA_TOKEN}\n`);
  grafana = await openGrafana();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await grafana.close();
});
beforeEach(async () => {
  grafana.firing.length = 0;
  grafana.silences.length = 0;
  api = await opened({ url: grafana.url, credential: { env: "GRAFANA_API" } });
});

function opened(at: AlertSource["api"], format: AlertSource["format"] = "grafana", ms = 5_000): Promise<SilenceApi> {
  return openSilenceApi({ key: "graf", format, api: at }, AbortSignal.timeout(ms));
}

const ASKED = {
  matchers: { alertname: 'Disk "C:\\" full\n', service: "shop", team: "" },
  startsAt: new Date("2026-11-30T02:00:00Z"),
  endsAt: new Date("2026-11-30T04:00:00Z"),
  by: "Ana (Daytwo)",
  comment: "known (#7, 0b7c)",
};

test("Grafana takes a silence, lists it by its token, ends it once, and says what fires all the same", async () => {
  const labels = { alertname: 'Disk "C:\\" full\n', service: "shop", disk: "C" };
  grafana.firing.push(
    { ...labels, __alert_rule_uid__: "ffk31" },
    { ...labels, team: "web" },
    { alertname: "Other", service: "shop" },
  );
  await api.silence(ASKED);
  await api.silence({ ...ASKED, comment: "of somebody else" });
  const [made, ...others] = await api.standing("0b7c");
  expect([made?.isOver, others]).toEqual([false, []]);
  expect(await api.firing([ASKED.matchers])).toEqual(new Set([hashOf(identityOf(labels))]));
  await api.end(made?.id ?? "");
  expect((await api.standing("0b7c")).map(({ isOver }) => isOver)).toEqual([true]);
  expect(grafana.silences.map(({ state }) => state)).toEqual(["expired", "active"]);
});

/** What comes of asking for its silences. */
async function problemOf(asking: Promise<SilenceApi>): Promise<string> {
  try {
    await (await asking).standing("0b7c");
    return "none";
  } catch (error) {
    if (!(error instanceof Invalid || error instanceof Unavailable)) throw error;
    return `${error.name}: ${error.message.replaceAll(GRAFANA_TOKEN, "LEAKED")}`;
  }
}

describe("what goes wrong", () => {
  test("is told apart: what is refused stays so, what is busy or gone may be asked again", async () => {
    expect(await problemOf(opened({ url: grafana.url }))).toBe("Invalid: Unauthorized.");
    const answers = [
      [404, "Invalid: Said 404."],
      [429, "Unavailable: The Grafana of graf is busy. Said 429."],
      [500, "Unavailable: The Grafana of graf answered 500. Said 500."],
      [
        302,
        "Invalid: The Grafana of graf answered 302, which leads elsewhere: see whether `url` of its `api` is right.",
      ],
    ] as const;
    for (const [status, said] of answers) {
      grafana.looks({ status });
      expect(await problemOf(Promise.resolve(api))).toBe(said);
    }
    grafana.looks("truncates");
    expect(await problemOf(Promise.resolve(api))).toMatch(/^Invalid: .* none of its API/);
    grafana.looks("breaks before");
    expect(await problemOf(Promise.resolve(api))).toBe(
      "Unavailable: The Grafana of graf does not answer: the connection was cut.",
    );
    expect(await problemOf(opened({ url: "http://127.0.0.1:9" }))).toMatch(/^Unavailable: .*connection refused/);
    expect(await problemOf(opened({ url: grafana.url, credential: { env: "GRAFANA_NONE" } }))).toBe(
      "Invalid: The environment variable GRAFANA_NONE is not set.",
    );
    expect(await problemOf(opened(undefined))).toContain("no `api` for `alerts.graf`");
  });

  test("slowness ends with the time that a round has", async () => {
    grafana.looks("stalls before");
    const slow = await opened({ url: grafana.url, credential: { env: "GRAFANA_API" } }, "grafana", 200);
    expect(await problemOf(Promise.resolve(slow))).toMatch(/^Unavailable: The Grafana of graf does not answer/);
    grafana.release();
  });

  /** A server that is none of what the catalog says. */
  async function serving(answer: (response: ServerResponse, authorization: string) => void): Promise<string> {
    const server = createServer(({ headers }, response) => answer(response, headers.authorization ?? ""));
    await once(server.listen(0, "127.0.0.1"), "listening");
    onTestFinished(() => void server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/am`;
  }

  test.each([
    ["a page", "<html><title>Sign in</title></html>"],
    ["a list of something else", '[{"id":1}]'],
    ["nothing", ""],
    ["a number", "7"],
  ])("%s is none of its API", async (_what, body) => {
    const url = await serving((response) => response.end(body));
    expect(await problemOf(opened({ url }, "alertmanager"))).toBe(
      "Invalid: The Alertmanager of graf gave an answer that is none of its API: see whether `url` of its `api` is right.",
    );
  });

  test("what it says is shown without the secrets that it may repeat", async () => {
    const url = await serving((response, authorization) =>
      response.writeHead(403, { "content-type": "application/json" }).end(JSON.stringify(`no: ${authorization}`)),
    );
    const said = await problemOf(opened({ url, credential: { env: "GRAFANA_API" }, user: "daytwo" }, "alertmanager"));
    const pair = Buffer.from(`daytwo:${GRAFANA_TOKEN}`).toString("base64");
    expect(said).toMatch(/^Invalid: No: Basic /);
    expect(said).not.toContain(pair);
    expect(redacted(`x ${pair}`)).not.toContain(pair);
  });
});
