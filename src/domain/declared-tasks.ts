import { Invalid } from "../errors.ts";
import type { Service } from "./catalog.ts";
import { nearest } from "./nearest.ts";
import type { Sequence } from "./sequence.ts";
import { usageOf, type Task } from "./task.ts";

/** The tasks and sequences that a service declares, by the names that people type. */

/** @throws Invalid saying which tasks there are, and which sequences */
export function taskNamed(service: Service, wanted: string | undefined): Task {
  const found = service.tasks?.find((task) => task.name === wanted);
  if (found !== undefined) return found;
  throw nothingNamed(service, wanted);
}

/** @throws Invalid saying which there are */
export function sequenceNamed(service: Service, wanted: string | undefined): Sequence {
  const found = service.sequences?.find(({ name }) => name === wanted);
  if (found !== undefined) return found;
  throw nothingNamed(service, wanted);
}

function nothingNamed({ key, name, tasks = [], sequences = [] }: Service, wanted: string | undefined): Invalid {
  const what = tasks.length === 0 && sequences.length > 0 ? "sequence" : "task";
  if (tasks.length + sequences.length === 0)
    return new Invalid(`${name} has no tasks.`, { hint: "They are declared under its `tasks` in the catalog." });
  const near = nearest(
    wanted ?? "",
    [...tasks, ...sequences].map((each) => each.name),
  );
  const usages = [
    ...tasks.map((task) => usageOf(key, task)),
    ...sequences.map((sequence) => `/day2 run ${key} ${sequence.name}`),
  ];
  return new Invalid(wanted === undefined ? `Which ${what} of ${name}?` : `${name} has no ${what} \`${wanted}\`.`, {
    hint:
      near === undefined
        ? `It has ${usages
            .slice(0, 10)
            .map((usage) => `\`${usage}\``)
            .join(", ")}.`
        : `Did you mean \`${near}\`?`,
  });
}
