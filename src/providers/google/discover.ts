import { z } from "zod";
import type { Found } from "../../domain/discovered.ts";
import { Unavailable } from "../../errors.ts";
import { COMPUTE_PATH, pathOf, place, read, seen, settings, shortened, SQL_PATH, type Place } from "./api.ts";
import type { Answer } from "../http-json.ts";
import type { Discovery } from "../provider.ts";

/** Every Cloud Run service, managed instance group and Cloud SQL instance of a project, wherever they are. */
export const discovery: Discovery = {
  place,
  async list(where, signal) {
    const there = place.parse(where);
    const found = await Promise.all([servicesOf, groupsOf, databasesOf].map((each) => each(there, signal)));
    return (
      found
        .flat()
        // What is in several regions at once, say, cannot be a target.
        .filter((each) => settings.safeParse(each.settings).success)
        .toSorted((a, b) => a.name.localeCompare(b.name))
    );
  },
  isSame: (one, other) => pathOf(settings.parse(one)) === pathOf(settings.parse(other)),
};

const labels = z.record(z.string(), z.string()).default({});

function said(noted: z.infer<typeof labels>): Pick<Found, "owner" | "partOf"> {
  return { partOf: noted["application"], owner: noted["owner"] ?? noted["team"] };
}

const REGION = "cloud.googleapis.com/location"; // a label of Google's own

const services = z.object({
  items: z.array(z.object({ metadata: z.object({ name: z.string(), labels }) })).default([]),
  metadata: z.object({ continue: z.string().default("") }).default({ continue: "" }),
  unreachable: z.array(z.string()).default([]),
});

/** Of all regions at once, which version 2 of the API does not do. */
async function servicesOf(there: Place, signal: AbortSignal): Promise<Found[]> {
  const list = {
    path: `/apis/serving.knative.dev/v1/namespaces/${there.project}/services`,
    shape: services,
    turn: "continue",
    next: ({ metadata }: z.infer<typeof services>) => metadata.continue,
  };
  const pages = await pagesOf(there, list, signal);
  refuseAway(pages.flatMap(({ unreachable }) => unreachable));
  return pages
    .flatMap(({ items }) => items)
    .map(({ metadata: { name, labels: noted } }) => ({
      name,
      settings: { ...there, region: noted[REGION], service: name },
      ...said(noted),
    }));
}

/** What is there and not seen is no less there. @throws Unavailable */
function refuseAway(regions: readonly string[]): void {
  if (regions.length > 0)
    throw new Unavailable(shortened(`Google does not reach ${regions.join(", ")} at the moment.`));
}

const group = z.object({
  name: z.string(),
  allInstancesConfig: z.object({ properties: z.object({ labels }).optional() }).optional(),
});
const groups = z.object({
  /** By the part of their path that says where they are: "zones/europe-west1-b". */
  items: z.record(z.string(), z.object({ instanceGroupManagers: z.array(group).default([]) })).default({}),
  nextPageToken: z.string().default(""),
});

/** The nodes of a cluster of Kubernetes Engine, which makes and changes them itself. */
const OF_A_CLUSTER = /^gk[e3]-.+-grp$/;

async function groupsOf(there: Place, signal: AbortSignal): Promise<Found[]> {
  const list = {
    path: `${COMPUTE_PATH}${there.project}/aggregated/instanceGroupManagers`,
    shape: groups,
    turn: "pageToken",
    next: ({ nextPageToken }: z.infer<typeof groups>) => nextPageToken,
  };
  const pages = await pagesOf(there, list, signal);
  return pages
    .flatMap(({ items }) => Object.entries(items))
    .flatMap(([within, { instanceGroupManagers }]) => {
      const [kind, where] = within.split("/");
      const scope = kind === "zones" ? { zone: where } : { region: where };
      return instanceGroupManagers
        .filter(({ name }) => !OF_A_CLUSTER.test(name))
        .map(({ name, allInstancesConfig }) => ({
          name,
          settings: { ...there, ...scope, group: name },
          ...said(allInstancesConfig?.properties?.labels ?? {}),
        }));
    });
}

const databases = z.object({
  items: z
    .array(
      z.object({
        name: z.string(),
        instanceType: z.string().optional(),
        settings: z.object({ userLabels: labels }).default({ userLabels: {} }),
      }),
    )
    .default([]),
  warnings: z.array(z.object({ code: z.string().optional(), region: z.string().default("a region") })).default([]),
  nextPageToken: z.string().default(""),
});

/** Without what only stands for a database that is not Google's. */
async function databasesOf(there: Place, signal: AbortSignal): Promise<Found[]> {
  const list = {
    path: `${SQL_PATH}${there.project}/instances`,
    shape: databases,
    turn: "pageToken",
    next: ({ nextPageToken }: z.infer<typeof databases>) => nextPageToken,
  };
  const pages = await pagesOf(there, list, signal);
  const warnings = pages.flatMap((each) => each.warnings);
  refuseAway(warnings.filter(({ code }) => code === "REGION_UNREACHABLE").map(({ region }) => region));
  return pages
    .flatMap(({ items }) => items)
    .filter(({ instanceType }) => instanceType !== "ON_PREMISES_INSTANCE")
    .map(({ name, settings: { userLabels } }) => ({
      name,
      settings: { ...there, database: name },
      checks: ["updates"],
      ...said(userLabels),
    }));
}

type List<Shape extends z.ZodType> = {
  readonly path: string;
  /** Of one page. */
  readonly shape: Shape;
  /** The parameter that asks for the next one by what the last one said of it. */
  readonly turn: string;
  next(page: z.infer<Shape>): string;
};

/** None where the API is switched off. @throws Unavailable | Invalid */
async function pagesOf<Shape extends z.ZodType>(
  where: Place,
  { path, shape, turn, next }: List<Shape>,
  signal: AbortSignal,
): Promise<z.infer<Shape>[]> {
  const pages: z.infer<Shape>[] = [];
  let token = "";
  do {
    const answer = await seen(where, { path, query: token === "" ? {} : { [turn]: token } }, signal);
    if (isOff(answer)) return [];
    const page = read(answer, shape);
    pages.push(page);
    token = next(page);
  } while (token !== "");
  return pages;
}

const off = z.object({
  error: z.object({ code: z.literal(403), details: z.array(z.looseObject({ reason: z.string().optional() })) }),
});

function isOff({ body }: Answer): boolean {
  const { data } = off.safeParse(body);
  return data?.error.details.some(({ reason }) => reason === "SERVICE_DISABLED") === true;
}
