import type { Scenario } from "../scenario.ts";
import { ack } from "./ack.ts";
import { card } from "./card.ts";
import { checks, jobs } from "./checks.ts";
import { claim } from "./claim.ts";
import { digest } from "./digest.ts";
import { fanOut } from "./fan-out.ts";
import { inAStorm } from "./in-a-storm.ts";
import { ingest, single, tens } from "./ingest.ts";
import { lateness } from "./lateness.ts";
import { memory } from "./memory.ts";
import { bundled, start } from "./start.ts";
import { stormToSlack, unfolded } from "./storm-to-slack.ts";

/** What `--only` can ask for, and what is measured for it, in the order of the table. */
export const SCENARIOS: Readonly<Record<string, readonly Scenario[]>> = {
  ack: [ack],
  checks: [checks, jobs, lateness],
  card: [card],
  "fan-out": [fanOut],
  claim: [claim],
  ingest: [ingest, tens, single],
  storm: [inAStorm, stormToSlack, unfolded],
  digest: [digest],
  start: [start, bundled],
  memory: [memory],
};
