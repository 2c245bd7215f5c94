import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { pathOf, whyWithout } from "./real-programs.ts";
import { until } from "./until.ts";

/** A real Prometheus Alertmanager, which asks for a password. */

export const whyNoAlertmanager = whyWithout("prometheus-alertmanager");

export const ALERTMANAGER_PASSWORD = "alertmanager-5ecret-72";
/** Of that password, by bcrypt. */
const HASH = "$2b$04$abcdefghijklmnopqrstuuxezxLk4gcRoYHpDakHb2uYoP2dOX/2q";
const HOUR = 3_600_000;

export type Labels = Readonly<Record<string, string>>;
export type Silence = {
  readonly status: { readonly state: string };
  readonly comment: string;
  readonly createdBy: string;
  readonly matchers: readonly { readonly name: string; readonly value: string }[];
};

export type Alertmanager = {
  readonly url: string;
  /** Begins, and tells that address of alerts with that secret. */
  begins(webhook: string, secret: string): Promise<void>;
  /** Ends as whoever runs it would have it, and begins anew: it keeps its silences, and no alerts. */
  beginsAnew(): Promise<void>;
  asks<Answer>(path: string, body?: unknown): Promise<Answer>;
  /** As Prometheus tells it of them. */
  fires(alerts: readonly Labels[], isOver?: boolean): Promise<void>;
  /** Those that are active. */
  silences(): Promise<Silence[]>;
  close(): Promise<void>;
};

export async function openAlertmanager(): Promise<Alertmanager> {
  const folder = await mkdtemp(join(tmpdir(), "daytwo-alertmanager-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let server: ChildProcess | undefined;

  async function start(): Promise<void> {
    server = spawn(
      pathOf("prometheus-alertmanager"),
      [
        "--config.file=alertmanager.yml",
        "--web.config.file=web.yml",
        "--storage.path=data",
        `--web.listen-address=127.0.0.1:${port}`,
        "--cluster.listen-address=",
      ],
      { cwd: folder, stdio: ["ignore", "ignore", "ignore"] },
    );
    await until("Alertmanager to answer", () => asks("status").then(Boolean, () => false));
  }
  async function end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const ended = server?.exitCode === null ? once(server, "exit") : null;
    server?.kill(signal);
    await ended;
  }
  async function asks<Answer>(path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${url}/api/v2/${path}`, {
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
      headers: {
        authorization: `Basic ${Buffer.from(`daytwo:${ALERTMANAGER_PASSWORD}`).toString("base64")}`,
        "content-type": "application/json",
      },
    });
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return (text === "" ? null : JSON.parse(text)) as Answer;
  }
  return {
    url,
    asks,
    async begins(webhook, secret) {
      await writeFile(join(folder, "web.yml"), `basic_auth_users: { daytwo: "${HASH}" }\n`);
      await writeFile(
        join(folder, "alertmanager.yml"),
        `
route: { receiver: daytwo, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: 1h }
receivers:
  - name: daytwo
    webhook_configs:
      - url: ${webhook}
        send_resolved: true
        http_config: { authorization: { credentials: "${secret}" } }
`,
      );
      await start();
    },
    async beginsAnew() {
      await end("SIGTERM");
      await start();
    },
    async fires(alerts, isOver = false) {
      const now = new Date().getTime();
      const [startsAt, endsAt] = [now - 2, now + (isOver ? -1 : HOUR)].map((at) => new Date(at).toISOString());
      const sent = alerts.map((labels) => ({
        labels,
        annotations: { summary: `${labels["instance"]} is down` },
        startsAt,
        endsAt,
      }));
      await asks("alerts", sent);
    },
    async silences() {
      const all = await asks<Silence[]>("silences");
      return all.filter(({ status }) => status.state === "active");
    },
    async close() {
      await end("SIGKILL");
      await rm(folder, { recursive: true, force: true });
    },
  };
}
