import { z } from "zod";
import type { Action } from "../../domain/action.ts";
import type { Target } from "../../domain/catalog.ts";
import { databasePlace, groupPlace, KINDS, servicePlace, settings, type KindName } from "./api.ts";
import { CERTIFICATE } from "./certificates/index.ts";
import { change as changeDatabase, judge as judgeDatabase } from "./databases/change.ts";
import { observation as databaseSeen } from "./databases/observe.ts";
import { drawPlan as planDatabase } from "./databases/plan.ts";
import { rights as rightsOfDatabase } from "./databases/rights.ts";
import { databaseOf } from "./databases/see.ts";
import { discovery } from "./discover.ts";
import { change as changeGroup } from "./groups/change.ts";
import { judge as judgeGroup } from "./groups/judge.ts";
import { observation as groupSeen } from "./groups/observe.ts";
import { drawPlan as planGroup } from "./groups/plan.ts";
import { rights as rightsOfGroup } from "./groups/rights.ts";
import { groupOf } from "./groups/see.ts";
import { kind, type Kind } from "./kind.ts";
import { change as changeService } from "./services/change.ts";
import { judge as judgeService } from "./services/judge.ts";
import { observation as serviceSeen } from "./services/observe.ts";
import { drawPlan as planService } from "./services/plan.ts";
import { rights as rightsOfService } from "./services/rights.ts";
import { coreOf, ranBefore } from "./services/see.ts";
import type { Provider } from "../provider.ts";

const SERVICE = kind({
  settings: servicePlace,
  see: coreOf,
  observe: async (target, core, signal) => serviceSeen(target, core, await ranBefore(core, signal)),
  plan: planService,
  change: changeService,
  judge: judgeService,
  rights: rightsOfService,
});

const GROUP = kind({
  settings: groupPlace,
  see: groupOf,
  observe: groupSeen,
  plan: planGroup,
  change: changeGroup,
  judge: judgeGroup,
  rights: rightsOfGroup,
});

const DATABASE = kind({
  settings: databasePlace,
  see: databaseOf,
  observe: databaseSeen,
  plan: planDatabase,
  change: changeDatabase,
  judge: judgeDatabase,
  repeated: "DBSnapshotAlreadyExistsFault",
  rights: rightsOfDatabase,
});

const OF: Readonly<Record<KindName, Kind & { readonly actions: readonly Action[] }>> = {
  service: { ...SERVICE, actions: ["scale", "rollback", "restart"] },
  group: { ...GROUP, actions: ["scale", "rollback", "restart"] },
  certificate: { ...CERTIFICATE, actions: ["renew-cert"] },
  database: { ...DATABASE, actions: ["scale", "backup"] },
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
  actions: ["scale", "rollback", "restart", "renew-cert", "backup"],
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
      "renew-cert": "says what ACM waits for, such as a DNS record: it renews by itself, and cannot be asked to",
      backup: "takes a snapshot of a database, which is kept until somebody deletes it",
    },
    cannot: [
      "run tasks",
      "renew a certificate when somebody asks",
      "have AWS compare before it changes something",
      "roll back or restart what CodeDeploy or a program of its own deploys",
      "take back a group with mixed instances once its refresh has ended",
      "make a database's storage smaller, restart or restore it, or apply its pending maintenance",
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
