import { openTaskSupervisor } from "./task-supervisor.ts";

/** A supervisor of tasks as a process of its own, in the folder that it is told: one that can be killed. */
const { url } = await openTaskSupervisor(process.argv[2]);
process.stdout.write(`${url}\n`);
