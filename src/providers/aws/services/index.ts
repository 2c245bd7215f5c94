import { servicePlace } from "../api.ts";
import { kind } from "../kind.ts";
import { change } from "./change.ts";
import { judge } from "./judge.ts";
import { observation } from "./observe.ts";
import { drawPlan } from "./plan.ts";
import { rights } from "./rights.ts";
import { coreOf, ranBefore } from "./see.ts";

/** Services of Amazon ECS. */
export const SERVICE = kind({
  settings: servicePlace,
  see: coreOf,
  observe: async (target, core, signal) => observation(target, core, await ranBefore(core, signal)),
  plan: drawPlan,
  change,
  judge,
  rights,
});
