import type { App } from "../src/app.ts";
import { outwardChecks, type Claimed } from "../src/checking.ts";
import type { KeptSessions } from "../src/checks/kept-sessions.ts";
import type { Aftermath } from "../src/domain/aftermath.ts";
import { lookOnce, meansOf, type Means } from "./look.ts";
import { pause } from "../src/wait.ts";

const ROUNDS = 3; // looks that must agree before a change counts as harmful
const BETWEEN = 2_000; // ms

/**
 * Looks at a service once a change of it shows: its checks tell whether the change helped or did harm. Null when this
 * process has to stop before that is clear.
 */
export async function aftermath(
  app: App,
  service: string,
  failingBefore: readonly string[],
  { stopping, sessions }: { readonly stopping: AbortSignal; readonly sessions: KeptSessions },
): Promise<Aftermath | null> {
  const means = meansOf(app, sessions, stopping);
  const first = await critical(app, await outwardChecks(app, service), means);
  const still = first.filter(({ check }) => failingBefore.includes(check.spec.key));
  let worse = first.filter((each) => !still.includes(each));
  for (let round = 1; round < ROUNDS && worse.length > 0 && !stopping.aborted; round += 1) {
    await pause(BETWEEN, stopping);
    worse = await critical(
      app,
      worse.map(({ check }) => check),
      means,
    );
  }
  return stopping.aborted ? null : { worse: worse.map(said), still: still.map(said) };
}

type Failing = { readonly check: Claimed; readonly summary: string };

async function critical(app: App, checks: readonly Claimed[], means: Means): Promise<Failing[]> {
  const readings = await Promise.all(checks.map((check) => lookOnce(app, check, means)));
  return readings.flatMap(({ reading }, index) => {
    const check = checks[index];
    return check === undefined || reading.level !== "critical" ? [] : [{ check, summary: reading.summary }];
  });
}

function said({ check, summary }: Failing): string {
  return `${check.spec.key}, ${summary}`;
}
