/** Which environment variables there are, and how they are read: their values, and what is wrong with them. */

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
  "OTEL_EXPORTER_OTLP_ENDPOINT",
  "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
  "OTEL_EXPORTER_OTLP_PROTOCOL",
  "OTEL_EXPORTER_OTLP_HEADERS",
  "OTEL_SERVICE_NAME",
  "OTEL_TRACES_SAMPLER",
  "OTEL_TRACES_SAMPLER_ARG",
] as const;
export type ConfigName = (typeof CONFIG_NAMES)[number];

/** One of them; an empty one counts as unset. */
export function setting(env: Readonly<Record<string, string | undefined>>, name: ConfigName): string | undefined {
  const value = env[name]?.trim();
  return value === "" ? undefined : value;
}

/** What is set. */
export type Values = Readonly<Partial<Record<ConfigName, string>>>;
/** One thing that is wrong; never with the value, which may be a secret. */
export type Complain = (name: ConfigName, wrong: string) => void;
