import * as pieces from "../pieces.ts";
import { itemOrService, readAdded, readAudited, readLook, readWhich } from "../places.ts";
import type { VerbGroup } from "../verb.ts";

/** What shows how things are, and what is looked at. */
export const SEE = {
  status: {
    aliases: ["show"],
    usage: "[service]",
    sentence: "How a service is: releases, sizes, checks, what is open. Without a service: all of them.",
    deed: "read",
    parse: (words) => ({ verb: "status", service: pieces.takeServiceOrNone(words) }),
  },
  items: {
    aliases: ["item", "list"],
    usage: "[mine|unowned|service|#id]",
    sentence: "What is open: everything, yours, nobody's, a service's, or one item in full.",
    deed: "read",
    parse: (words) => ({ verb: "items", which: readWhich(words) }),
  },
  check: {
    aliases: ["recheck"],
    usage: "service[/check]",
    sentence: "Runs a service's checks now, without waiting for their next time.",
    deed: "check",
    parse: (words, context) => ({ verb: "check", on: readLook(words, context) }),
  },
  add: {
    aliases: ["watch"],
    usage: "https://… [as service]",
    sentence: "Watches a public address from now on, its certificate too, and shows the lines to keep.",
    deed: "add",
    parse: readAdded,
  },
  remove: {
    aliases: ["unwatch"],
    usage: "service",
    sentence: "Stops watching a service that was added with `add`.",
    deed: "add",
    parse: (words) => ({ verb: "remove", service: pieces.takeService(words) }),
  },
  runbook: {
    aliases: [],
    usage: "service",
    sentence: "The link to a service's runbook.",
    deed: "read",
    parse: (words, context) => ({ verb: "runbook", on: itemOrService(words, context) }),
  },
  audit: {
    aliases: ["history", "log"],
    usage: "[#id|op-n|service]",
    sentence: "Who did or tried what, and when.",
    deed: "read",
    parse: (words, context) => ({ verb: "audit", of: readAudited(words, context) }),
  },
  digest: {
    aliases: [],
    usage: "",
    sentence: "What the daily digest would say now, only to you.",
    deed: "digest",
    parse: () => ({ verb: "digest" }),
  },
} satisfies VerbGroup;
