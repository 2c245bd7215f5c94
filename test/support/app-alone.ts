import { openApp, type App, type Opening } from "../../src/app.ts";

/** What the doors need, without a bot around it: no handlers, no jobs, no loops, nothing in the log. */
export function openAppAlone(
  databaseUrl: string,
  { botToken = "xoxb-test", apiUrl }: { readonly botToken?: string; readonly apiUrl: string },
  more: Partial<Opening> = {},
): Promise<App> {
  return openApp({
    databaseUrl,
    redisUrl: null,
    slack: { botToken, apiUrl },
    demo: null,
    actions: "local",
    heartbeat: null,
    logLevel: "silent",
    ...more,
  });
}
