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

const MOST_UNWRITTEN = 1024 * 1024; // characters that are kept while they cannot be written

/** A log that cannot be written, as where its disk is full, ends nothing: the next line tries again, with what is kept. */
export function openDestination(fd: number): DestinationStream {
  const to = pino.destination({ dest: fd, sync: true, maxLength: MOST_UNWRITTEN });
  to.on("error", () => undefined);
  return to;
}

/** JSON lines on stderr: constant messages, facts in fields, never a secret; with the trace that they belong to. stdout stays free for answers. */
export function openLog(level: string, to: DestinationStream = openDestination(2)): Log {
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
