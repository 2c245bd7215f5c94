import type { Call } from "../../src/local/workspace/web-api.ts";

/** What calls to Slack say about the pace at which they were made. */

const POST_EVERY = 1_000; // ms between two messages in a channel
const UPDATE_EVERY = 1_200; // ms between two changes in the workspace, on the average

export type Paced = {
  /** Calls that Slack's own limits refused, and not a fault that was ordered. */
  readonly tooFast: readonly Call[];
  /** Calls made before the time that an answer 429 had named for their channel or method. */
  readonly tooSoon: readonly Call[];
  /** ms that all of it takes at least: by the slowest of what is limited together. */
  readonly allowed: number;
};

export function worst(calls: readonly Call[]): Paced {
  const lanes = Map.groupBy(calls, ({ method, channel }) =>
    method === "chat.postMessage" ? `${method} ${channel ?? ""}` : method,
  );
  const tooSoon = [...lanes.values()].flatMap((lane) => early(lane));
  return {
    tooFast: calls.filter(({ status, ordered }) => status === 429 && !ordered),
    tooSoon,
    allowed: Math.max(0, ...[...lanes].map(([name, lane]) => leastTime(name, lane))),
  };
}

function early(lane: readonly Call[]): Call[] {
  let until = 0;
  return lane.filter((call) => {
    const soon = call.at < until;
    if (call.retryAfter !== null) until = Math.max(until, call.at + call.retryAfter * 1_000);
    return soon;
  });
}

/** Each answer takes its share of the limit; one that says to wait takes that long. */
function leastTime(name: string, lane: readonly Call[]): number {
  const paces: readonly [string, number][] = [
    ["chat.postMessage", POST_EVERY],
    ["chat.update", UPDATE_EVERY],
  ];
  const every = paces.find(([method]) => name.startsWith(method))?.[1] ?? 0;
  return lane.reduce((sum, { retryAfter }) => sum + (retryAfter === null ? every : retryAfter * 1_000), 0);
}
