import { servicePlace } from "../api.ts";
import { kind } from "../kind.ts";
import { change } from "./change.ts";
import { judge } from "./judge.ts";
import { observation } from "./observe.ts";
import { drawPlan } from "./plan.ts";
import { rights } from "./rights.ts";
import { openSight } from "../../sight.ts";
import { coreOf, ranBefore, UNSEEN } from "./see.ts";

/** Services of Amazon ECS. */
export const SERVICE = kind({
  settings: servicePlace,
  see: coreOf,
  async observe(target, core, signal) {
    const sees = openSight();
    const seen = observation(target, core, await sees.of(UNSEEN.releases, ranBefore(core, signal), []));
    return { ...seen, facts: { ...seen.facts, ...sees.unseen } };
  },
  plan: drawPlan,
  change,
  judge,
  rights,
});
