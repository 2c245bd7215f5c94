import type { Plan } from "../../domain/action.ts";
import { Invalid } from "../../errors.ts";
import type { Sent, Settings } from "./api.ts";
import { serversOf } from "./around.ts";
import { changedImages, readImages, writeImages } from "./images.ts";
import type { Part } from "./parts.ts";
import { imagesOf, isOfContainers, nameOf, partOf, type Core } from "./see.ts";

/** The one request that a plan becomes. */

/** @throws Invalid where what the plan names is no longer there, Unavailable */
export async function requestFor(where: Settings, core: Core, plan: Plan, signal: AbortSignal): Promise<Sent> {
  const { action, arguments: given } = plan;
  if (action === "restart") {
    const one = { command: "service_restart", service_name: given.process };
    return { path: "/actions", body: given.process === undefined ? { command: "restart" } : one };
  }
  if (action === "maintenance")
    return { path: "/actions", body: { command: "maintenance_mode", value: given.maintenance === "on" ? 1 : 0 } };
  if (action === "reboot") return rebootOf(where, plan, signal);
  if (action === "rollback") return { path: "/deployments", body: deploymentOf(core, given.release ?? "") };
  const [process = "", count = 0] = Object.entries(given.sizes ?? {})[0] ?? [];
  const part = partOf(core, process);
  if (part === undefined) throw new Invalid(`There is no process called ${process} any more.`);
  // Of the groups of servers only "web" takes containers, and it means all that take some.
  if (isOfContainers(core.stack))
    return { path: "/services", body: { service_name: process, server_group_count: { web: count } } };
  const counts = await spread(where, part, count, signal);
  return { path: "/processes", body: { process_name: process, server_count: counts } };
}

/** Of containers only the services whose image changes, as `cx redeploy --service` sends them. */
function deploymentOf(core: Core, release: string): object {
  const images = readImages(release);
  if (images !== undefined) {
    const changed = changedImages(imagesOf(core), images);
    return { services: [...changed].map((pair) => writeImages(new Map([pair]))) };
  }
  const to = core.deployments.find((each) => nameOf(each) === release);
  if (to === undefined) throw new Invalid("What it would go back to is no longer there.");
  return { git_ref: to.git_hash };
}

/** All servers of the stack, as they were when the plan was drawn. */
async function rebootOf(where: Settings, { changes }: Plan, signal: AbortSignal): Promise<Sent> {
  const servers = await serversOf(where, signal);
  const names = servers.map(({ name }) => name).toSorted();
  if (names.join() !== Object.keys(changes).toSorted().join())
    throw new Invalid(`Its servers are others now: ${names.join(", ")}.`);
  return { path: "/reboot_servers", body: { strategy: "serial", group: "all" } };
}

/** As evenly as it goes over the servers that have it; where none has, over those that have the application. */
async function spread(
  where: Settings,
  { servers: now }: Part,
  count: number,
  signal: AbortSignal,
): Promise<Readonly<Record<string, number>>> {
  const all = await serversOf(where, signal);
  const having = all.filter(({ name }) => (now[name] ?? 0) > 0);
  const over = having.length > 0 ? having : all.filter((each) => each.server_roles?.includes("app") === true);
  if (over.length === 0) throw new Invalid("No server of the stack takes processes.");
  const least = Math.floor(count / over.length);
  return Object.fromEntries(over.map(({ uid }, index) => [uid, least + (index < count % over.length ? 1 : 0)]));
}
