import { basename } from "node:path/posix";
import { z } from "zod";
import type { Found } from "../../domain/discovered.ts";
import type { Discovery } from "../provider.ts";
import { all, type Answer } from "./answer.ts";
import { place, settings, type Place } from "./settings.ts";
import { look } from "./observe.ts";

/** All that people, and no package, put on a host: services, as its systemd knows them, and applications that none of them runs. */
export const discovery: Discovery = {
  place,
  async list(where, signal) {
    const there = place.parse(where);
    const answer = await look(there, { verb: "discover" }, signal);
    const services = servicesIn(answer);
    const alone = all(answer, "application").filter((path) => !services.some((service) => service.path === path));
    return [
      ...services.map((service) => foundOf(service, there, services)),
      ...alone.map((path) => ({ name: basename(path), settings: { ...there, path } })),
    ]
      .filter((each) => settings.safeParse(each.settings).success)
      .toSorted((a, b) => a.name.localeCompare(b.name));
  },
  isSame(one, other) {
    const [a, b] = [named.parse(one), named.parse(other)];
    const isByUnit = a.unit !== undefined && b.unit !== undefined;
    return a.host === b.host && a.port === b.port && (isByUnit ? a.unit === b.unit : a.path === b.path);
  },
};

/** Of a target, which has a unit or a path, or of what was found. systemd takes a service's name without its ending too. */
const named = z.object({
  host: z.string(),
  port: z.number().default(22),
  path: z.string().optional(),
  unit: z
    .string()
    .transform((unit) => unit.replace(/\.service$/, ""))
    .optional(),
});

type Service = {
  readonly unit: string;
  readonly path: string | undefined;
  readonly owner: string | undefined;
  readonly application: string | undefined;
};

/** A line `service` begins what is said of one. As in systemd the last holds of what is said twice, and an empty one ends it. */
function servicesIn(answer: Answer): Service[] {
  const said: Map<string, string>[] = [];
  for (const { word, rest } of answer) {
    if (word === "service") said.push(new Map());
    if (rest === "") said.at(-1)?.delete(word);
    else said.at(-1)?.set(word, rest);
  }
  return said.map((words) => ({
    unit: words.get("service") ?? "",
    path: words.get("path"),
    owner: words.get("Owner") ?? words.get("Team"),
    application: words.get("Application"),
  }));
}

function foundOf(service: Service, there: Place, services: readonly Service[]): Found {
  const { unit, path, owner, application } = service;
  return {
    name: unit.replace(/\.service$/, ""),
    settings: { ...there, ...(path !== undefined && keeperOf(path, services) === service ? { path } : {}), unit },
    partOf: application ?? (path === undefined ? undefined : basename(path)),
    owner,
  };
}

/** Of the services that run from the same releases, the one that is restarted when these are switched. */
function keeperOf(path: string, services: readonly Service[]): Service | undefined {
  const those = services.filter((each) => each.path === path);
  return those.find(({ unit }) => unit === `${basename(path)}.service`) ?? those[0];
}
