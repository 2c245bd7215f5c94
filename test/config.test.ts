import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readConfig } from "../src/config.ts";
import { CONFIG_NAMES } from "../src/config/names.ts";
import { Invalid } from "../src/errors.ts";

const BOT = "xoxb-1111-2222-abcdefSECRET";
const APP = "xapp-1-A111-2222-abcdefSECRET";
const COLLECTOR = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318" };
const SIGNING = "0123456789abcdef0123456789SECRET";

function complaints(env: Record<string, string>): string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    const [, ...lines] = error.message.split("\n");
    return lines.map((line) => line.trim());
  }
  return [];
}

test("nothing set: everything is embedded, and no port was asked for", () => {
  expect(readConfig({ PATH: "/bin", HOME: "/root" })).toEqual({
    slack: { mode: "local" },
    database: "embedded",
    redis: null,
    home: ".daytwo",
    catalog: null,
    roles: { web: true, worker: true },
    port: { number: 3000, asked: false },
    workspacePort: { number: 3001, asked: false },
    localActions: false,
    heartbeat: null,
    alarm: null,
    queuesToken: null,
    logLevel: "info",
    traces: null,
  });
});

test("everything set", () => {
  expect(
    readConfig({
      SLACK_BOT_TOKEN: ` ${BOT}\n`,
      SLACK_APP_TOKEN: APP,
      SLACK_API_URL: "http://127.0.0.1:3001/api",
      DATABASE_URL: "postgresql://me@db.example.com/daytwo",
      REDIS_URL: "rediss://:pw@cache.example.com:6380/2",
      DAYTWO_HOME: "/var/lib/daytwo",
      DAYTWO_CATALOG: "/etc/daytwo.yaml",
      DAYTWO_ROLES: "Worker",
      PORT: "0",
      DAYTWO_WORKSPACE_PORT: "4001",
      DAYTWO_LOCAL_ACTIONS: "1",
      DAYTWO_HEARTBEAT_URL: "https://watch.example.com/daytwo?key=1",
      DAYTWO_ALARM_URL: "https://pager.example.com/hooks/daytwo",
      DAYTWO_QUEUES_TOKEN: "0123456789abcdef",
      LOG_LEVEL: "DEBUG",
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318/",
      OTEL_EXPORTER_OTLP_HEADERS: "x-key=SECRET,team=web",
      OTEL_SERVICE_NAME: "daytwo-eu",
      OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
      OTEL_TRACES_SAMPLER_ARG: "0.25",
    }),
  ).toEqual({
    slack: { mode: "socket", botToken: BOT, appToken: APP, apiUrl: "http://127.0.0.1:3001/api/" },
    database: { url: "postgresql://me@db.example.com/daytwo" },
    redis: "rediss://:pw@cache.example.com:6380/2",
    home: "/var/lib/daytwo",
    catalog: "/etc/daytwo.yaml",
    roles: { web: false, worker: true },
    port: { number: 0, asked: true },
    workspacePort: { number: 4001, asked: true },
    localActions: true,
    heartbeat: "https://watch.example.com/daytwo?key=1",
    alarm: "https://pager.example.com/hooks/daytwo",
    queuesToken: "0123456789abcdef",
    logLevel: "debug",
    traces: {
      url: "http://collector:4318/v1/traces",
      service: "daytwo-eu",
      sampler: "parentbased_traceidratio",
      ratio: 0.25,
    },
  });
});

test("the endpoint of traces is taken as it is, and goes before the one for everything", () => {
  const own = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://traces.example.com/in" };
  expect(readConfig({ ...COLLECTOR, ...own }).traces).toEqual({
    url: "https://traces.example.com/in",
    service: "daytwo",
    sampler: "parentbased_always_on",
    ratio: 1,
  });
});

describe("how Slack is reached", () => {
  test.each([
    [
      "bot and app token",
      { SLACK_BOT_TOKEN: BOT, SLACK_APP_TOKEN: APP },
      { mode: "socket", botToken: BOT, appToken: APP },
    ],
    [
      "all three",
      { SLACK_BOT_TOKEN: BOT, SLACK_APP_TOKEN: APP, SLACK_SIGNING_SECRET: SIGNING },
      { mode: "socket", botToken: BOT, appToken: APP },
    ],
    [
      "bot token and signing secret",
      { SLACK_BOT_TOKEN: BOT, SLACK_SIGNING_SECRET: SIGNING },
      { mode: "http", botToken: BOT, signingSecret: SIGNING },
    ],
    ["empty ones", { SLACK_BOT_TOKEN: "", SLACK_APP_TOKEN: "  " }, { mode: "local" }],
  ])("%s", (_, env, slack) => {
    expect(readConfig(env).slack).toEqual(slack);
  });
});

test.each<[Record<string, string>, string]>([
  [
    { SLACK_BOT_TOKEN: BOT },
    "SLACK_BOT_TOKEN is set alone. Add SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGNING_SECRET for HTTP.",
  ],
  [
    { SLACK_APP_TOKEN: APP },
    "SLACK_APP_TOKEN is set without SLACK_BOT_TOKEN. Set both, or neither for the local workspace.",
  ],
  [
    { SLACK_SIGNING_SECRET: SIGNING },
    "SLACK_SIGNING_SECRET is set without SLACK_BOT_TOKEN. Set both, or neither for the local workspace.",
  ],
  [
    { SLACK_BOT_TOKEN: "xoxp-SECRET-1", SLACK_APP_TOKEN: APP },
    "SLACK_BOT_TOKEN must begin with xoxb-. Copy it from OAuth & Permissions → Bot User OAuth Token.",
  ],
  [
    { SLACK_BOT_TOKEN: "xoxb-SECRET…", SLACK_APP_TOKEN: APP },
    "SLACK_BOT_TOKEN is cut off or has characters that no token has. Copy it again from OAuth & Permissions → Bot User OAuth Token.",
  ],
  [
    { SLACK_BOT_TOKEN: BOT, SLACK_APP_TOKEN: "SECRET" },
    "SLACK_APP_TOKEN must begin with xapp-. Copy it from Basic Information → App-Level Tokens.",
  ],
  [
    { SLACK_BOT_TOKEN: "SECRET of mine", SLACK_APP_TOKEN: "x", SLACK_API_URL: "https://chat.example.com/api" },
    "SLACK_BOT_TOKEN has characters that no token has. Copy it again from your server.",
  ],
  [
    { SLACK_BOT_TOKEN: BOT, SLACK_SIGNING_SECRET: APP },
    "SLACK_SIGNING_SECRET is not a signing secret. Copy it from Basic Information → App Credentials.",
  ],
  [
    { SLACK_BOT_TOKEN: BOT, SLACK_APP_TOKEN: APP, SLACK_API_URL: "slack.com/SECRET" },
    "SLACK_API_URL must be an http:// or https:// URL, such as http://127.0.0.1:3001/api/.",
  ],
  [
    { DATABASE_URL: "mysql://u:SECRET@db/x" },
    "DATABASE_URL must begin with postgres://, such as postgres://user@host:5432/daytwo, with the password behind user and a colon.",
  ],
  [
    { DATABASE_URL: "postgres://u:SECRET#@db:54x/x" },
    "DATABASE_URL is not a valid URL. Special characters in the password must be percent-encoded (@ is %40).",
  ],
  [
    { REDIS_URL: "127.0.0.1:6379" },
    "REDIS_URL must begin with redis://, rediss://, redis-sentinel:// or redis-cluster://, such as redis://127.0.0.1:6379.",
  ],
  [
    { REDIS_URL: "redis://:SECRET@cache:port" },
    "REDIS_URL is not a valid URL. Special characters in the password must be percent-encoded (@ is %40).",
  ],
  [{ DAYTWO_ROLES: "wroker" }, "DAYTWO_ROLES must be web, worker or both with a comma. Did you mean worker?"],
  [{ DAYTWO_ROLES: "," }, "DAYTWO_ROLES must be web, worker or both with a comma."],
  [
    { DAYTWO_ROLES: "web" },
    "DAYTWO_ROLES names one role only, so another process must have the other: set DATABASE_URL, which both share.",
  ],
  [{ PORT: "80a" }, "PORT must be a port from 1 to 65535, or 0 for any free one."],
  [{ PORT: "-1" }, "PORT must be a port from 1 to 65535, or 0 for any free one."],
  [{ DAYTWO_WORKSPACE_PORT: "65536" }, "DAYTWO_WORKSPACE_PORT must be a port from 1 to 65535, or 0 for any free one."],
  [
    { PORT: "4000", DAYTWO_WORKSPACE_PORT: "4000" },
    "PORT and DAYTWO_WORKSPACE_PORT are the same. Give them two different ports.",
  ],
  [{ DAYTWO_LOCAL_ACTIONS: "maybe" }, "DAYTWO_LOCAL_ACTIONS must be 1 or 0."],
  [
    { DAYTWO_ALARM_URL: "pager.example.com/SECRET" },
    "DAYTWO_ALARM_URL must be an http:// or https:// URL, such as https://pager.example.com/hooks/daytwo.",
  ],
  [
    { DAYTWO_HEARTBEAT_URL: "watch.example.com/SECRET" },
    "DAYTWO_HEARTBEAT_URL must be an http:// or https:// URL, such as https://watch.example.com/daytwo.",
  ],
  [
    { OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318" },
    "OTEL_EXPORTER_OTLP_ENDPOINT must be an http:// or https:// URL, such as http://127.0.0.1:4318.",
  ],
  [
    { ...COLLECTOR, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" },
    "OTEL_EXPORTER_OTLP_PROTOCOL must be http/protobuf, the one that Daytwo speaks (port 4318 by custom).",
  ],
  [
    { ...COLLECTOR, OTEL_EXPORTER_OTLP_HEADERS: "Bearer SECRET" },
    "OTEL_EXPORTER_OTLP_HEADERS must be name=value, several with a comma between them.",
  ],
  [
    { ...COLLECTOR, OTEL_EXPORTER_OTLP_HEADERS: "x-key=SECRET…" },
    "OTEL_EXPORTER_OTLP_HEADERS must be name=value, several with a comma between them.",
  ],
  [
    { ...COLLECTOR, OTEL_TRACES_SAMPLER: "always_onn" },
    "OTEL_TRACES_SAMPLER must be one of always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off, parentbased_traceidratio. Did you mean always_on?",
  ],
  [
    { ...COLLECTOR, OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "10%" },
    "OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1, such as 0.1.",
  ],
  [
    { DAYTWO_QUEUES_TOKEN: "SECRET" },
    "DAYTWO_QUEUES_TOKEN must be 16 or more letters, digits or signs without a space, such as `openssl rand -hex 16` prints.",
  ],
  [{ LOG_LEVEL: "verbose" }, "LOG_LEVEL must be trace, debug, info, warn, error, fatal or silent."],
  [{ LOG_LEVEL: "wran" }, "LOG_LEVEL must be trace, debug, info, warn, error, fatal or silent. Did you mean warn?"],
])("%o is explained", (env, line) => {
  expect(complaints(env)).toEqual([line]);
});

test("the message can be printed as it is", () => {
  expect(() => readConfig({ PORT: "x", LOG_LEVEL: "x" })).toThrow(
    /^The configuration cannot be used:\n  PORT must .*\n  LOG_LEVEL must .*$/,
  );
});

test("all problems come together, and no value is ever shown", () => {
  const lines = complaints({
    SLACK_BOT_TOKEN: "SECRET",
    SLACK_APP_TOKEN: "SECRET",
    DATABASE_URL: "SECRET",
    REDIS_URL: "SECRET",
    PORT: "SECRET",
    LOG_LEVEL: "SECRET",
  });
  expect(lines).toHaveLength(6);
  expect(lines.join("\n")).not.toContain("SECRET");
});

describe(".env.example", () => {
  const text = readFileSync(new URL("../.env.example", import.meta.url), "utf8");
  const settings = [...text.matchAll(/^#?([A-Z_]+)=(.*)$/gm)].map(([, name = "", value = ""]) => ({ name, value }));

  test("names exactly what is read, each once", () => {
    expect(settings.map(({ name }) => name).toSorted()).toEqual([...CONFIG_NAMES].toSorted());
  });

  test("explains each on the line above", () => {
    const lines = text.split("\n");
    const above = settings.map(({ name }) => lines[lines.findIndex((line) => line.startsWith(`#${name}=`)) - 1] ?? "");
    expect(above.filter((line) => !/^# .{15,}\.$/.test(line))).toEqual([]);
  });

  test("changes nothing when every line without a placeholder is taken", () => {
    const shown = settings.filter(({ name }) =>
      ["DAYTWO_HOME", "DAYTWO_ROLES", "DAYTWO_LOCAL_ACTIONS", "LOG_LEVEL"].includes(name),
    );
    const config = readConfig(Object.fromEntries(shown.map(({ name, value }) => [name, value])));
    expect(config).toEqual(readConfig({}));
  });

  test("shows values that are right", () => {
    const filled = settings.map(({ name, value }) => [name, value.replace("…", "000000")]);
    expect(() => readConfig(Object.fromEntries(filled))).not.toThrow();
  });
});
