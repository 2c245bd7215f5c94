import type { ServiceStatus } from "../src/domain/board/service.ts";
import type { OperationCard } from "../src/domain/board/operation-card.ts";
import type { ItemCard } from "../src/domain/board/item-card.ts";
import type { Before, Neighbours } from "../src/domain/board/surroundings.ts";
import type { WindowLine } from "../src/domain/board/window-line.ts";
import type { EventLine } from "../src/domain/board/event-line.ts";
import type { Names } from "../src/domain/board/names.ts";
import type { Plan } from "../src/domain/action.ts";
import type { Service } from "../src/domain/catalog.ts";
import type { Item } from "../src/domain/item.ts";
import type { Observation, Session } from "../src/domain/observation.ts";
import type { Operation } from "../src/domain/operation.ts";

/** Values for the views' tests: one night at a small shop. */

export const NOW = new Date("2026-11-23T02:30:00Z");

export function at(time: string): Date {
  return new Date(`2026-11-23T${time}:00Z`);
}

export const NAMES: Names = {
  people: {
    ana: { slack: "U0ANA00", name: "Ana Operator" },
    ben: { slack: "U0BEN00", name: "Ben Approver" },
    cleo: { slack: null, name: "Cleo (no Slack)" },
  },
  teams: {
    web: { slackGroup: "S0WEB00", name: "Team Web" },
    data: { slackGroup: null, name: "Team Data" },
  },
};

export function item(changes: Partial<Item> = {}): Item {
  return {
    id: 151,
    fingerprint: "shop/http",
    origin: "check",
    service: "shop",
    responsibility: "releases",
    severity: "critical",
    state: "open",
    summary: "38 % of requests fail (limit 2 %)",
    evidence: { address: "https://shop.example/", "shop-db": "97 of 100 connections, 61 from web v142" },
    seen: 3,
    since: at("02:04"),
    openedAt: at("02:05"),
    lastSeenAt: at("02:29"),
    owner: null,
    ownedSince: null,
    dueAt: at("06:05"),
    acknowledgedBy: null,
    acknowledgedAt: null,
    acknowledgedUntil: null,
    snoozedUntil: null,
    resolvedAt: null,
    resolvedBy: null,
    resolution: null,
    follows: null,
    reverses: null,
    ...changes,
  };
}

export const TAKEN: Partial<Item> = {
  owner: { person: "ana" },
  ownedSince: at("02:10"),
  acknowledgedBy: "ana",
  acknowledgedAt: at("02:10"),
  acknowledgedUntil: at("03:10"),
};

export const BEFORE: Before = {
  news: [{ at: at("01:58"), dated: true, place: null, what: "release v142", by: { by: "Dana" } }],
  more: 0,
  watched: { since: null },
  blind: [],
};

export const ALONE: Neighbours = { shown: [], more: 0 };

export function itemCardOf(changes: Partial<Item> = {}, card: Partial<ItemCard> = {}): ItemCard {
  return {
    now: NOW,
    names: NAMES,
    item: item(changes),
    serviceName: "shop",
    duty: { team: "web" },
    runbook: "https://runbooks.example/shop?page=1&part=2",
    dashboard: null,
    operations: [],
    fitting: [
      { action: "rollback", target: "shop/web" },
      { action: "restart", target: "shop/web" },
    ],
    noise: null,
    before: BEFORE,
    neighbours: ALONE,
    maintenance: null,
    ...card,
  };
}

export const PLAN: Plan = {
  action: "rollback",
  target: "shop/web",
  arguments: { release: "v141" },
  risk: "high",
  version: "77",
  title: "Roll back shop v142 → v141",
  changes: { release: ["v142", "v141"] },
  reasons: ["v141 ran 3 days, all checks passing"],
  stays: ["database (migrations since v141: cannot see)", "config (POOL_SIZE changed 01:57)"],
  takes: 90_000,
  undo: { action: "rollback", arguments: { release: "v142" } },
};

export const SCALE_PLAN: Plan = {
  action: "scale",
  target: "shop/web",
  arguments: { sizes: { web: 4 }, temporary: 600_000 },
  risk: "low",
  version: "78",
  title: "Scale shop web 2 → 4",
  changes: { "size of web": ["2", "4"] },
  reasons: [],
  stays: [],
};

export function operation(changes: Partial<Operation> = {}): Operation {
  return {
    id: 17,
    item: 151,
    service: "shop",
    environment: "production",
    target: "shop/web",
    action: "rollback",
    arguments: { release: "v141" },
    state: "awaiting_approval",
    requestedBy: "ana",
    requestedAt: at("02:11"),
    plan: PLAN,
    planHash: "5d41402abc4b2a76",
    approvals: 1,
    expiresAt: at("02:31"),
    aloneAt: null,
    cancelRequestedAt: null,
    startedAt: null,
    finishedAt: null,
    outcome: null,
    despite: null,
    reversalOf: null,
    ...changes,
  };
}

export function operationCardOf(changes: Partial<Operation> = {}, card: Partial<OperationCard> = {}): OperationCard {
  return {
    now: NOW,
    names: NAMES,
    operation: operation(changes),
    serviceName: "shop",
    decisions: [],
    approvers: ["ben", "cleo"],
    asked: [{ person: "ben", at: at("02:11") }],
    restAt: null,
    alone: [],
    progress: [],
    needsPerson: null,
    steps: [],
    ...card,
  };
}

export const OBSERVATION: Observation = {
  target: "shop/web",
  observedAt: "2026-11-23T02:29:00Z",
  version: "77",
  health: "degraded",
  release: "v142",
  releases: [
    { release: "v142", createdAt: "2026-11-23T01:58:00Z", createdBy: "Dana" },
    { release: "v141", createdAt: "2026-11-20T09:00:00Z", healthySeconds: 259_200 },
    { release: "v140", createdAt: "2026-11-10T09:00:00Z" },
  ],
  sizes: [
    { process: "web", wanted: 4, running: 4, healthy: 3 },
    { process: "worker", wanted: 2, running: 2, healthy: 2 },
  ],
  certificates: [
    {
      address: "127.0.0.1:8443",
      servername: "shop.example",
      serial: "0A41",
      notBefore: "2026-08-30",
      notAfter: "2026-11-29T00:00:00Z",
    },
  ],
  facts: { balancer: "2 of 2" },
};

export function sessionOf(who: string, holdsUp: readonly string[] = []): Session {
  return {
    id: "12345",
    who,
    role: "shop",
    address: null,
    state: "idle in transaction",
    connected: "2026-11-23T01:12:00.000Z",
    transaction: "2026-11-23T01:58:00.000Z",
    waits: false,
    mark: "1/2",
    statement: null,
    holdsUp,
  };
}
export const SESSIONS = [sessionOf("web v142", ["12346", "12347"]), { ...sessionOf("report"), id: "12350" }];

export const SERVICE: Service = {
  key: "shop",
  name: "Shop",
  environment: "production",
  channel: "#shop",
  duties: { releases: { team: "web" }, patching: { by: "heroku" } },
  targets: [],
  checks: [],
  runbook: "https://runbooks.example/shop",
};

export const WINDOW: WindowLine = {
  id: 3,
  kind: "maintenance",
  name: "deploy",
  action: null,
  where: "shop",
  startsAt: at("02:00"),
  endsAt: at("09:00"),
  weekly: false,
  by: "ana",
};
export function status(changes: Partial<ServiceStatus> = {}): ServiceStatus {
  return {
    service: SERVICE,
    observations: [OBSERVATION],
    readings: [
      {
        key: "shop/http",
        reading: { level: "critical", summary: "38 % of requests fail (limit 2 %)", evidence: {} },
        at: at("02:29"),
      },
      {
        key: "shop/certificate",
        reading: { level: "ok", summary: "valid for 60 days", evidence: {} },
        at: at("02:20"),
      },
      { key: "shop/postgres/main", reading: null, at: null },
    ],
    items: [item()],
    itemsCount: 1,
    operations: [operation()],
    operationsCount: 1,
    done: [operation({ id: 12, state: "succeeded", finishedAt: at("01:30") })],
    duties: { releases: { team: "web" }, patching: { by: "heroku" }, "on-call": { person: "ana" } },
    freezes: [],
    maintenance: [],
    ...changes,
  };
}

export function event(kind: string, detail: EventLine["detail"] = {}, changes: Partial<EventLine> = {}): EventLine {
  return {
    id: 1,
    at: at("02:10"),
    kind,
    person: "ana",
    account: "U0ANA00",
    surface: "button",
    item: 151,
    operation: null,
    detail,
    ...changes,
  };
}
