import { startBot, type Pair, type TestBot } from "./bot.ts";
import type { Actor } from "./slack.ts";

/** Services in production: Ana operates them and has them, and what is risky there Ben has to approve. */

/** The catalog of such services: key → its further lines, such as `targets:` and `checks:`. */
export function production(services: Readonly<Record<string, readonly string[]>>): string {
  const each = Object.entries(services).flatMap(([key, lines]) => [
    `  ${key}:`,
    ...["environment: production", 'channel: "#shop"', "owner: ana", ...lines].map((line) => `    ${line}`),
  ]);
  return [
    "people:",
    "  ana: { name: Ana, slack: U0ANA, role: operator }",
    "  ben: { name: Ben, slack: U0BEN, role: approver }",
    "services:",
    ...each,
    "",
  ].join("\n");
}

/** A bot with that catalog, which may act wherever it says. */
export async function openProduction(pair: Pair, catalog: string): Promise<{ bot: TestBot; ana: Actor; ben: Actor }> {
  const bot = await startBot(pair, { actions: "all", catalog });
  return { bot, ana: bot.slack.as("ana"), ben: bot.slack.as("ben") };
}
