import { readAction, readPlannedAction } from "../actions.ts";
import type { VerbGroup } from "../verb.ts";

/** What is done to targets: each asks for an operation. */
export const ACT = {
  rollback: {
    aliases: ["roll-back"],
    usage: "service [to release]",
    sentence: "Goes back to a release; without one, to the one before, or the last that ran well where that is known.",
    deed: "request",
    parse: (words, context) => readAction("rollback", words, context),
  },
  scale: {
    aliases: ["resize"],
    usage: "service process=n … [for 10m]",
    sentence: "Changes how many of a process run; with `for`, only for so long.",
    deed: "request",
    parse: (words, context) => readAction("scale", words, context),
  },
  restart: {
    aliases: [],
    usage: "service [process]",
    sentence: "Restarts a process, or all of them, one after another.",
    deed: "request",
    parse: (words, context) => readAction("restart", words, context),
  },
  "renew-cert": {
    aliases: ["renew", "renew-certificate"],
    usage: "service",
    sentence: "Renews a certificate and sees that the new one is served.",
    deed: "request",
    parse: (words, context) => readAction("renew-cert", words, context),
  },
  pause: {
    aliases: ["hold"],
    usage: "service [for 2h]",
    sentence: "Holds rollouts back: what is changed waits until `resume`; with `for`, only for so long.",
    deed: "request",
    parse: (words, context) => readAction("pause", words, context),
  },
  resume: {
    aliases: ["unpause"],
    usage: "service",
    sentence: "Lets rollouts go on, with what was changed meanwhile.",
    deed: "request",
    parse: (words, context) => readAction("resume", words, context),
  },
  backup: {
    aliases: ["back-up", "snapshot"],
    usage: "service",
    sentence: "Takes a backup of a database now, and sees that it is there.",
    deed: "request",
    parse: (words, context) => readAction("backup", words, context),
  },
  maintenance: {
    aliases: ["maintenance-mode", "maintenance-page"],
    usage: "service on|off [for 1h]",
    sentence: "Shows visitors a maintenance page instead of a service, until `off`; with `for`, only for so long.",
    deed: "request",
    parse: (words, context) => readAction("maintenance", words, context),
  },
  reboot: {
    aliases: ["reboot-servers"],
    usage: "service",
    sentence: "Reboots the servers that it runs on, one after another.",
    deed: "request",
    parse: (words, context) => readAction("reboot", words, context),
  },
  end: {
    aliases: ["terminate", "kill"],
    usage: "service session [statement]",
    sentence: "Ends a session of a database, by its number; with `statement` only what it runs now.",
    deed: "request",
    parse: (words, context) => readAction("end", words, context),
  },
  run: {
    aliases: ["execute"],
    usage: "service task [name=value …]",
    sentence: "Runs a task or a sequence that the catalog declares; without one, says which there are.",
    deed: "request",
    parse: (words, context) => readAction("run", words, context),
  },
  plan: {
    aliases: ["preview", "dry-run"],
    usage: "action…",
    sentence: "Shows what an action would change, and changes nothing: `plan rollback shop`.",
    deed: "request",
    parse: (words, context) => ({ verb: "plan", action: readPlannedAction(words, context) }),
  },
} satisfies VerbGroup;
