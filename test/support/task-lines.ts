/** Lines of a service with tasks and sequences, as `LINES` of the schema's test, and whether they are right. */
const WEB = "targets: { web: { provider: local, supervisor: 'http://x', application: a, token: { env: T } } }";

const DB = "targets: { db: { provider: postgres, url: { env: U } } }";
const QUERY_LINES: readonly (readonly [string, boolean])[] = [
  [`${DB}\n    tasks: { t: { query: "select 1" } }`, true],
  [
    `${DB}\n    tasks: { t: { query: "select {n}", arguments: { n: { number: { min: -1, max: 9 } } }, timeout: 9s } }`,
    true,
  ],
  [`${DB}\n    tasks: { t: { query: "select 1", command: [x] } }`, false],
  [`${DB}\n    tasks: { t: { query: [select] } }`, false],
  [`${DB}\n    tasks: { t: { query: "" } }`, false],
];

export const TASK_LINES: readonly (readonly [string, boolean])[] = [
  [`${WEB}\n    tasks: { t: { command: [x, "{n}"], arguments: { n: { text: 9 } } } }`, true],
  [
    `${WEB}\n    tasks: { t: { command: [x, "{n}", 7], arguments: { n: { one_of: [eu, 7], default: eu } }, on: web } }`,
    true,
  ],
  [
    `${WEB}\n    tasks: { t: { command: [x, "{n}"], arguments: { n: { number: { min: 1, max: 9 }, default: 7 } } } }`,
    true,
  ],
  [`${WEB}\n    tasks: { t: { command: [x], for: backups, risk: read, timeout: 90s, description: y } }`, true],
  [`${WEB}\n    tasks:`, true],
  [`${WEB}\n    tasks: { t: { command: [x], arguments: } }`, true],
  [`${WEB}\n    tasks: { t: {} }`, false],
  [`${WEB}\n    tasks: { t: }`, false],
  [`${WEB}\n    tasks: { t: { command: "x y" } }`, false],
  [`${WEB}\n    tasks: { t: { command: [] } }`, false],
  [`${WEB}\n    tasks: { T: { command: [x] } }`, false],
  [`${WEB}\n    tasks: { t: { command: [x], risk: huge } }`, false],
  [`${WEB}\n    tasks: { t: { command: [x], for: backup } }`, false],
  [`${WEB}\n    tasks: { t: { command: [x], timeout: 5 } }`, false],
  [`${WEB}\n    tasks: { t: { command: [x, "{n}"], arguments: { n: { text: 999 } } } }`, false],
  [`${WEB}\n    tasks: { t: { command: [x, "{n}"], arguments: { n: { text: 9, one_of: [a] } } } }`, false],
  [`${WEB}\n    tasks: { t: { command: [x, "{n}"], arguments: { n: { number: { min: 1 } } } } }`, false],
  [`${WEB}\n    tasks: { t: { command: [x, "{n}"], arguments: { n: { one_of: [] } } } }`, false],
  [
    `${WEB}\n    sequences: { s: { steps: [{ scale: { web: 4 }, undo: true }, { restart: web }, { rollback: v1 }] } }`,
    true,
  ],
  [`${WEB}\n    sequences: { s: { for: scaling, description: y, steps: [{ renew-cert: true, on: web }] } }`, true],
  [
    `${WEB}\n    tasks: { t: { command: [x, "{n}"], arguments: { n: { text: 9 } } } }\n    sequences: { s: { steps: [{ run: t, with: { n: 7 }, undo: { restart: true } }] } }`,
    true,
  ],
  ...QUERY_LINES,
  [`${WEB}\n    sequences:`, true],
  [`${WEB}\n    sequences: { s: {} }`, false],
  [`${WEB}\n    sequences: { s: { steps: [] } }`, false],
  [`${WEB}\n    sequences: { s: { steps: [{ on: web }] } }`, false],
  [`${WEB}\n    sequences: { s: { steps: [{ restart: true, scale: { web: 4 } }] } }`, false],
  [`${WEB}\n    sequences: { s: { steps: [{ restart: false }] } }`, false],
  [`${WEB}\n    sequences: { s: { steps: [{ restart: true, undo: { undo: true, restart: true } }] } }`, false],
  [`${WEB}\n    sequences: { s: { steps: [{ scale: {} }] } }`, false],
  [`${WEB}\n    sequences: { S: { steps: [{ restart: true }] } }`, false],
  [`${WEB}\n    sequences: { s: { steps: [{ scale: { web: -1 } }] } }`, false],
];
