import type { Plan } from "../../domain/action.ts";
import type { Target } from "../../domain/catalog.ts";
import type { Provider, Verdict } from "../provider.ts";
import { said, type Answer } from "./answer.ts";
import { apply, failure } from "./apply.ts";
import { discovery } from "./discover.ts";
import { settings } from "./settings.ts";
import { examine, look, observe, releaseIn, unitIn, versionIn } from "./observe.ts";
import { drawPlan } from "./plan.ts";
import { renewed } from "./renewal.ts";

/** Applications on plain hosts over SSH: releases beside each other, a link to the current one, and what restarts it. */
export const ssh: Provider = {
  name: "ssh",
  settings,
  whereabouts: ({ host, port = 22, path, unit }) => ({ host, port, path, unit }),
  actions: ["rollback", "restart", "renew-cert", "run"],
  about: {
    target: "an application or a systemd unit on a host, reached over SSH",
    does: {
      rollback: "switches the link to an earlier release in one move, and restarts",
      restart: "restarts the systemd unit, or runs the program that the catalog names for it",
      "renew-cert": "runs the program there that renews, and the one that reloads, until the new certificate is served",
      run: "runs a task of the catalog",
    },
    cannot: [
      "change how many processes run",
      "renew a certificate without a program there that does it",
      "install updates without a task that does it",
      "deploy or delete releases",
    ],
    keeps: ["the database", "what releases share", "configuration", "what a task did"],
  },
  // The agent acts only on a request that came whole, compares before, and knows the token of what it did.
  settles: 15_000,
  discovery,
  examine,
  observe,
  plan: drawPlan,
  apply,
  verify,
};

async function verify(
  target: Target,
  plan: Plan,
  { token, signal }: { token: string; signal: AbortSignal },
): Promise<Verdict> {
  const where = settings.parse(target.settings);
  const heard: Buffer[] = [];
  const answer = await look(where, { verb: "status", token }, signal, (printed) => void heard.push(printed));
  if (said(answer, "claimed") === undefined)
    return versionIn(answer) === plan.version
      ? { kind: "untouched", seen: "nothing was applied" }
      : { kind: "differs", seen: "nothing of ours was applied, and it changed meanwhile" };
  const lines = printedIn(answer, Buffer.concat(heard).toString("utf8"));
  const last = lines.findLast((line) => line.trim() !== "");
  if (said(answer, "running") !== undefined) return { kind: "pending", seen: last ?? "it is under way" };
  const printed = lines.length === 0 ? {} : { printed: lines };
  const ended = said(answer, "ended");
  if (ended === undefined) return { kind: "differs", seen: `it broke off on the host; ${shows(answer)}`, ...printed };
  if (ended !== "0") return { kind: "failed", seen: worded(failure(ended, plan), last), ...printed };
  if (plan.action === "run") return { kind: "holds", seen: worded("it ended well", last), ...printed };
  const shown = plan.action === "renew-cert" ? await renewed(plan, signal) : effect(plan, answer);
  return { ...shown, ...printed };
}

function worded(words: string, last: string | undefined): string {
  return last === undefined ? words : `${words}: ${last}`;
}

function printedIn(answer: Answer, text: string): string[] {
  const dropped = said(answer, "dropped");
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return dropped === undefined ? lines : [`… ${dropped} bytes were printed before this`, ...lines];
}

/** Whether what was switched is still so, and runs. */
function effect({ arguments: { release } }: Plan, answer: Answer): Verdict {
  const now = releaseIn(answer);
  const unit = unitIn(answer);
  const seen = shows(answer);
  if (release !== undefined && now !== release) return { kind: "differs", seen };
  if (unit === null || unit.active === "active") return { kind: "holds", seen };
  return { kind: unit.active === "activating" || unit.active === "reloading" ? "pending" : "differs", seen };
}

function shows(answer: Answer): string {
  const unit = unitIn(answer);
  const release = releaseIn(answer);
  const words = release === undefined ? "current is no release" : `release ${release} is current`;
  return [
    ...(said(answer, "current") === undefined ? [] : [words]),
    ...(unit === null ? [] : [`its unit is ${unit.active}`]),
  ].join(", ");
}
