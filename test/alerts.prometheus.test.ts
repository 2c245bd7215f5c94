import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { whyNoAlertmanager } from "./support/alertmanager.ts";
import { OVER_SOCKET, startBot, type TestBot } from "./support/bot.ts";
import { freePort } from "./support/free-port.ts";
import { pathOf, whyWithout, type Program } from "./support/real-programs.ts";
import type { Actor } from "./support/slack.ts";

/** A real Prometheus fires real rules into Daytwo: through a real Alertmanager, and straight. */

const why = whyWithout("prometheus") || whyNoAlertmanager;

process.env["PROM_THROUGH"] = "through-5ecret-23";
process.env["PROM_STRAIGHT"] = "straight-5ecret-24";

const CATALOG = `
people: { ana: { name: Ana, slack: U0ANA } }
services: { shop: { name: Shop, owner: ana, channel: "#shop", checks: { ownership: off } } }
alerts:
  through: { format: alertmanager, secret: { env: PROM_THROUGH } }
  straight: { format: alertmanager, secret: { env: PROM_STRAIGHT } }
`;

const RULES = `
groups:
  - name: shop
    interval: 1s
    rules:
      - alert: ManyErrors
        expr: shop_errors > 10
        labels: { service: shop, severity: critical }
        annotations: { summary: "{{ $value }} % of requests fail in {{ $labels.zone }}" }
`;

describe.skipIf(why !== "")(`Prometheus and Alertmanager${why}`, () => {
  let bot: TestBot;
  let ben: Actor;
  let folder: string;
  let exporter: Server;
  let servers: ChildProcess[] = [];
  let errors = 38;

  beforeAll(async () => {
    bot = await startBot(OVER_SOCKET[0], { catalog: CATALOG });
    ben = bot.slack.as("ben");
    folder = await mkdtemp(join(tmpdir(), "daytwo-prometheus-"));
    exporter = createServer((_request, response) => {
      response.end(`shop_errors{zone="a"} ${errors}\nshop_errors{zone="b"} ${errors}\n`);
    }).listen(0, "127.0.0.1");
    await once(exporter, "listening");
    const manager = await freePort();
    await writeFile(join(folder, "alertmanager.yml"), managerConfig(bot.bot.http.url));
    await writeFile(join(folder, "rules.yml"), RULES);
    await writeFile(
      join(folder, "prometheus.yml"),
      prometheusConfig(bot.bot.http.url, manager, (exporter.address() as AddressInfo).port),
    );
    servers = [
      start("prometheus-alertmanager", [
        "--config.file=alertmanager.yml",
        "--storage.path=am",
        `--web.listen-address=127.0.0.1:${manager}`,
        "--cluster.listen-address=",
      ]),
      start("prometheus", [
        "--config.file=prometheus.yml",
        "--storage.tsdb.path=tsdb",
        `--web.listen-address=127.0.0.1:${await freePort()}`,
      ]),
    ];
  });
  afterAll(async () => {
    for (const server of servers) {
      const ended = server.exitCode === null ? once(server, "exit") : null;
      server.kill("SIGKILL");
      await ended;
    }
    exporter.close();
    await bot.close();
    await rm(folder, { recursive: true, force: true });
  });

  function start(program: Program, flags: readonly string[]): ChildProcess {
    return spawn(pathOf(program), flags, { cwd: folder, stdio: ["ignore", "ignore", "ignore"] });
  }

  test("both ways the same rule is an item that counts its alerts, and that is over when the rule is", async () => {
    const fires =
      /ManyErrors: several alerts[^]*2 alerts firing: 38 % of requests fail in a, 38 % of requests fail in b/;
    await expect.poll(() => cards(fires)).toHaveLength(2);
    const [card] = await cards(fires);
    expect(card).toContain("Shop");
    expect(card).toContain("Owner: @ana");
    errors = 1;
    await expect.poll(() => cards(/Resolved .* by itself: its alerts? (is|are) over/)).toHaveLength(2);
    expect(await cards(/firing/)).toEqual([]);
  });

  /** Cards that say this; time moves on so that Slack's pace holds none back. */
  async function cards(words: RegExp): Promise<string[]> {
    await bot.settle();
    return (await ben.sees("#shop")).map(({ plain }) => plain).filter((plain) => words.test(plain));
  }
});

function managerConfig(daytwo: string): string {
  return `
route: { receiver: daytwo, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: 1h }
receivers:
  - name: daytwo
    webhook_configs:
      - url: ${daytwo}/alerts/through
        send_resolved: true
        http_config: { authorization: { credentials: "${process.env["PROM_THROUGH"]}" } }
`;
}

function prometheusConfig(daytwo: string, manager: number, exporter: number): string {
  return `
global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [rules.yml]
scrape_configs: [{ job_name: shop-exporter, static_configs: [{ targets: ["127.0.0.1:${exporter}"] }] }]
alerting:
  alertmanagers:
    - static_configs: [{ targets: ["127.0.0.1:${manager}"] }]
    - api_version: v2
      basic_auth: { username: straight, password: "${process.env["PROM_STRAIGHT"]}" }
      static_configs: [{ targets: ["${new URL(daytwo).host}"] }]
`;
}
