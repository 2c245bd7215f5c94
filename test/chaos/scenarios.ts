import { commitCut, databaseKilled, paused, queueEmptied } from "./faults-of-machinery.ts";
import type { Scenario } from "./scenario.ts";
import { oldCard, oneVoice, roleLost } from "./stories-of-approval.ts";
import {
  answersLost,
  changedBySomebodyElse,
  jobsTwice,
  killedBetweenSteps,
  killedLookingBack,
  onItsWay,
  zombie,
} from "./stories-of-attempts.ts";

/** Everything that goes wrong beside the kills. Everything else goes on meanwhile. */
export const SCENARIOS: readonly Scenario[] = [
  { name: "zombie", play: zombie },
  { name: "killed while it looks back", play: killedLookingBack },
  { name: "killed while it is on its way", play: onItsWay },
  { name: "killed between two steps", play: killedBetweenSteps },
  { name: "answers lost", play: answersLost },
  { name: "changed by somebody else", play: changedBySomebodyElse },
  { name: "one voice", play: oneVoice },
  { name: "old card", play: oldCard },
  { name: "role lost", play: roleLost },
  { name: "jobs twice", play: jobsTwice },
  { name: "paused", endless: true, play: paused },
  { name: "commit cut", endless: true, play: commitCut },
  { name: "queue emptied", queue: "redis", endless: true, play: queueEmptied },
  { name: "database killed", once: true, endless: true, play: databaseKilled },
];
