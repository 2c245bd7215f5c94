/** Faults that a test orders: how the next calls of the Web API go wrong. */

import { textOf } from "./json.ts";
import type { Fields } from "./json.ts";

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
