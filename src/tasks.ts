import type { App } from "./app.ts";
import type { Arguments } from "./domain/action.ts";
import type { Service } from "./domain/catalog.ts";
import type { Operation } from "./domain/operation.ts";
import { fillIn, taskNamed } from "./domain/task.ts";
import { Invalid } from "./errors.ts";
import type { Request } from "./operations.ts";
import { serviceNamed } from "./ownership.ts";

/** What the catalog says to a request for a task: which target it runs on, whether its values are right, its command. */

/** The request with its target and with every value; another action's stays as it is. @throws Invalid */
export function withTask(service: Service, asked: Request): Request {
  if (asked.action !== "run") return asked;
  const task = taskNamed(service, asked.arguments.task);
  if (asked.target !== undefined && asked.target !== task.target)
    throw new Invalid(`\`${task.name}\` runs on \`${task.target}\`.`, { hint: "Leave the target out." });
  const { values } = fillIn(task, asked.arguments.values ?? {});
  return { ...asked, target: task.target, arguments: { task: task.name, values } };
}

/** What a plan is drawn from: of a task, its command as the catalog has it now. @throws Invalid when it is there no more */
export function argumentsFor(app: App, { action, service, arguments: asked }: Operation): Arguments {
  if (action !== "run") return asked;
  const task = taskNamed(serviceNamed(app.inForce().catalog, service), asked.task);
  const { values, argv } = fillIn(task, asked.values ?? {});
  return { task: task.name, values, command: { argv, timeout: task.timeout, risk: task.risk } };
}
