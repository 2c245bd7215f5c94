import type { Subject, Use } from "../../src/checks/check.ts";
import type { Reach } from "../../src/checks/reach.ts";
import { openKeptSessions, type KeptSessions } from "../../src/checks/kept-sessions.ts";
import type { Service } from "../../src/domain/catalog.ts";
import { Invalid, Unavailable } from "../../src/errors.ts";

/** What a look is given: a service called shop, and a world in which nothing is known unless the test says so. */

export function subjectOf(check: string): Subject {
  const service: Service = {
    key: "shop",
    name: "Shop",
    environment: "production",
    channel: "#ops",
    duties: {},
    targets: [],
    checks: [],
  };
  return {
    service,
    spec: {
      key: `shop/${check}`,
      service: "shop",
      check,
      on: "address",
      responsibility: "on-call",
      settings: {},
      every: 60_000,
      rule: { failures: 1, successes: 1 },
    },
  };
}

export function useOf(given: {
  now?: Date;
  since?: Date;
  reach?: Reach;
  signal?: AbortSignal;
  secrets?: Readonly<Record<string, string>>;
  duties?: Use["duties"];
  reachable?: readonly string[];
  sessions?: KeptSessions;
}): Use {
  return {
    now: given.now ?? new Date(),
    since: given.since ?? new Date(0),
    reach: given.reach ?? null,
    signal: given.signal ?? AbortSignal.timeout(20_000),
    duties: given.duties ?? {},
    sessions: given.sessions ?? openKeptSessions(0),
    reachable: new Set(given.reachable),
    observe: () => Promise.reject(new Unavailable("There is no target here.")),
    neighbourhood: () => Promise.reject(new Unavailable("There is no target here.")),
    secret: (reference) => {
      const name = "env" in reference ? reference.env : reference.file;
      const value = given.secrets?.[name];
      return value === undefined ? Promise.reject(new Invalid(`${name} is not set.`)) : Promise.resolve(value);
    },
  };
}
