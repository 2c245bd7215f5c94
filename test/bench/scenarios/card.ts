import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { makeHome } from "../../support/home.ts";
import { openSlack } from "../../support/slack.ts";
import { until } from "../../support/until.ts";
import { SECRET, startDaytwo } from "../contestant.ts";
import { at } from "../load.ts";
import type { Measured, Scenario, Use } from "../scenario.ts";

/** From the answer that was wrong to the card that says so. */

const SERVICES = { full: 20, quick: 6 };

export const card: Scenario = {
  name: "card",
  sentence:
    "From the first failing answer of a service to its card in the workspace: the reading, the commit of the item and of what Slack is owed, and the post. One service after another, each in a channel of its own. There is no peer that does this.",
  units: { p50: "ms", most: "ms" },
  goals: [{ figure: "most", atMost: 100 }],
  contestants: { Daytwo: ours },
};

async function ours({ world, isQuick }: Use): Promise<Measured> {
  const names = Array.from({ length: isQuick ? SERVICES.quick : SERVICES.full }, (_, n) => `s${n}`);
  const shops = await openShops(names);
  const channels = names.map((name) => ({ id: `C0${name.toUpperCase()}`, name, topic: "" }));
  await using slack = await openSlack({
    botToken: "xoxb-bench",
    signingSecret: SECRET,
    seed: { channels: [{ id: "C0OPS", name: "ops", topic: "" }, ...channels] },
  });
  const folder = await makeHome("bench-card");
  const DAYTWO_CATALOG = join(folder, "daytwo.yaml");
  await writeFile(DAYTWO_CATALOG, catalog(names, shops.url));
  const settings = { DATABASE_URL: await world.database(), REDIS_URL: world.redis.url, DAYTWO_CATALOG };
  const bot = await startDaytwo(settings, slack.apiUrl);
  const latencies: number[] = [];
  try {
    await until("every service to have been looked at", () => names.every((name) => shops.lookedAt(name)), 60_000);
    for (const [index, name] of names.entries()) {
      const failed = await shops.fails(name);
      let posted: number | undefined;
      await until(`the card of ${name}`, async () => {
        const calls = await slack.calls("chat.postMessage");
        posted = calls.find(({ channel }) => channel === channels[index]?.id)?.at;
        return posted !== undefined;
      });
      latencies.push((posted ?? Number.NaN) - failed);
    }
    latencies.sort((a, b) => a - b);
    return { figures: { p50: at(latencies, 0.5), most: latencies.at(-1) ?? Number.NaN }, wrong: [] };
  } finally {
    await bot.kill();
    shops.close();
    await world.forget();
    await rm(folder, { recursive: true, force: true });
  }
}

function catalog(names: readonly string[], url: string): string {
  const services = names.map(
    (name) =>
      `  ${name}: { channel: "#${name}", checks: { ownership: off, http: { url: "${url}/${name}", every: 1s, failures: 1 } } }`,
  );
  return `services:\n${services.join("\n")}\n`;
}

/** A server that is well until it is told that one of its services fails. */
async function openShops(names: readonly string[]) {
  const looked = new Set<string>();
  const failing = new Map<string, (moment: number) => void>();
  const server = createServer((request, response) => {
    const name = (request.url ?? "").slice(1);
    looked.add(name);
    const tell = failing.get(name);
    tell?.(Date.now());
    response.writeHead(tell === undefined ? 200 : 500).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lookedAt: (name: string) => names.includes(name) && looked.has(name),
    /** From now on it fails; when it first did, in ms since 1970. */
    fails: (name: string) => new Promise<number>((resolve) => void failing.set(name, resolve)),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
