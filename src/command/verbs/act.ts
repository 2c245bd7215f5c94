import type { Action } from "../../domain/action.ts";
import { readAction, readPlannedAction } from "../actions.ts";
import type { Verb, VerbGroup } from "../verb.ts";

/** The row of an action: who may type it is who may request, and behind it stand its service and its arguments. */
function asksFor(action: Action, said: Pick<Verb, "aliases" | "usage" | "sentence">): Verb {
  return { ...said, deed: "request", parse: (words, context) => readAction(action, words, context) };
}

/** What is done to targets: each asks for an operation. */
export const ACT = {
  rollback: asksFor("rollback", {
    aliases: ["roll-back"],
    usage: "service [to release]",
    sentence: "Goes back to a release; without one, to the one before, or the last that ran well where that is known.",
  }),
  scale: asksFor("scale", {
    aliases: ["resize"],
    usage: "service process=n … [for 10m]",
    sentence: "Changes how many of a process run; with `for`, only for that long.",
  }),
  restart: asksFor("restart", {
    aliases: [],
    usage: "service [process]",
    sentence: "Restarts a process, or all of them, one after another.",
  }),
  "renew-cert": asksFor("renew-cert", {
    aliases: ["renew", "renew-certificate"],
    usage: "service",
    sentence: "Renews a certificate and sees that the new one is served.",
  }),
  pause: asksFor("pause", {
    aliases: ["hold"],
    usage: "service [for 2h]",
    sentence: "Holds rollouts back: what is changed waits until `resume`; with `for`, only for that long.",
  }),
  resume: asksFor("resume", {
    aliases: ["unpause"],
    usage: "service",
    sentence: "Lets rollouts go on, with what was changed meanwhile.",
  }),
  backup: asksFor("backup", {
    aliases: ["back-up", "snapshot"],
    usage: "service",
    sentence: "Takes a backup of a database now, and sees that it is there.",
  }),
  maintenance: asksFor("maintenance", {
    aliases: ["maintenance-mode", "maintenance-page"],
    usage: "service on|off [for 1h]",
    sentence: "Shows visitors a maintenance page instead of a service, until `off`; with `for`, only for that long.",
  }),
  reboot: asksFor("reboot", {
    aliases: ["reboot-servers"],
    usage: "service",
    sentence: "Reboots the servers that a service runs on, one after another.",
  }),
  patch: asksFor("patch", {
    aliases: ["apply-update", "apply-updates"],
    usage: "service [update]",
    sentence: "Applies now an update that waits for its maintenance window; without a name, the only one that waits.",
  }),
  end: asksFor("end", {
    aliases: ["terminate", "kill"],
    usage: "service session [statement]",
    sentence: "Ends a session of a database, by its number; with `statement` only what it runs now.",
  }),
  run: asksFor("run", {
    aliases: ["execute"],
    usage: "service task [name=value …]",
    sentence: "Runs a task or a sequence that the catalog declares; without one, says which there are.",
  }),
  plan: {
    aliases: ["preview", "dry-run"],
    usage: "action…",
    sentence: "Shows what an action would change, and changes nothing: `plan rollback shop`.",
    deed: "request",
    parse: (words, context) => ({ verb: "plan", action: readPlannedAction(words, context) }),
  },
} satisfies VerbGroup;
