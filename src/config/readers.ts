import { nearest } from "../domain/nearest.ts";
import { Invalid } from "../errors.ts";
import { readRedisAddress } from "../redis/address.ts";
import type { Complain, ConfigName, Values } from "./names.ts";

/** One reader for each kind of value. */

export type Roles = { readonly web: boolean; readonly worker: boolean };

const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A port and whether somebody asked for it: a default that is busy may give way, one that was asked for may not. 0 is any free one. */
export type PortConfig = { readonly number: number; readonly asked: boolean };

export function readDatabase(values: Values, complain: Complain): { readonly url: string } | "embedded" {
  const url = values.DATABASE_URL;
  if (url === undefined) return "embedded";
  if (!/^postgres(ql)?:\/\/./.test(url)) {
    complain(
      "DATABASE_URL",
      "must begin with postgres://, such as postgres://user@host:5432/daytwo, with the password behind user and a colon.",
    );
  } else if (URL.parse(url) === null) {
    complain(
      "DATABASE_URL",
      "is not a valid URL. Special characters in the password must be percent-encoded (@ is %40).",
    );
  }
  return { url };
}

export function readRedis(values: Values, complain: Complain): string | null {
  const url = values.REDIS_URL;
  if (url === undefined) return null;
  try {
    readRedisAddress(url);
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    complain("REDIS_URL", error.message);
  }
  return url;
}

const ROLE_NAMES = ["web", "worker"] as const;

export function readRoles(values: Values, complain: Complain): Roles {
  const text = values.DAYTWO_ROLES;
  if (text === undefined) return { web: true, worker: true };
  const words = text
    .toLowerCase()
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
  const unknown = words.filter((word) => !(ROLE_NAMES as readonly string[]).includes(word));
  if (unknown.length > 0 || words.length === 0) {
    const near = nearest(unknown[0] ?? "", ROLE_NAMES);
    complain(
      "DAYTWO_ROLES",
      `must be web, worker or both with a comma.${near === undefined ? "" : ` Did you mean ${near}?`}`,
    );
  } else if (new Set(words).size === 1 && values.DATABASE_URL === undefined) {
    complain(
      "DAYTWO_ROLES",
      "names one role only, so another process must have the other: set DATABASE_URL, which both share.",
    );
  }
  return { web: words.includes("web"), worker: words.includes("worker") };
}

export function readPort(name: ConfigName, otherwise: number, values: Values, complain: Complain): PortConfig {
  const text = values[name];
  if (text === undefined) return { number: otherwise, asked: false };
  const number = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number <= 65_535)) complain(name, `must be a port from 1 to 65535, or 0 for any free one.`);
  return { number, asked: true };
}

const SWITCH: Readonly<Partial<Record<string, boolean>>> = {
  "1": true,
  true: true,
  yes: true,
  on: true,
  "0": false,
  false: false,
  no: false,
  off: false,
};

export function readSwitch(name: ConfigName, values: Values, complain: Complain): boolean {
  const text = values[name];
  if (text === undefined) return false;
  const on = SWITCH[text.toLowerCase()];
  if (on === undefined) complain(name, "must be 1 or 0.");
  return on ?? false;
}

export function readUrl(name: ConfigName, example: string, values: Values, complain: Complain): string | null {
  const text = values[name];
  if (text === undefined) return null;
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    complain(name, `must be an http:// or https:// URL, such as ${example}.`);
  return text;
}

/** Long enough that nobody can try them all, in characters that every browser and shell sends unchanged. */
export function readQueuesToken(values: Values, complain: Complain): string | null {
  const token = values.DAYTWO_QUEUES_TOKEN ?? null;
  if (token !== null && !/^[\x21-\x7e]{16,}$/.test(token))
    complain(
      "DAYTWO_QUEUES_TOKEN",
      "must be 16 or more letters, digits or signs without a space, such as `openssl rand -hex 16` prints.",
    );
  return token;
}

export function readLogLevel(values: Values, complain: Complain): LogLevel {
  const text = values.LOG_LEVEL?.toLowerCase() ?? "info";
  const level = LOG_LEVELS.find((each) => each === text);
  if (level === undefined) {
    const near = nearest(text, LOG_LEVELS);
    complain(
      "LOG_LEVEL",
      `must be ${LOG_LEVELS.slice(0, -1).join(", ")} or silent.${near === undefined ? "" : ` Did you mean ${near}?`}`,
    );
  }
  return level ?? "info";
}
