import { readFile } from "node:fs/promises";
import type { Plan } from "../../domain/action.ts";
import type { Target } from "../../domain/catalog.ts";
import type { Observation } from "../../domain/observation.ts";
import { CHANGE, follow, printed, TASK } from "./follow.ts";
import { serves } from "../serves.ts";
import { drawPlan } from "./plan.ts";
import {
  ask,
  lookAt,
  operationOf,
  settings,
  type Application,
  type FleetOperation,
  type Settings,
} from "./supervisor.ts";
import type { ApplyUse, Outcome, Provider, Verdict } from "../provider.ts";

/** The demo fleet: real processes on this machine, behind a supervisor that compares versions and honours tokens. */
export const local: Provider = {
  name: "local",
  settings,
  whereabouts: ({ supervisor, application }) => ({ supervisor, application }),
  actions: ["scale", "rollback", "restart", "renew-cert", "run"],
  about: {
    target: "an application of the demo's fleet on this machine",
    does: {
      scale: "starts and drains processes one at a time",
      rollback: "puts an earlier release in the place of each process",
      restart: "starts processes anew, one at a time",
      "renew-cert": "has the development CA issue a new certificate",
      run: "runs a task of the catalog",
    },
    cannot: ["act on anything but the demo's fleet"],
    keeps: ["configuration", "the number of processes", "the database", "what a task did"],
  },
  settles: 15_000,
  async observe(target, signal) {
    return observation(target, await lookAt(settingsOf(target), signal));
  },
  plan: drawPlan,
  apply,
  verify,
};

function settingsOf(target: Target): Settings {
  return settings.parse(target.settings);
}

function observation(target: Target, seen: Application): Observation {
  return {
    target: target.key,
    observedAt: new Date().toISOString(),
    version: String(seen.version),
    health: seen.health,
    release: seen.release,
    releases: seen.releases.map((each) => ({
      release: each.release,
      createdAt: each.created_at,
      createdBy: each.created_by,
      summary: each.summary,
      healthySeconds: each.healthy_for_seconds,
    })),
    sizes: Object.entries(seen.processes).map(([process, { wanted, running, healthy }]) => ({
      process,
      wanted,
      running,
      healthy,
    })),
    certificates:
      seen.tls === undefined
        ? []
        : [
            {
              address: seen.tls.address,
              servername: seen.tls.servername,
              serial: seen.tls.serial.toUpperCase(),
              notBefore: seen.tls.not_before,
              notAfter: seen.tls.not_after,
              caFile: seen.tls.ca_file,
            },
          ],
    facts: { Address: seen.url },
  };
}

/** The supervisor takes an operation at once and works on it; its progress is passed on until it ends. */
async function apply(target: Target, plan: Plan, use: ApplyUse): Promise<Outcome> {
  const where = settingsOf(target);
  const { token, signal } = use;
  const asked = await ask(
    where,
    { token, action: plan.action, arguments: givenTo(plan), if_version: Number(plan.version) },
    signal,
  );
  if (asked.kind !== "taken") return asked;
  return follow(where, asked.operation, plan.action === "run" ? TASK : CHANGE, use);
}

/** The arguments as the supervisor knows them. */
function givenTo({ arguments: { sizes, release, process, command } }: Plan): object {
  if (command !== undefined) return { task: { argv: command.argv, timeout: command.timeout } };
  return { sizes, release, process };
}

async function verify(
  target: Target,
  plan: Plan,
  { token, signal }: { token: string; signal: AbortSignal },
): Promise<Verdict> {
  const where = settingsOf(target);
  const [operation, now] = await Promise.all([operationOf(where, token, signal), lookAt(where, signal)]);
  if (operation === null) {
    const untouched = String(now.version) === plan.version;
    return untouched
      ? { kind: "untouched", seen: "nothing was applied" }
      : { kind: "differs", seen: "nothing of ours was applied, and it changed meanwhile" };
  }
  if (operation.state === "running")
    return { kind: "pending", seen: operation.progress.at(-1)?.text ?? "it is under way" };
  if (operation.state === "failed") {
    const kind = plan.action === "run" ? "failed" : "differs";
    return { kind, seen: operation.message ?? "it failed there", printed: printed(operation) };
  }
  if (plan.action === "run") return { kind: "holds", seen: endedWell(operation), printed: printed(operation) };
  return plan.action === "renew-cert" ? servedLately(plan, now, signal) : shows(plan, now);
}

/** A task's effect is its own business: that it ended well is all that there is to see. */
function endedWell({ progress }: FleetOperation): string {
  const last = progress.findLast(({ text }) => text.trim() !== "");
  return last === undefined ? "it ended well and said nothing" : `it ended well: ${last.text}`;
}

/** Whether the target shows what the plan wanted, all of it healthy. */
function shows(plan: Plan, now: Application): Verdict {
  const sizes = Object.entries(now.processes).map(([process, { wanted, healthy }]) => ({ process, wanted, healthy }));
  const unhealthy = sizes.filter((each) => each.healthy < each.wanted);
  const wrongSize = Object.entries(plan.arguments.sizes ?? {}).filter(
    ([process, wanted]) => now.processes[process]?.wanted !== wanted,
  );
  const wrongRelease = plan.arguments.release !== undefined && plan.arguments.release !== now.release;
  if (wrongRelease) return { kind: "differs", seen: `release ${now.release} runs` };
  if (wrongSize.length > 0)
    return {
      kind: "differs",
      seen: wrongSize.map(([process]) => `${process} is ${now.processes[process]?.wanted ?? 0}`).join(", "),
    };
  if (unhealthy.length > 0)
    return {
      kind: "pending",
      seen: unhealthy.map((each) => `${each.healthy} of ${each.wanted} ${each.process} healthy`).join(", "),
    };
  return {
    kind: "holds",
    seen: `release ${now.release}, ${sizes.map((each) => `${each.healthy} ${each.process}`).join(", ")}, all healthy`,
  };
}

/** The new serial, read off the wire until it stays. */
async function servedLately(plan: Plan, now: Application, signal: AbortSignal): Promise<Verdict> {
  if (now.tls === undefined) return { kind: "differs", seen: "there is no TLS endpoint any more" };
  const { address, servername, ca_file: file } = now.tls;
  const serial = now.tls.serial.toUpperCase();
  const [old = ""] = plan.changes["certificate"] ?? [];
  if (old.includes(serial)) return { kind: "pending", seen: `serial ${serial} is what there was before` };
  return serves([{ address, servername, ca: await readFile(file, "utf8") }], serial, signal);
}
