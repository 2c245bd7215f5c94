import { settings } from "./api.ts";
import { apply } from "./apply.ts";
import { discovery } from "./discover.ts";
import { judge } from "./judge.ts";
import { observation } from "./observe.ts";
import { drawPlan } from "./plan.ts";
import { examine } from "./rights.ts";
import { coreOf, ranBefore } from "./see.ts";
import type { Provider } from "../provider.ts";

/** Services of Amazon ECS. */
export const aws: Provider = {
  name: "aws",
  settings,
  actions: ["scale", "rollback", "restart"],
  about: {
    target: "a service of Amazon ECS",
    does: {
      scale: "sets the number of tasks, or the bounds of the service auto scaling that decides it",
      rollback: "deploys the task definition of an earlier release, or stops the deployment that is under way",
      restart: "replaces all tasks with a new deployment of the same task definition",
    },
    cannot: [
      "run tasks",
      "renew certificates",
      "have ECS compare before it changes something",
      "roll back or restart what CodeDeploy or a program of its own deploys",
    ],
    keeps: ["the values of secrets and parameters", "the number of tasks", "the database"],
  },
  // A request whose signature is older than five minutes is denied: what has not arrived by then never will.
  settles: 5 * 60_000,
  discovery,
  examine,
  async observe(target, signal) {
    const core = await coreOf(settings.parse(target.settings), signal);
    return observation(target, core, await ranBefore(core, signal));
  },
  plan: drawPlan,
  apply,
  async verify(target, plan, { signal }) {
    return judge(await coreOf(settings.parse(target.settings), signal), plan);
  },
};
