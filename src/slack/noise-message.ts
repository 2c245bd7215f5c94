import type { Noise, Noisy } from "../domain/board/noise.ts";
import { type Message, context, listed, section } from "./blocks.ts";
import { ago, code, count, joined, literal, plain } from "./text.ts";

/** What people called noise, most often first, and what to do about it. The answer to `/day2 noise`. */
export function noiseMessage({ now, days, noisy }: Noise): Message {
  if (noisy.length === 0) {
    const text = `Nothing was called noise in the last ${days} days.`;
    return { text, blocks: [section(text), context("`/day2 noise #id reason` calls an item noise, and closes it")] };
  }
  const lines = noisy.map((each) => {
    const reasons = each.reasons.map((reason) => plain(reason, 100));
    return `${noisyWords(each)}, last ${ago(now, each.lastAt)} (#${each.item}): ${joined(reasons, "; ")}\n→ ${nextStep(each)}`;
  });
  const heading = `Called noise in the last ${days} days`;
  return { text: `${heading}: ${noisy.length}`, blocks: listed(heading, lines, noisy.length, 9_000) };
}

/** "*shop/http* · 3 times". */
export function noisyWords({ fingerprint, service, origin, count: times }: Noisy): string {
  const what = origin === "check" ? fingerprint : (service ?? "of no service");
  return `*${plain(what, 120)}* · ${count(times, "time")}`;
}

/** What makes it better: a check has its limits in the catalog. */
export function nextStep({ fingerprint, origin }: Noisy): string {
  const [service = "", check = ""] = fingerprint.split("/");
  if (origin === "check")
    return `raise its limit in the catalog, at ${code(literal(`services.${service}.checks.${check}`, 120))}`;
  return origin === "alert"
    ? "raise its limit where the alert comes from"
    : "tell whoever opens it what would be worth an item";
}
