import type { App } from "../src/app.ts";
import type { KeptSessions } from "../src/checks/kept-sessions.ts";
import { ALL_WELL, type Aftermath } from "../src/domain/aftermath.ts";
import type { CheckSpec } from "../src/domain/catalog.ts";
import { lookOnce, observers } from "./look.ts";
import { pause } from "./pause.ts";

const ROUNDS = 3; // looks that must agree before a change counts as harmful
const BETWEEN = 2_000; // ms

/**
 * Looks at a service once a change of it shows: its checks say whether the change did what it was for, or harm. Null when
 * we have to stop before that is clear.
 */
export async function aftermath(
  app: App,
  service: string,
  failingBefore: readonly string[],
  { stopping, sessions }: { stopping: AbortSignal; sessions: KeptSessions },
): Promise<Aftermath | null> {
  const found = app.inForce().catalog.services[service];
  const checks = found?.checks.filter((check) => check.on !== "service") ?? [];
  if (found === undefined || checks.length === 0) return ALL_WELL;
  const means = { observing: observers(app, stopping), sessions, signal: stopping };

  async function critical(specs: readonly CheckSpec[]): Promise<Map<CheckSpec, string>> {
    const service = found;
    if (service === undefined) return new Map();
    const looked = await Promise.all(specs.map((spec) => lookOnce(app, spec, service, means)));
    return new Map(
      looked.flatMap(({ spec, reading }) => (reading.level === "critical" ? [[spec, reading.summary] as const] : [])),
    );
  }

  const first = await critical(checks);
  const still = [...first].filter(([spec]) => failingBefore.includes(spec.key));
  let worse = new Map([...first].filter(([spec]) => !failingBefore.includes(spec.key)));
  for (let round = 1; round < ROUNDS && worse.size > 0 && !stopping.aborted; round += 1) {
    await pause(BETWEEN, stopping);
    worse = await critical([...worse.keys()]);
  }
  return stopping.aborted ? null : { worse: [...worse].map(said), still: still.map(said) };
}

function said([spec, summary]: readonly [CheckSpec, string]): string {
  return `${spec.key}, ${summary}`;
}
