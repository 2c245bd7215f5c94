import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { asActor, decision, missingAuthority, stateAfter } from "../src/domain/approving.ts";
import type { Person, Service } from "../src/domain/catalog.ts";
import { ROLES, type Role } from "../src/domain/role.ts";
import { moveOperation, type Approval, type Operation, type Verdict } from "../src/domain/operation.ts";
import { policyFor } from "../src/domain/policy.ts";
import { Conflict, Denied } from "../src/errors.ts";
import { PLAN, operation } from "./views.values.ts";

/**
 * Approvals under random sequences of whatever people and time can do. The rules are those that the doors and the workers
 * ask; what they may let through is said once more here, in a few lines of its own, over what happened.
 */

// Of a million refusals most of the time would go into noting where each came from.
const { stackTraceLimit } = Error;
beforeAll(() => {
  Error.stackTraceLimit = 0;
});
afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit;
});

const MINUTE = 60_000;
const [ALONE_AFTER, EXPIRES_AFTER] = [5 * MINUTE, 20 * MINUTE];

/** Who is behind which account; two of them have a second one. */
const ACCOUNTS = { U1: "ana", U2: "ana", U3: "ben", U4: "ben", U5: "cleo" } as const;
type Account = keyof typeof ACCOUNTS;
const PEOPLE = ["ana", "ben", "cleo"] as const;
type Key = (typeof PEOPLE)[number];
/** What may be asked for: back to what ran well, somewhere else, or what destroys and claims to go back. */
const KINDS = ["restores", "elsewhere", "destroys"] as const;

type Command =
  | { do: "request"; by: Account; needs: 1 | 2; kind: (typeof KINDS)[number] }
  | { do: "decide"; by: Account; verdict: Verdict; sees: "now" | "before" }
  | { do: "role"; of: Key; role: Role | null }
  | { do: "on call"; who: Key | null }
  | { do: "wait"; ms: number }
  | { do: "edit" | "cancel" | "execute" };

const ACCOUNT_KEYS = Object.keys(ACCOUNTS) as Account[];
const COMMANDS: readonly Command[] = [
  ...ACCOUNT_KEYS.flatMap((by) =>
    (["approved", "approved", "denied", "alone", "alone"] as const).map((verdict): Command => ({
      do: "decide",
      by,
      verdict,
      sees: "now",
    })),
  ),
  ...ACCOUNT_KEYS.map((by): Command => ({ do: "decide", by, verdict: "approved", sees: "before" })),
  ...PEOPLE.flatMap((of) => [...ROLES, null].map((role): Command => ({ do: "role", of, role }))),
  ...[...PEOPLE, null].map((who): Command => ({ do: "on call", who })),
  ...[MINUTE, ALONE_AFTER, ALONE_AFTER, EXPIRES_AFTER].map((ms): Command => ({ do: "wait", ms })),
  ...KINDS.flatMap((kind) => ([1, 2] as const).map((needs): Command => ({ do: "request", by: "U1", needs, kind }))),
  ...Array<Command>(12).fill({ do: "execute" }),
  { do: "edit" },
  { do: "cancel" },
];

const SHOP: Service = {
  key: "shop",
  name: "shop",
  environment: "production",
  channel: "#shop",
  duties: {},
  targets: [],
  checks: [],
};

/** What the doors and the workers ask; a test may put a broken one in its place. */
const RULES = { decision, stateAfter, missingAuthority };
type Rules = typeof RULES;

/** What truly happened, for the rule beneath. */
type Told = { readonly person: Key; readonly verdict: Verdict; readonly plan: number; readonly at: number };

type World = {
  roles: Record<Key, Role | null>;
  onCall: Key | null;
  now: number;
  plan: number;
  kind: (typeof KINDS)[number];
  askedAt: number;
  operation: Operation;
  decisions: Approval[];
  told: Told[];
};

function atLeast(role: Role | null, least: Role): boolean {
  return role !== null && ROLES.indexOf(role) >= ROLES.indexOf(least);
}

/** The rule: enough others who may approve now said yes to this very plan; or, nobody having answered in time, whoever is on call went back alone. */
function mayRun({
  roles,
  onCall,
  now,
  plan,
  kind,
  askedAt,
  operation: { approvals, requestedBy },
  told,
}: World): boolean {
  const ofThis = told.filter((each) => each.plan === plan);
  const yes = PEOPLE.filter(
    (key) =>
      key !== requestedBy &&
      atLeast(roles[key], "approver") &&
      ofThis.some(({ person, verdict }) => person === key && verdict === "approved"),
  );
  const alone = ofThis.some(
    ({ person, verdict, at }) =>
      verdict === "alone" && person === onCall && atLeast(roles[person], "operator") && at >= askedAt + ALONE_AFTER,
  );
  const answered = told.some(({ verdict }) => verdict !== "alone");
  return (
    now < askedAt + EXPIRES_AFTER &&
    atLeast(roles[requestedBy as Key], "operator") &&
    (yes.length >= approvals || (alone && !answered && kind === "restores"))
  );
}

function catalogOf({ roles }: World) {
  const people: Record<string, Person> = {};
  for (const key of PEOPLE) {
    const [role, slack] = [roles[key], ACCOUNT_KEYS.filter((account) => ACCOUNTS[account] === key)];
    if (role !== null) people[key] = { key, name: key, slack, teams: [], role, services: {} };
  }
  return { people, services: { shop: SHOP }, policies: [] };
}

function requested(world: World, { by, needs, kind }: Extract<Command, { do: "request" }>): void {
  world.plan += 1;
  world.askedAt = world.now;
  world.kind = kind;
  world.decisions = [];
  world.told = [];
  world.operation = operation({
    requestedBy: ACCOUNTS[by],
    approvals: needs,
    plan: { ...PLAN, restores: kind !== "elsewhere", risk: kind === "destroys" ? "destructive" : "high" },
    planHash: `${world.plan}`,
    expiresAt: new Date(world.now + EXPIRES_AFTER),
    aloneAt: new Date(world.now + ALONE_AFTER),
  });
}

function decided(rules: Rules, world: World, { by, verdict, sees }: Extract<Command, { do: "decide" }>): void {
  const catalog = catalogOf(world);
  const known = catalog.people[ACCOUNTS[by]];
  const actor =
    known === undefined
      ? { person: null, account: by, team: "", kind: "member" as const, role: null, services: {}, name: by }
      : { ...asActor(known), account: by };
  const policy = policyFor(catalog, world.operation.action, SHOP, world.operation.plan?.risk ?? "high");
  const given = rules.decision(world.operation, world.decisions, {
    verdict,
    reason: null,
    actor,
    ground: { service: "shop", catalogHasPeople: true, onCall: ACCOUNTS[by] === world.onCall, policy },
    seenHash: `${sees === "now" ? world.plan : world.plan - 1}`,
    now: new Date(world.now),
    nameOf: (person) => person,
    zone: "UTC",
  });
  world.decisions.push(given);
  world.told.push({ person: ACCOUNTS[by], verdict, plan: world.plan, at: world.now });
  world.operation = { ...world.operation, state: rules.stateAfter(catalog, world.operation, world.decisions) };
}

const DOES: {
  readonly [C in Exclude<Command["do"], "execute">]: (
    rules: Rules,
    world: World,
    command: Extract<Command, { do: C }>,
  ) => void;
} = {
  request: (_rules, world, command) => requested(world, command),
  decide: decided,
  role: (_rules, world, { of, role }) => void (world.roles[of] = role),
  "on call": (_rules, world, { who }) => void (world.onCall = who),
  wait: (_rules, world, { ms }) => void (world.now += ms),
  edit: (_rules, world) => {
    world.plan += 1;
    world.operation = { ...world.operation, planHash: `${world.plan}` };
  },
  cancel: (_rules, world) => {
    world.operation = { ...world.operation, state: moveOperation(17, world.operation.state, "cancel") };
  },
};

type Ran = "with a quorum" | "alone" | "not";

/** Does one after the other; what ran, and null where something ran that may not, or did not run and may. */
function play(rules: Rules, commands: readonly Command[]): Ran | null {
  const world: World = {
    roles: { ana: "operator", ben: "approver", cleo: "admin" },
    onCall: "ana",
    now: Date.UTC(2026, 10, 24, 2),
    plan: 0,
    kind: "restores",
    askedAt: 0,
    operation: operation(),
    decisions: [],
    told: [],
  };
  requested(world, { do: "request", by: "U1", needs: 1, kind: "restores" });
  let ran: Ran = "not";
  for (const command of commands) {
    if (command.do === "execute") {
      if (world.operation.state !== "queued") continue;
      const given = { onCall: world.onCall === null ? [] : [world.onCall], now: new Date(world.now) };
      const runs = rules.missingAuthority(catalogOf(world), world.operation, world.decisions, given) === null;
      if (runs !== mayRun(world)) return null;
      world.operation = { ...world.operation, state: runs ? "running" : "refused" };
      if (runs) ran = world.decisions.some(({ verdict }) => verdict === "alone") ? "alone" : "with a quorum";
      continue;
    }
    try {
      DOES[command.do](rules, world, command as never);
    } catch (error) {
      if (!(error instanceof Denied || error instanceof Conflict)) throw error;
    }
  }
  return ran;
}

const SEQUENCE = fc.array(fc.constantFrom(...COMMANDS), { maxLength: 16, size: "max" });

test("of 100,000 sequences none runs without a quorum at that instant, or alone where that is allowed, and all others do", () => {
  const seen = new Map<Ran, number>();
  fc.assert(
    fc.property(SEQUENCE, (commands) => {
      const ran = play(RULES, commands);
      if (ran !== null) seen.set(ran, (seen.get(ran) ?? 0) + 1);
      return ran !== null;
    }),
    { numRuns: 100_000 },
  );
  // A run in which hardly anything ran would have shown nothing.
  expect(seen.get("with a quorum")).toBeGreaterThan(1_000);
  expect(seen.get("alone")).toBeGreaterThan(100);
});

describe("a broken rule is found", () => {
  function everybody(catalog: Parameters<Rules["missingAuthority"]>[0]): typeof catalog {
    const people = PEOPLE.map((key): Person => ({ key, name: key, slack: [], teams: [], role: "admin", services: {} }));
    return { ...catalog, people: Object.fromEntries(people.map((person) => [person.key, person])) };
  }
  const BROKEN: Readonly<Record<string, Partial<Rules>>> = {
    "roles are those of the day before": {
      missingAuthority: (catalog, ...rest) => missingAuthority(everybody(catalog), ...rest),
    },
    "an approval is for any plan": {
      missingAuthority: (catalog, asked, made, now) =>
        missingAuthority(
          catalog,
          asked,
          made.map((each) => ({ ...each, planHash: asked.planHash ?? "" })),
          now,
        ),
    },
    "accounts are counted": {
      decision: (asked, made, by) => decision(asked, [], by),
      stateAfter: (_catalog, asked, made) => (made.length >= asked.approvals ? "queued" : asked.state),
      missingAuthority: (_catalog, asked, made) => (made.length >= asked.approvals ? null : "too few"),
    },
    "time stands still": {
      missingAuthority: (catalog, asked, made, { onCall }) =>
        missingAuthority(catalog, asked, made, { onCall, now: new Date(0) }),
    },
    "alone goes anywhere": {
      missingAuthority: (catalog, asked, made, now) =>
        made.some(({ verdict }) => verdict === "alone") ? null : missingAuthority(catalog, asked, made, now),
    },
    "nobody is waited for": {
      decision: (asked, made, by) => decision({ ...asked, aloneAt: new Date(0) }, made, by),
    },
    "whoever has answered does not matter": {
      decision: (asked, made, by) => decision(asked, by.verdict === "alone" ? [] : made, by),
    },
  };
  test.each(Object.entries(BROKEN))("%s", (_name, broken) => {
    const found = fc.check(
      fc.property(SEQUENCE, (commands) => play({ ...RULES, ...broken }, commands) !== null),
      { numRuns: 100_000, seed: 17, endOnFailure: true },
    );
    expect(found.failed).toBe(true);
  });
});
