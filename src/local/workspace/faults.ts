/** Faults that a test orders: how the next calls of the Web API go wrong. */

import { textOf } from "../json.ts";
import type { Fields } from "../json.ts";

export interface Fault {
  /** Web API method, or `response_url`; empty means any. */
  method: string;
  /** HTTP status to answer instead of doing anything. */
  status: number | null;
  /** Slack error to answer instead of doing anything. */
  error: string | null;
  /** Do it, then break the connection or answer 503; or never answer at all. */
  mode: "store_then_drop" | "store_then_503" | "hang" | null;
  /** Seconds, for the Retry-After header. */
  retryAfter: number | null;
  times: number;
}

export function faultFrom(given: Fields): Fault {
  return {
    method: textOf(given["method"]),
    status: typeof given["status"] === "number" ? given["status"] : null,
    error: typeof given["error"] === "string" ? given["error"] : null,
    mode: modeFrom(textOf(given["mode"])),
    retryAfter: typeof given["retry_after"] === "number" ? given["retry_after"] : null,
    times: typeof given["times"] === "number" ? given["times"] : 1,
  };
}

/** The fault that meets this call, counted down; null when it goes well. */
export function takeFault(faults: Fault[], method: string): Fault | null {
  const fault = faults.find((one) => one.times > 0 && (one.method === "" || one.method === method));
  if (fault === undefined) return null;
  fault.times -= 1;
  return fault;
}

function modeFrom(word: string): Fault["mode"] {
  return word === "store_then_drop" || word === "store_then_503" || word === "hang" ? word : null;
}

/** How often calls go wrong from here on, drawn anew for each call but the same for the same seed. */
export interface Odds {
  /** Shares of all calls: answered 429, answered 503 without being done, and done with the connection broken after it. */
  limited: number;
  failing: number;
  dropped: number;
  /** Between 0 and 1, the next of its row. */
  next(): number;
}

const MOST_WAIT = 3; // seconds, of a drawn Retry-After

/** Null where nothing was given: all goes well again. */
export function oddsFrom(given: Fields): Odds | null {
  const [seed, limited, failing, dropped] = ["seed", "limited", "failing", "dropped"].map((name) =>
    typeof given[name] === "number" ? given[name] : 0,
  ) as [number, number, number, number];
  if (limited + failing + dropped === 0) return null;
  return { limited, failing, dropped, next: randomFrom(seed) };
}

export function drawFault({ limited, failing, dropped, next }: Odds, method: string): Fault | null {
  const at = next();
  const fault: Fault = { method, status: null, error: null, mode: null, retryAfter: null, times: 0 };
  if (at < limited) return { ...fault, status: 429, retryAfter: 1 + Math.floor(next() * MOST_WAIT) };
  if (at < limited + failing) return { ...fault, status: 503 };
  return at < limited + failing + dropped ? { ...fault, mode: "store_then_drop" } : null;
}

/** A linear congruential generator: enough to spread faults, and the same everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
