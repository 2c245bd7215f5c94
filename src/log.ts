import { pino, type DestinationStream, type Logger } from "pino";
import { redacted } from "./redaction.ts";
import { currentIds } from "./telemetry/trace.ts";

export type Log = Logger;

/** An error of Redis holds the command that it was about, which may be the one that carries the password. */
const COMMANDS = ["err.command.args", "err.*.command.args"];

/** As pino tells an error, without the whole connection that pg hangs on one: ten thousand characters a line. */
function told(error: Error): object {
  const { client: _connection, ...rest } = pino.stdSerializers.err(error);
  return rest;
}

/** JSON lines on stderr: constant messages, facts in fields, never a secret; with the trace that they belong to. stdout stays free for answers. */
export function openLog(level: string, to: DestinationStream = pino.destination({ dest: 2, sync: true })): Log {
  return pino(
    {
      level,
      base: null,
      mixin: currentIds,
      serializers: { err: told },
      hooks: { streamWrite: redacted },
      redact: {
        paths: ["token", "*.token", "authorization", "*.authorization", "password", "*.password", ...COMMANDS],
        censor: "[redacted]",
      },
    },
    to,
  );
}
