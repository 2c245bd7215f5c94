import { z } from "zod";
import type { Action } from "../../domain/action.ts";
import type { Target } from "../../domain/catalog.ts";
import { KINDS, kindNameOf, settings, type KindName } from "./api.ts";
import { discovery } from "./discover.ts";
import { change as changeGroup, judge as judgeGroup } from "./group-change.ts";
import { observation as groupSeen } from "./group-observe.ts";
import { drawPlan as planGroup } from "./group-plan.ts";
import { groupOf } from "./group-see.ts";
import { kind, type Kind } from "./kind.ts";
import { examine } from "./rights.ts";
import { change as changeService } from "./run-change.ts";
import { judge as judgeService } from "./run-judge.ts";
import { FACT as RUN, observation as serviceSeen } from "./run-observe.ts";
import { drawPlan as planService } from "./run-plan.ts";
import { revisionsOf, serviceOf } from "./run-see.ts";
import { change as changeDatabase, judge as judgeDatabase } from "./sql-change.ts";
import { observation as databaseSeen } from "./sql-observe.ts";
import { drawPlan as planDatabase } from "./sql-plan.ts";
import { databaseOf, failureOf } from "./sql-see.ts";
import type { Provider } from "../provider.ts";
import { openSight } from "../sight.ts";

const SERVICE = kind({
  name: "Cloud Run",
  see: serviceOf,
  async observe(target, where, signal) {
    const sees = openSight();
    const [service, revisions] = await Promise.all([
      serviceOf(where, signal),
      sees.of(RUN.unseen, revisionsOf(where, signal), []),
    ]);
    return serviceSeen(target, service, { revisions, unseen: sees.unseen });
  },
  plan: planService,
  change: changeService,
  judge: judgeService,
});

const GROUP = kind({
  name: "Compute Engine",
  see: groupOf,
  observe: async (target, where, signal) => groupSeen(target, await groupOf(where, signal)),
  plan: planGroup,
  change: changeGroup,
  judge: judgeGroup,
});

const DATABASE = kind({
  name: "Cloud SQL",
  // What goes on for minutes is asked after less often: Google counts every question.
  later: 10_000,
  see: databaseOf,
  observe: async (target, where, signal) => databaseSeen(target, await databaseOf(where, signal)),
  plan: planDatabase,
  change: changeDatabase,
  judge: judgeDatabase,
  failure: failureOf,
});

const OF: Readonly<Record<KindName, Kind & { readonly actions: readonly Action[] }>> = {
  service: { ...SERVICE, actions: ["scale", "rollback", "restart"] },
  group: { ...GROUP, actions: ["scale", "restart"] },
  database: { ...DATABASE, actions: ["backup", "restart"] },
};

function kindOf(target: Target): Kind {
  return OF[kindNameOf(settings.parse(target.settings))];
}

const named = z.record(z.string(), z.unknown()).catch({});

/** Services on Cloud Run, managed instance groups, and instances of Cloud SQL. */
export const google: Provider = {
  name: "google",
  settings,
  whereabouts: ({ project, service, group, database, region, zone }) => ({
    project,
    service,
    group,
    database,
    region,
    zone,
  }),
  actions: ["scale", "rollback", "restart", "backup"],
  actionsOf(written) {
    const kind = KINDS.find((each) => named.parse(written)[each] !== undefined);
    return kind === undefined ? [] : OF[kind].actions;
  },
  about: {
    target: "a Cloud Run service, a managed instance group or a Cloud SQL instance on Google Cloud",
    does: {
      scale: "sets how many instances run; of a service that scales by itself, how many at the least",
      rollback: "sends all traffic of a service to an earlier revision, or to the newest again",
      restart:
        "makes a new revision that is the same, starts a group's instances anew in turns, or restarts a Cloud SQL instance",
      backup: "takes a backup of a Cloud SQL instance, which is kept until somebody deletes it",
    },
    cannot: [
      "run tasks",
      "renew certificates",
      "split traffic",
      "roll back a group",
      "scale a group that has an autoscaler",
      "see how many instances of a service really run",
      "restore a database",
      "see or take backups that Google's Backup and DR Service has",
    ],
    keeps: ["databases and whatever else is outside", "the number of instances"],
  },
  // Google's own front gives up on a request after a minute.
  settles: 60_000,
  discovery,
  examine,
  observe: (target, signal) => kindOf(target).observe(target, signal),
  plan: (request, seen) => kindOf(request.target).plan(request, seen),
  apply: (target, plan, use) => kindOf(target).apply(target, plan, use),
  verify: (target, plan, use) => kindOf(target).verify(target, plan, use),
};
