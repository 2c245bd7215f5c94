import { CONFIG_NAMES, setting, type ConfigName, type Values } from "./config/names.ts";
import {
  readDatabase,
  readLogLevel,
  readPort,
  readQueuesToken,
  readRedis,
  readRoles,
  readSwitch,
  readUrl,
  type LogLevel,
  type PortConfig,
  type Roles,
} from "./config/readers.ts";
import { readSlack, type SlackConfig } from "./config/slack.ts";
import { readTraces, type TracesConfig } from "./config/traces.ts";
import { Invalid } from "./errors.ts";

/** What the environment says, typed and checked. `.env.example` explains each name. */

export type Config = {
  readonly slack: SlackConfig;
  readonly database: { readonly url: string } | "embedded";
  /** null: the queues live in PostgreSQL. */
  readonly redis: string | null;
  /** Directory for everything that the embedded parts keep. */
  readonly home: string;
  /** Path of `daytwo.yaml`; null where none is given. */
  readonly catalog: string | null;
  readonly roles: Roles;
  readonly port: PortConfig;
  readonly workspacePort: PortConfig;
  /** Whether providers other than `local` may act although Slack is the local workspace. */
  readonly localActions: boolean;
  /** The address to call each minute while checks and delivery work; null: none. */
  readonly heartbeat: string | null;
  /** The address that is told, by POST, of trouble which Slack cannot show; null: none. */
  readonly alarm: string | null;
  /** The token that opens the view of the queues; null: there is no view. */
  readonly queuesToken: string | null;
  readonly logLevel: LogLevel;
  /** null: no traces are made. */
  readonly traces: TracesConfig | null;
};

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
      const value = setting(env, name);
      return value === undefined ? [] : [[name, value]];
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
    heartbeat: readUrl("DAYTWO_HEARTBEAT_URL", "https://watch.example.com/daytwo", values, complain),
    alarm: readUrl("DAYTWO_ALARM_URL", "https://pager.example.com/hooks/daytwo", values, complain),
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
