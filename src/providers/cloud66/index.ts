import { settings } from "./api.ts";
import { apply } from "./apply.ts";
import { aroundOf } from "./around.ts";
import { judge } from "./judge.ts";
import { observation } from "./observe.ts";
import { discovery } from "./discover.ts";
import { drawPlan } from "./plan.ts";
import { coreOf } from "./see.ts";
import type { Provider } from "../provider.ts";

/** Stacks on Cloud 66. */
export const cloud66: Provider = {
  name: "cloud66",
  settings,
  whereabouts: ({ stack }) => stack,
  actions: ["scale", "rollback", "restart", "maintenance", "reboot"],
  about: {
    target: "a stack on Cloud 66",
    does: {
      scale: "sets how many of a process, or containers of a service, run",
      rollback: "deploys an earlier commit anew, or earlier images of services of containers",
      restart: "restarts all of the stack, its databases too, or one service of containers",
      maintenance: "shows visitors the stack's maintenance page, or lets them in again",
      reboot: "reboots all servers of the stack, one after another",
    },
    cannot: [
      "roll back a service of containers that Cloud 66 builds from git",
      "run tasks",
      "renew certificates",
      "restart one process without containers alone",
      "add or remove servers",
      "keep two who act in the same second apart: both are applied",
    ],
    keeps: ["the database", "environment variables and settings", "servers and what runs on each"],
  },
  // It names no limit; a web application that has not taken a request within a minute never will.
  settles: 60_000,
  discovery,
  async observe(target, signal) {
    const where = settings.parse(target.settings);
    const core = await coreOf(where, signal);
    return observation(target, core, await aroundOf(where, core, signal));
  },
  plan: drawPlan,
  apply,
  async verify(target, plan, { signal }) {
    return judge(await coreOf(settings.parse(target.settings), signal), plan);
  },
};
