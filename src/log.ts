import { pino, type Logger } from "pino";
import { currentIds } from "./trace.ts";

export type Log = Logger;

/** JSON lines on stderr: constant messages, facts in fields, never a secret; with the trace that they belong to. stdout stays free for answers. */
export function openLog(level: string): Log {
  return pino(
    {
      level,
      base: null,
      mixin: currentIds,
      redact: {
        paths: ["token", "*.token", "authorization", "*.authorization", "password", "*.password"],
        censor: "[redacted]",
      },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
