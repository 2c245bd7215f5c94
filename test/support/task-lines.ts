/** Lines of a service with tasks, as `LINES` of the schema's test, and whether they are right. */
const WEB = "targets: { web: { provider: local, supervisor: 'http://x', application: a, token: { env: T } } }";

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
];
