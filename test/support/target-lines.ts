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
  [
    "targets: { web: { provider: kubernetes, deployment: web, namespace: a } }\n    checks: { health: { limit: 3 } }",
    false,
  ],
];
