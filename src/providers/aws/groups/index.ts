import { groupPlace } from "../api.ts";
import { kind } from "../kind.ts";
import { change } from "./change.ts";
import { judge } from "./judge.ts";
import { observation } from "./observe.ts";
import { drawPlan } from "./plan.ts";
import { rights } from "./rights.ts";
import { groupOf } from "./see.ts";

/** Auto Scaling groups of EC2. */
export const GROUP = kind({
  settings: groupPlace,
  see: groupOf,
  observe: observation,
  plan: drawPlan,
  change,
  judge,
  rights,
});
