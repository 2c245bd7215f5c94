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

const SERVICE = "provider: aws, service: shop-web, cluster: shop, region: eu-west-1";
const KEYS = "access_key: { env: A }, secret_key: { file: /s }";
const AWS_LINES: readonly (readonly [string, boolean])[] = [
  [`targets: { web: { ${SERVICE} } }`, true],
  [`targets: { web: { ${SERVICE}, profile: ops, role: "arn:aws:iam::123456789012:role/daytwo" } }`, true],
  [`targets: { web: { ${SERVICE}, ${KEYS}, endpoint: "https://vpce.example.com" } }`, true],
  [`targets: { web: { ${SERVICE}, ${KEYS}, profile: ops } }`, false],
  [`targets: { web: { ${SERVICE}, access_key: { env: A } } }`, false],
  [`targets: { web: { ${SERVICE}, access_key: { env: A }, secret_key: s } }`, false],
  [`targets: { web: { ${SERVICE}, role: daytwo } }`, false],
  [`targets: { web: { ${SERVICE}, endpoint: vpce } }`, false],
  [`targets: { web: { ${SERVICE.replace("eu-west-1", "europe")} } }`, false],
  [`targets: { web: { ${SERVICE.replace("shop-web", "service/shop-web")} } }`, false],
  [`targets: { web: { ${SERVICE.replace("cluster: shop, ", "")} } }`, false],
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
  ...AWS_LINES,
  ["targets: { web: { provider: cloud66, stack: 5999b763474b0eafa5fafb64bff0ba80, token: { env: T } } }", true],
  ["targets: { web: { provider: cloud66, stack: a-b-c-d-e, token: { file: /x }, account: 9, api: 'http://x' } }", true],
  ["targets: { web: { provider: cloud66, stack: 5999b763474b0eafa5fafb64bff0ba80 } }", false],
  ["targets: { web: { provider: cloud66, stack: ../../accounts, token: { env: T } } }", false],
  ["targets: { web: { provider: cloud66, stack: a-b-c-d-e, token: T } }", false],
  ["targets: { web: { provider: cloud66, stack: a-b-c-d-e, token: { env: T }, account: mine } }", false],
  ["targets: { web: { provider: heroku, app: shop-web } }", true],
  ["targets: { web: { provider: heroku, app: shop-web, token: { file: /x }, api: 'http://x' } }", true],
  ["targets: { web: { provider: heroku, app: shop-web, api: 'http://x' } }", false],
  ["targets: { web: { provider: heroku, app: Shop } }", false],
  ["targets: { web: { provider: heroku, app: ../other } }", false],
  ["targets: { web: { provider: heroku, app: shop-web, token: T } }", false],
  ...SSH_LINES,
  [
    "targets: { web: { provider: kubernetes, deployment: web, namespace: a } }\n    checks: { health: { limit: 3 } }",
    false,
  ],
];
