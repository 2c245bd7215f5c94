import { databasePlace } from "../api.ts";
import { kind } from "../kind.ts";
import { change, isOthers, judge } from "./change.ts";
import { observation } from "./observe.ts";
import { drawPlan } from "./plan.ts";
import { rights } from "./rights.ts";
import { databaseOf } from "./see.ts";

/** Instances of RDS. */
export const DATABASE = kind({
  settings: databasePlace,
  see: databaseOf,
  observe: observation,
  plan: drawPlan,
  change,
  judge,
  isOthers,
  repeated: "DBSnapshotAlreadyExistsFault",
  rights,
});
