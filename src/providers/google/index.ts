import type { Target } from "../../domain/catalog.ts";
import { settings } from "./api.ts";
import { discovery } from "./discover.ts";
import { change as changeGroup, judge as judgeGroup } from "./group-change.ts";
import { observation as groupSeen } from "./group-observe.ts";
import { drawPlan as planGroup } from "./group-plan.ts";
import { groupOf } from "./group-see.ts";
import { kind, type Kind } from "./kind.ts";
import { examine } from "./rights.ts";
import { change as changeService } from "./run-change.ts";
import { judge as judgeService } from "./run-judge.ts";
import { observation as serviceSeen } from "./run-observe.ts";
import { drawPlan as planService } from "./run-plan.ts";
import { revisionsOf, serviceOf } from "./run-see.ts";
import type { Provider } from "../provider.ts";

const SERVICE = kind({
  name: "Cloud Run",
  see: serviceOf,
  async observe(target, where, signal) {
    const [service, revisions] = await Promise.all([serviceOf(where, signal), revisionsOf(where, signal)]);
    return serviceSeen(target, service, revisions);
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

function kindOf(target: Target): Kind {
  return settings.parse(target.settings).service === undefined ? GROUP : SERVICE;
}

/** Services on Cloud Run, and managed instance groups. */
export const google: Provider = {
  name: "google",
  settings,
  actions: ["scale", "rollback", "restart"],
  about: {
    target: "a Cloud Run service or a managed instance group on Google Cloud",
    does: {
      scale: "sets how many instances run; of a service that scales by itself, how many at the least",
      rollback: "sends all traffic of a service to an earlier revision, or to the newest again",
      restart: "makes a new revision that is the same, or starts a group's instances anew in turns",
    },
    cannot: [
      "run tasks",
      "renew certificates",
      "split traffic",
      "roll back a group",
      "scale a group that has an autoscaler",
      "see how many instances of a service really run",
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
