import { appendFile, chmod, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Action, Arguments, Plan } from "../../src/domain/action.ts";
import type { Target } from "../../src/domain/catalog.ts";
import type { Observation } from "../../src/domain/observation.ts";
import type { Outcome, Verdict } from "../../src/providers/provider.ts";
import { ssh } from "../../src/providers/ssh/index.ts";
import { AGENT, openSshd, withoutApt, type Sshd } from "./sshd.ts";

/** A host and the provider beside it, for what is SSH's own. */
export type SshDesk = {
  readonly sshd: Sshd;
  /** What was printed while the last thing was done. */
  readonly lines: readonly string[];
  target(more?: object): Target;
  /** Puts a program there, which the host's list allows; its full path. */
  program(name: string, text: string): Promise<string>;
  /** All that its systemd knows of, by their properties as `systemctl show` has them. */
  units(...all: readonly Readonly<Record<string, string>>[]): Promise<void>;
  sees(target?: Target): Promise<Observation>;
  plan(action: Action, given?: Arguments, target?: Target): Promise<Plan>;
  /** A task of one program. */
  task(argv: readonly string[], timeout?: number): Promise<Plan>;
  apply(plan: Plan, use?: Use): Promise<Outcome>;
  verify(plan: Plan, use?: Use): Promise<Verdict>;
  /** The token of what was applied last. */
  token(): string;
  close(): Promise<void>;
};
type Use = { readonly target?: Target; readonly signal?: AbortSignal; readonly token?: string };

const SYSTEMCTL = `#!/bin/sh
# A unit as systemd tells of it: what it is stands in a file, and a restart makes it active. All of them stand in another.
case "$*" in
  'show --all '*' *.service') exec cat "\${0%/*}/units" ;;
esac
[ "$1" = show ] && cat "\${0%/*}/unit"
[ "$*" = "restart shop.service" ] && printf 'ActiveState=active\\nSubState=running\\nNRestarts=0\\n' >"\${0%/*}/unit"
exit 0
`;

/** `within` is what a login runs instead, made of what else it would run. */
export async function openSshDesk(within: (command: string) => string = (command) => command): Promise<SshDesk> {
  const sshd = await openSshd((home, may) => within(`HOME=${home} PATH=${home}:$PATH ${AGENT} ${may}`));
  const { home, port, user, hostKey, key, shop } = sshd;
  const lines: string[] = [];
  let steps = 0;
  await withoutApt(home);

  async function program(name: string, text: string): Promise<string> {
    const path = join(home, name);
    await writeFile(path, text);
    await chmod(path, 0o755);
    await appendFile(sshd.may, `run ${path}\n`);
    return path;
  }
  const restart = await program("restart", `#!/bin/sh\necho "$DAYTWO_OPERATION" >>${home}/effects\n`);
  await program("systemctl", SYSTEMCTL);
  async function units(...all: readonly Readonly<Record<string, string>>[]): Promise<void> {
    const blocks = all.map((unit) =>
      Object.entries(unit)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(""),
    );
    await writeFile(join(home, "units"), blocks.join("\n"));
  }
  await writeFile(join(home, "unit"), "ActiveState=failed\nSubState=failed\nNRestarts=5\n");

  function target(more: object = {}): Target {
    const place = { host: "127.0.0.1", port, user, key: { file: key }, host_key: hostKey, path: shop };
    const settings = { ...place, ...("unit" in more ? {} : { restart: [restart] }), ...more };
    return { key: "shop/web", service: "shop", name: "web", provider: "ssh", settings };
  }
  function sees(on = target()): Promise<Observation> {
    return ssh.observe(on, AbortSignal.timeout(30_000));
  }
  async function plan(action: Action, given: Arguments = {}, on = target()): Promise<Plan> {
    return ssh.plan({ action, arguments: given, target: on }, await sees(on));
  }
  function token(): string {
    return `step-${steps}`;
  }
  return {
    sshd,
    lines,
    target,
    program,
    units,
    sees,
    plan,
    task: (argv, timeout = 30_000) => plan("run", { task: "t", values: {}, command: { argv, timeout, risk: "low" } }),
    apply(drawn, { target: on = target(), signal = AbortSignal.timeout(60_000), token: given } = {}) {
      steps += 1;
      lines.length = 0;
      return ssh.apply(on, drawn, { token: given ?? token(), signal, report: (line) => void lines.push(line) });
    },
    verify: (drawn, { target: on = target(), token: given } = {}) =>
      ssh.verify(on, drawn, { token: given ?? token(), signal: AbortSignal.timeout(30_000) }),
    token,
    async close() {
      await sshd.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}
