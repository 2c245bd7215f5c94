import { z } from "zod";
import { durationText, formatLatency, formatShare, parseDuration, share, webAddress } from "../domain/measures.ts";
import type { Reading } from "../domain/reading.ts";
import { defineCheck, type Use } from "./check.ts";
import { credential, reveal } from "./credential.ts";
import type { Answer, Question } from "./http-sample.ts";

/** Whether an address answers well: how many of some requests fail, and how long the others take. */

const MINUTE = 60_000;
const HEADER_NAME = /^[a-z0-9!#$%&'*+.^_`|~-]+$/i;
/** Set by the connection itself; sent twice they would break every request. */
const OUR_HEADERS = /^(host|connection|content-length|transfer-encoding|keep-alive|upgrade|te|trailer|expect)$/i;

const status = z
  .union([z.int().min(100).max(599), z.string().meta({ pattern: "^[1-5](?:[0-9]{2}|[xX]{2})$" })])
  .refine((written) => /^[1-5](\d\d|xx)$/i.test(String(written)), {
    error: "Write a status like 200 or 2xx.",
  });

const settings = z
  .strictObject({
    url: webAddress("Write an address that begins with http:// or https://.")
      .refine((url) => !hasPassword(url), "Put the password into headers as a reference, not into the address.")
      .describe("The address that is asked."),
    method: z.enum(["GET", "HEAD"]).default("GET").describe("How it is asked."),
    expect: z
      .union([status, z.array(status).min(1)])
      .default(["2xx", "3xx"])
      .describe("What counts as a good answer; statuses from 200 to 399 unless said otherwise."),
    contains: z.string().min(1).optional().describe("Text that a good answer has in its first 256 KiB."),
    samples: z.int().min(1).max(50).default(1).describe("Requests in one look, each on a connection of its own."),
    max_failures: share.default(0).describe("The share of failures that is still well."),
    slow: durationText.optional().describe("Above this 95th percentile the reading is a warning."),
    timeout: durationText.default("10s").describe("How long one request may take."),
    headers: z
      .record(
        z
          .string()
          .regex(HEADER_NAME, "This is not a header name.")
          .refine((name) => !OUR_HEADERS.test(name), "This header is set by the connection itself."),
        credential,
      )
      .default({})
      .describe("Headers that are sent; a value may be a reference to a secret."),
    follow: z.boolean().default(false).describe("Whether redirects are followed."),
  })
  .refine((all) => all.method === "GET" || all.contains === undefined, {
    path: ["contains"],
    error: "HEAD brings no text: use method GET with contains.",
  });
type Settings = z.infer<typeof settings>;

export const http = defineCheck<Settings>({
  name: "http",
  on: "address",
  responsibility: "on-call",
  settings,
  unit: "share",
  every: MINUTE,
  rule: { failures: 2, successes: 2 },
  async look(_subject, chosen, use) {
    const { sample } = await import("./http-sample.ts"); // and undici, which takes a tenth of a second to read in
    return read(await sample(await question(chosen, use), chosen.samples, use.signal), chosen);
  },
});

async function question(chosen: Settings, use: Use): Promise<Question> {
  const headers = Object.entries(chosen.headers).map(
    async ([name, written]) => [name, await reveal(written, use)] as const,
  );
  return {
    url: new URL(chosen.url),
    method: chosen.method,
    headers: Object.fromEntries(await Promise.all(headers)),
    timeout: parseDuration(chosen.timeout),
    follow: chosen.follow,
    wantsBody: chosen.contains !== undefined,
    reach: use.reach,
  };
}

function read(answers: readonly Answer[], chosen: Settings): Reading {
  const blind = answers.find((answer) => "problem" in answer && answer.ours);
  if (blind && "problem" in blind) {
    return { level: "unknown", summary: blind.problem, evidence: { Address: shown(chosen.url) } };
  }
  const failures = answers.map((answer) => failure(answer, chosen)).filter((words) => words !== undefined);
  const value = failures.length / answers.length;
  const p95 = percentile95(answers.flatMap((answer) => ("problem" in answer ? [] : [answer.ms])));
  const evidence = {
    Address: shown(chosen.url),
    Answers: tally(answers.map((answer) => ("problem" in answer ? answer.problem : String(answer.status)))),
    ...(chosen.contains !== undefined &&
      failures.some((words) => words.endsWith(WITHOUT_TEXT)) && {
        "Missing text": `${failures.filter((words) => words.endsWith(WITHOUT_TEXT)).length} of ${answers.length} answers`,
      }),
    ...(p95 !== undefined && { [answers.length === 1 ? "Took" : "95 % took at most"]: formatLatency(p95) }),
  };
  if (value > chosen.max_failures) return { level: "critical", value, summary: say(failures, value, chosen), evidence };

  const limit = chosen.slow === undefined ? Infinity : parseDuration(chosen.slow);
  if (p95 !== undefined && p95 > limit) {
    const summary = `takes ${formatLatency(p95)} (limit ${formatLatency(limit)})`;
    return { level: "warning", value, summary, evidence };
  }
  const summary = failures.length === 0 ? `answers in ${formatLatency(p95 ?? 0)}` : say(failures, value, chosen);
  return { level: "ok", value, summary, evidence };
}

const WITHOUT_TEXT = "without the expected text";

/** What is wrong with an answer, to be read behind the service's name; undefined when it is good. */
function failure(answer: Answer, { expect, contains }: Settings): string | undefined {
  if ("problem" in answer) return `does not answer: ${answer.problem}`;
  const good = (Array.isArray(expect) ? expect : [expect]).some((each) => matches(answer.status, each));
  if (!good) return `answers ${answer.status}`;
  if (contains !== undefined && !answer.body.includes(contains)) return `answers ${answer.status} ${WITHOUT_TEXT}`;
  return undefined;
}

function matches(found: number, expected: number | string): boolean {
  return String(expected).toLowerCase().replace("xx", String(found).slice(1)) === String(found);
}

/** When every request fails in the same way, that way says more than the share. */
function say(failures: readonly string[], value: number, { max_failures }: Settings): string {
  const [first = ""] = failures;
  if (value === 1 && failures.every((words) => words === first)) return first;
  return `${formatShare(value)} of requests fail (limit ${formatShare(max_failures)})`;
}

/** "200 (6 times), 500 (4 times)", the most frequent first. */
function tally(words: readonly string[]): string {
  const counts = Map.groupBy(words, (each) => each);
  return [...counts]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([each, { length }]) => (words.length === 1 ? each : `${each} (${length} times)`))
    .join(", ");
}

function percentile95(times: readonly number[]): number | undefined {
  return times.toSorted((a, b) => a - b)[Math.ceil(times.length * 0.95) - 1];
}

/** Without the query, where tokens often are. */
function shown(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

function hasPassword(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed !== null && parsed.username + parsed.password !== "";
}
