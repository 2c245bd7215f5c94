import { checkLimits } from "../src/slack/limits.ts";

/** A drawn message or view as its golden keeps it. @throws Error when Slack would refuse it. */
export function golden(drawn: object): string {
  const problems = checkLimits(drawn);
  if (problems.length > 0) throw new Error(problems.join("; "));
  return `${JSON.stringify(drawn, null, 2)}\n`;
}

export function goldenFile(name: string): string {
  return `golden/view.${name}.json`;
}
