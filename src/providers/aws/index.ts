import { z } from "zod";
import type { Action } from "../../domain/action.ts";
import type { Target } from "../../domain/catalog.ts";
import { KINDS, settings, type KindName } from "./api.ts";
import { CERTIFICATE } from "./certificates/index.ts";
import { DATABASE } from "./databases/index.ts";
import { discovery, whereabouts } from "./discover.ts";
import { GROUP } from "./groups/index.ts";
import type { Kind } from "./kind.ts";
import { SERVICE } from "./services/index.ts";
import type { Provider } from "../provider.ts";

const OF: Readonly<Record<KindName, Kind & { readonly actions: readonly Action[] }>> = {
  service: { ...SERVICE, actions: ["scale", "rollback", "restart"] },
  group: { ...GROUP, actions: ["scale", "rollback", "restart"] },
  certificate: { ...CERTIFICATE, actions: ["renew-cert"] },
  database: { ...DATABASE, actions: ["scale", "backup", "patch"] },
};

const named = z.record(z.string(), z.unknown()).catch({});

function kindNameOf(written: unknown): KindName | undefined {
  return KINDS.find((each) => named.parse(written)[each] !== undefined);
}

function kindOf({ settings: written }: Target): Kind {
  return OF[kindNameOf(written) ?? "service"];
}

/** Services of Amazon ECS, Auto Scaling groups, certificates of ACM, and instances of RDS. */
export const aws: Provider = {
  name: "aws",
  settings,
  whereabouts,
  actions: ["scale", "rollback", "restart", "renew-cert", "backup", "patch"],
  actionsOf(written) {
    const kind = kindNameOf(written);
    return kind === undefined ? [] : OF[kind].actions;
  },
  about: {
    target: "a service of Amazon ECS, an Auto Scaling group, a certificate of ACM or an instance of RDS",
    does: {
      scale:
        "sets the number of tasks or instances, or the bounds within which an autoscaler decides it; grows a database's storage",
      rollback:
        "deploys the task definition of an earlier release, or an earlier version of a group's launch template; takes back what is under way",
      restart: "replaces all tasks or instances by new ones that are the same, in turns",
      "renew-cert": "says what ACM waits for, such as a DNS record: ACM renews by itself, and nothing is sent",
      backup: "takes a snapshot of a database, which is kept until somebody deletes it",
      patch: "applies one pending maintenance action of a database at once, which cannot be undone",
    },
    cannot: [
      "run tasks",
      "renew a certificate when somebody asks",
      "have AWS compare before it changes something",
      "roll back or restart what CodeDeploy or a program of its own deploys",
      "take back a group with mixed instances once its refresh has ended",
      "make a database's storage smaller, restart or restore it, or put its maintenance off",
      "change what is a cluster's",
    ],
    keeps: [
      "the values of secrets and parameters",
      "the number of tasks or instances",
      "the database",
      "what was on the disks of instances that are gone",
    ],
  },
  // A request whose signature is older than five minutes is denied: what has not arrived by then never will.
  settles: 5 * 60_000,
  discovery,
  examine: (target, signal) => kindOf(target).examine(target, signal),
  observe: (target, signal) => kindOf(target).observe(target, signal),
  plan: (request, seen) => kindOf(request.target).plan(request, seen),
  apply: (target, plan, use) => kindOf(target).apply(target, plan, use),
  verify: (target, plan, use) => kindOf(target).verify(target, plan, use),
};
