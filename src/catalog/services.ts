import type { Service } from "../domain/catalog.ts";
import { given } from "../domain/given.ts";
import { readChecks } from "./checks.ts";
import type { Complaints } from "./complaints.ts";
import { readDuties } from "./duties.ts";
import type { Surroundings } from "./kinds.ts";
import { readNeeds } from "./needs.ts";
import { readEscalation } from "./on-call.ts";
import { readSequences } from "./sequences.ts";
import { SERVICE } from "./service-shapes.ts";
import { readTargets, declaredTargets } from "./targets.ts";
import { readTasks } from "./tasks.ts";

/** Reads one service of the catalog: its duties, targets and checks. */

export function readService(key: string, value: unknown, around: Surroundings, complaints: Complaints): Service {
  const path = ["services", key];
  const written = complaints.parts(SERVICE, value ?? {}, path);
  const declared = written.targets ?? {};
  const targets = declaredTargets(declared, around.kinds);
  const tasks = readTasks(key, written.tasks ?? {}, targets, complaints);
  const runs = { targets, tasks, taskNames: Object.keys(written.tasks ?? {}) };
  const sequences = readSequences(key, written.sequences ?? {}, runs, complaints);
  const escalation = readEscalation(written.escalation, [...path, "escalation"], complaints);
  return {
    key,
    name: written.name ?? key,
    environment: written.environment ?? "production",
    channel: written.channel ?? around.channel,
    duties: readDuties(path, written, around, complaints),
    targets: readTargets(key, declared, around.kinds, complaints),
    checks: readChecks(written.checks ?? {}, around.kinds.checks, { service: key, targets, complaints }),
    ...given({
      escalation,
      tasks: tasks.length === 0 ? undefined : tasks,
      sequences: sequences.length === 0 ? undefined : sequences,
      dependsOn: written.depends_on && readNeeds(key, written.depends_on, around.services, complaints),
      runbook: written.runbook,
      dashboard: written.dashboard,
    }),
  };
}
