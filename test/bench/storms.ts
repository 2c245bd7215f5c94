import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { freePort } from "../support/free-port.ts";
import { openSlack, type Slack } from "../support/slack.ts";
import { until } from "../support/until.ts";
import { SECRET, startDaytwo, type Contestant } from "./contestant.ts";
import type { World } from "./world.ts";

/** Storms of alerts, and those who take them. */

export type Storm = {
  readonly alerts: number;
  /** What they are named after: alerts of one kind are one item. */
  readonly kinds: number;
  /** How many go with one request. */
  readonly batch: number;
  readonly connections: number;
};

export const LASTING = 3_600_000; // ms

/** The requests of one storm; `mark` tells its alerts from another's. */
export function alertRequests({ alerts, kinds, batch }: Storm, mark: string, endsIn: number): Buffer[] {
  const endsAt = new Date(Date.now() + endsIn).toISOString();
  return Array.from({ length: Math.ceil(alerts / batch) }, (_, at) => {
    const body = Array.from({ length: batch }, (_each, index) => {
      const n = at * batch + index;
      const labels = { alertname: `${mark}${n % kinds}`, instance: `i${n}`, severity: "warning", zone: "eu-west-1a" };
      const annotations = { summary: `request ${n} takes long`, description: "p99 is above the limit of 1 s" };
      return { labels, annotations, startsAt: "2026-11-30T00:00:00Z", endsAt, generatorURL: "http://prom/graph" };
    });
    const text = JSON.stringify(body);
    const head = `POST /api/v2/alerts HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer ${SECRET}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n`;
    return Buffer.from(head + text);
  });
}

export type Taking = {
  readonly daytwo: Contestant;
  readonly db: Client;
  readonly url: string;
  readonly slack: Slack;
};

/** A Daytwo that takes alerts, its database and its workspace; all are gone at the end. `more` stands in its catalog, too. */
export async function withDaytwo<Result>(
  world: World,
  work: (taking: Taking) => Promise<Result>,
  more = "",
): Promise<Result> {
  await using slack = await openSlack({ botToken: "xoxb-bench", signingSecret: SECRET });
  const folder = await mkdtemp(join(tmpdir(), "daytwo-bench-"));
  const catalog = join(folder, "daytwo.yaml");
  await writeFile(catalog, `alerts: { bench: { format: alertmanager, secret: { env: BENCH_SECRET } } }\n${more}\n`);
  const url = await world.database();
  const settings = { DATABASE_URL: url, REDIS_URL: world.redis.url, DAYTWO_CATALOG: catalog, BENCH_SECRET: SECRET };
  const db = new Client({ connectionString: url, options: "-c search_path=daytwo" });
  await db.connect();
  const daytwo = await startDaytwo(settings, slack.apiUrl);
  try {
    return await work({ daytwo, db, url, slack });
  } finally {
    await daytwo.kill();
    await db.end();
    await world.forget();
    await rm(folder, { recursive: true, force: true });
  }
}

const ALERTMANAGER = "/usr/bin/prometheus-alertmanager";
export const hasAlertmanager = existsSync(ALERTMANAGER);

/** An Alertmanager with this configuration; gone at the end. */
export async function withAlertmanager<Result>(
  configuration: string,
  work: (server: { readonly pid: number; readonly port: number }) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "daytwo-bench-"));
  const port = await freePort();
  await writeFile(join(folder, "alertmanager.yml"), configuration);
  const flags = [
    "--config.file=alertmanager.yml",
    "--storage.path=data",
    "--cluster.listen-address=",
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const server = spawn(ALERTMANAGER, flags, { cwd: folder, stdio: "ignore" });
  const ended = once(server, "exit");
  try {
    await until("Alertmanager to be ready", () =>
      fetch(`http://127.0.0.1:${port}/-/ready`)
        .then(({ ok }) => ok)
        .catch(() => false),
    );
    return await work({ pid: server.pid ?? 0, port });
  } finally {
    server.kill("SIGKILL");
    await ended;
    await rm(folder, { recursive: true, force: true });
  }
}
