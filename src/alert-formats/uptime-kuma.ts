import { z } from "zod";
import type { Alert } from "../domain/alert.ts";
import { alertOf, labelsOf, maybe, read, words } from "./read.ts";

/**
 * Uptime Kuma, the webhook notification with its own JSON body
 * (https://github.com/louislam/uptime-kuma/wiki/Notification-Methods). Of a certificate that runs out it sends only words.
 */

const DOWN = 0;
const UP = 1;

const BODY = z.object({
  msg: z.string(),
  heartbeat: z.object({ status: z.number(), msg: maybe }).nullish(),
  monitor: z
    .object({
      id: words,
      name: z.string(),
      url: maybe,
      hostname: maybe,
      type: maybe,
      tags: z
        .array(z.object({ name: maybe, value: maybe }))
        .nullish()
        .catch(null),
    })
    .nullish(),
});

export function readUptimeKuma(body: unknown): Alert[] {
  const { msg, heartbeat, monitor } = read(BODY, body);
  if (heartbeat === undefined || heartbeat === null || monitor === undefined || monitor === null)
    return [alertOf({ identity: `message/${msg}`, state: "told", name: "Uptime Kuma", summary: msg })];
  if (heartbeat.status !== DOWN && heartbeat.status !== UP) return []; // it is still trying, or is being worked on
  const tags = (monitor.tags ?? []).map(({ name, value }) => [name ?? "", value]);
  const url = monitor.url === "https://" ? undefined : monitor.url;
  return [
    alertOf({
      identity: `monitor/${monitor.id}`,
      state: heartbeat.status === UP ? "resolved" : "firing",
      severity: "critical",
      name: monitor.name,
      summary: heartbeat.msg === undefined ? `${monitor.name} is down` : `${monitor.name} is down: ${heartbeat.msg}`,
      labels: labelsOf({
        monitor: monitor.name,
        type: monitor.type,
        host: monitor.hostname,
        url,
        ...Object.fromEntries(tags),
      }),
      link: url ?? null,
    }),
  ];
}
