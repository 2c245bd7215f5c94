import { readTraces, TRACES_NAMES, type TracesConfig } from "./telemetry/config.ts";
import { nearest } from "./domain/nearest.ts";
import { Invalid } from "./errors.ts";
import { readRedisAddress } from "./redis/address.ts";

/** What the environment says, typed and checked. `.env.example` explains each name. */

export const CONFIG_NAMES = [
  "SLACK_BOT_TOKEN",
  "SLACK_APP_TOKEN",
  "SLACK_SIGNING_SECRET",
  "SLACK_API_URL",
  "DATABASE_URL",
  "REDIS_URL",
  "DAYTWO_HOME",
  "DAYTWO_CATALOG",
  "DAYTWO_ROLES",
  "PORT",
  "DAYTWO_WORKSPACE_PORT",
  "DAYTWO_LOCAL_ACTIONS",
  "DAYTWO_HEARTBEAT_URL",
  "DAYTWO_ALARM_URL",
  "DAYTWO_QUEUES_TOKEN",
  "LOG_LEVEL",
  ...TRACES_NAMES,
] as const;
export type ConfigName = (typeof CONFIG_NAMES)[number];

export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** How the bot reaches Slack. `apiUrl` ends with a slash and is absent for Slack's own. */
export type SlackConfig =
  | { readonly mode: "local" }
  | { readonly mode: "socket"; readonly botToken: string; readonly appToken: string; readonly apiUrl?: string }
  | { readonly mode: "http"; readonly botToken: string; readonly signingSecret: string; readonly apiUrl?: string };

/** A port and whether somebody asked for it: a default that is busy may give way, one that was asked for may not. 0 is any free one. */
export type PortConfig = { readonly number: number; readonly asked: boolean };

export type Config = {
  readonly slack: SlackConfig;
  readonly database: { readonly url: string } | "embedded";
  /** null: the queues live in PostgreSQL. */
  readonly redis: string | null;
  /** Directory for everything that the embedded parts keep. */
  readonly home: string;
  /** Path of `daytwo.yaml`; null where none is given. */
  readonly catalog: string | null;
  readonly roles: { readonly web: boolean; readonly worker: boolean };
  readonly port: PortConfig;
  readonly workspacePort: PortConfig;
  /** Whether providers other than `local` may act although Slack is the local workspace. */
  readonly localActions: boolean;
  /** What to call each minute while checks and delivery work; null: nothing. */
  readonly heartbeat: string | null;
  /** What is told, by POST, of what Slack cannot be told of; null: nothing. */
  readonly alarm: string | null;
  /** Who knows it may look at the queues; null: nobody may. */
  readonly queuesToken: string | null;
  readonly logLevel: LogLevel;
  /** null: no traces are made. */
  readonly traces: TracesConfig | null;
};

/** One thing that is wrong; never with the value, which may be a secret. */
type Complain = (name: ConfigName, wrong: string) => void;
type Values = Readonly<Partial<Record<ConfigName, string>>>;

/**
 * Reads the configuration from environment variables; an empty one counts as unset.
 * @throws Invalid with one line for each thing that is wrong.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = [];
  function complain(name: ConfigName, wrong: string): void {
    problems.push(`${name} ${wrong}`);
  }
  const values: Values = Object.fromEntries(
    CONFIG_NAMES.flatMap((name) => {
      const value = env[name]?.trim();
      return value === undefined || value === "" ? [] : [[name, value]];
    }),
  );
  const config: Config = {
    slack: readSlack(values, complain),
    database: readDatabase(values, complain),
    redis: readRedis(values, complain),
    home: values.DAYTWO_HOME ?? ".daytwo",
    catalog: values.DAYTWO_CATALOG ?? null,
    roles: readRoles(values, complain),
    port: readPort("PORT", 3000, values, complain),
    workspacePort: readPort("DAYTWO_WORKSPACE_PORT", 3001, values, complain),
    localActions: readSwitch("DAYTWO_LOCAL_ACTIONS", values, complain),
    heartbeat: readOutside("DAYTWO_HEARTBEAT_URL", "https://watch.example.com/daytwo", values, complain),
    alarm: readOutside("DAYTWO_ALARM_URL", "https://pager.example.com/hooks/daytwo", values, complain),
    queuesToken: readQueuesToken(values, complain),
    logLevel: readLogLevel(values, complain),
    traces: readTraces(values, complain),
  };
  if (config.port.asked && config.port.number !== 0 && config.port.number === config.workspacePort.number) {
    complain("PORT", `and DAYTWO_WORKSPACE_PORT are the same. Give them two different ports.`);
  }
  if (problems.length === 0) return config;
  throw new Invalid(["The configuration cannot be used:", ...problems.map((each) => `  ${each}`)].join("\n"), {
    hint: "`.env.example` explains every setting.",
  });
}

function readSlack(values: Values, complain: Complain): SlackConfig {
  const { SLACK_BOT_TOKEN: botToken, SLACK_APP_TOKEN: appToken, SLACK_SIGNING_SECRET: signingSecret } = values;
  const apiUrl = readApiUrl(values, complain);
  if (botToken === undefined) {
    for (const name of ["SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_API_URL"] as const) {
      if (values[name] !== undefined)
        complain(name, `is set without SLACK_BOT_TOKEN. Set both, or neither for the local workspace.`);
    }
    return { mode: "local" };
  }
  const check = apiUrl.apiUrl === undefined ? checkToken : checkOthersToken;
  check("SLACK_BOT_TOKEN", botToken, "xoxb-", "OAuth & Permissions → Bot User OAuth Token", complain);
  if (appToken !== undefined) {
    check("SLACK_APP_TOKEN", appToken, "xapp-", "Basic Information → App-Level Tokens", complain);
    return { mode: "socket", botToken, appToken, ...apiUrl };
  }
  if (signingSecret === undefined) {
    complain("SLACK_BOT_TOKEN", "is set alone. Add SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGNING_SECRET for HTTP.");
    return { mode: "local" };
  }
  if (/\s/.test(signingSecret) || /^x(ox[a-z]|app)-/.test(signingSecret)) {
    complain("SLACK_SIGNING_SECRET", "is not a signing secret. Copy it from Basic Information → App Credentials.");
  }
  return { mode: "http", botToken, signingSecret, ...apiUrl };
}

/** What tokens look like on a server that is not Slack's is that server's to say. */
function checkOthersToken(name: ConfigName, token: string, _prefix: string, _where: string, complain: Complain): void {
  if (!/^[\x21-\x7e]+$/.test(token))
    complain(name, "has characters that no token has. Copy it again from your server.");
}

function checkToken(name: ConfigName, token: string, prefix: string, where: string, complain: Complain): void {
  if (!token.startsWith(prefix)) complain(name, `must begin with ${prefix}. Copy it from ${where}.`);
  else if (!/^[A-Za-z0-9-]{6,}$/.test(token))
    complain(name, `is cut off or has characters that no token has. Copy it again from ${where}.`);
}

function readApiUrl(values: Values, complain: Complain): { apiUrl?: string } {
  const text = values.SLACK_API_URL;
  if (text === undefined) return {};
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    complain("SLACK_API_URL", "must be an http:// or https:// URL, such as http://127.0.0.1:3001/api/.");
    return {};
  }
  return { apiUrl: text.endsWith("/") ? text : `${text}/` };
}

function readDatabase(values: Values, complain: Complain): Config["database"] {
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

function readRedis(values: Values, complain: Complain): string | null {
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

function readRoles(values: Values, complain: Complain): Config["roles"] {
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

function readPort(name: ConfigName, otherwise: number, values: Values, complain: Complain): PortConfig {
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

function readSwitch(name: ConfigName, values: Values, complain: Complain): boolean {
  const text = values[name];
  if (text === undefined) return false;
  const on = SWITCH[text.toLowerCase()];
  if (on === undefined) complain(name, "must be 1 or 0.");
  return on ?? false;
}

function readOutside(name: ConfigName, example: string, values: Values, complain: Complain): string | null {
  const text = values[name];
  if (text === undefined) return null;
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    complain(name, `must be an http:// or https:// URL, such as ${example}.`);
  return text;
}

/** Long enough that nobody tries them all, in characters that every browser and shell sends as they are. */
function readQueuesToken(values: Values, complain: Complain): string | null {
  const token = values.DAYTWO_QUEUES_TOKEN ?? null;
  if (token !== null && !/^[\x21-\x7e]{16,}$/.test(token))
    complain(
      "DAYTWO_QUEUES_TOKEN",
      "must be 16 or more letters, digits or signs without a space, such as `openssl rand -hex 16` prints.",
    );
  return token;
}

function readLogLevel(values: Values, complain: Complain): LogLevel {
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
