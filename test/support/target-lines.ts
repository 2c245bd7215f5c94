const HOST = `provider: ssh, host: h, user: u, key: { file: /k }, host_key: "ssh-ed25519 ${"A".repeat(68)}", path: /srv/shop`;
const SSH_LINES: readonly (readonly [string, boolean])[] = [
  [`targets: { web: { ${HOST}, unit: shop.service } }`, true],
  [`targets: { web: { ${HOST}, restart: [/usr/local/bin/shop-restart, "--now"], port: 2222 } }`, true],
  [`targets: { web: { ${HOST} } }`, false],
  [`targets: { web: { ${HOST}, unit: shop.service, restart: [x] } }`, false],
  [`targets: { web: { ${HOST}, unit: shop.service, port: 70000 } }`, false],
  [`targets: { web: { ${HOST}, restart: [] } }`, false],
  [`targets: { web: { ${HOST}, restart: shop-restart } }`, false],
  [`targets: { web: { ${HOST.replace(/host_key: "[^"]*"/, "host_key: 'SHA256:x'")}, unit: shop.service } }`, false],
  [`targets: { web: { ${HOST.replace("path: /srv/shop", "path: srv/shop")}, unit: shop.service } }`, false],
  [`targets: { web: { ${HOST.replace("host: h", "host: -h")}, unit: shop.service } }`, false],
  [`targets: { web: { ${HOST.replace("key: { file: /k }", "key: /k")}, unit: shop.service } }`, false],
];

/** Lines of a service about its targets and how they are looked at, and whether they are right. */
export const TARGET_LINES: readonly (readonly [string, boolean])[] = [
  ["targets: { web: { provider: local, supervisor: 'http://x', application: a, token: { env: T } } }", true],
  ["targets: { web: { provider: local, supervisor: 'http://x', application: a, token: T } }", false],
  ["targets: { web: { provider: locl, supervisor: 'http://x', application: a, token: { env: T } } }", false],
  ["targets: { web: { supervisor: 'http://x', application: a, token: { env: T } } }", false],
  ["targets: { web: { provider: local, supervisr: 'http://x', application: a, token: { env: T } } }", false],
  ["targets: { Web: { provider: local, supervisor: 'http://x', application: a, token: { env: T } } }", false],
  ["targets: { web: local }", false],
  ["targets: { web: { provider: kubernetes, deployment: web, namespace: shop } }", true],
  [
    "targets: { web: { provider: kubernetes, statefulset: db, namespace: a, context: c, kubeconfig: { file: /x }, container: d } }",
    true,
  ],
  ["targets: { web: { provider: kubernetes, daemonset: agent, namespace: shop, kubeconfig: { env: K } } }", true],
  ["targets: { web: { provider: kubernetes, deployment: web } }", false],
  ["targets: { web: { provider: kubernetes, namespace: shop } }", false],
  ["targets: { web: { provider: kubernetes, deployment: web, daemonset: web, namespace: shop } }", false],
  ["targets: { web: { provider: kubernetes, deployment: Web, namespace: shop } }", false],
  ["targets: { web: { provider: kubernetes, deployment: web, namespace: shop, kubeconfig: /x } }", false],
  ["targets: { web: { provider: kubernetes, deploymnet: web, namespace: shop } }", false],
  ["targets: { web: { provider: kubernetes, deployment: web, namespace: a } }\n    checks: { health: }", true],
  ...SSH_LINES,
  ["targets: { db: { provider: postgres, url: { env: U } } }", true],
  ["targets: { db: { provider: postgres, url: { file: /x }, long_transaction: 5m, superuser: true } }", true],
  ["targets: { db: { provider: postgres } }", false],
  ["targets: { db: { provider: postgres, url: 'postgres://a:b@c/d' } }", false],
  ["targets: { db: { provider: postgres, url: { env: U }, long_transaction: 5 } }", false],
  ["targets: { db: { provider: postgres, url: { env: U }, superuser: false } }", false],
  [
    "targets: { web: { provider: kubernetes, deployment: web, namespace: a } }\n    checks: { health: { limit: 3 } }",
    false,
  ],
];
