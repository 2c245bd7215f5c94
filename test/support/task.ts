import type { Task } from "../../src/domain/task.ts";

/** A task with an argument of every kind. */
export const CLEAR_CACHE: Task = {
  name: "clear-cache",
  description: "Empties the page cache of one region.",
  target: "shop/web",
  command: ["bin/clear-cache", "--region", "{region}", "--keep={days}", "{note}"],
  arguments: [
    { name: "region", kind: "one of", choices: ["eu", "us", "Asia-1"] },
    { name: "days", kind: "number", min: 1, max: 30, default: "7" },
    { name: "note", kind: "text", longest: 80, default: "none" },
  ],
  risk: "low",
  timeout: 300_000,
};
