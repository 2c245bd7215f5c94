import { z } from "zod";
import { webAddress } from "../../domain/measures.ts";
import { headersOf } from "./credentials.ts";
import { ask, bodyAs, complaintOf, complaintOfSilence, urlAt, type Answer, type System } from "../http-json.ts";
import { reference } from "../../domain/secret-reference.ts";

/** The APIs of Cloud Run, of Compute Engine and of Cloud SQL, one request at a time. */

const name = z
  .string()
  .regex(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/, "Write its name as Google Cloud shows it, like shop-web.");

const project = z
  .string()
  .regex(/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/, "Write the project's id, like acme-shop.")
  .describe("The id of the project.");

/** Who asks, and whom. */
const ACCESS = {
  credentials: reference
    .optional()
    .describe("Where the JSON of an account's key is; what this process has by itself where it is left out."),
  api: webAddress("Write its URL, like https://run.googleapis.com.")
    .optional()
    .describe("Where the API is, if not at Google's own address. `credentials` must be named with it."),
};

function hasItsOwn({ api, credentials }: { readonly api?: unknown; readonly credentials?: unknown }): boolean {
  return api === undefined || credentials !== undefined;
}
const NOT_ITS_OWN = {
  error: "Name `credentials` for another `api`: what this process has by itself goes to Google alone.",
};

/** Where to look for what runs. */
export const place = z.strictObject({ project, ...ACCESS }).refine(hasItsOwn, NOT_ITS_OWN);
export type Place = z.infer<typeof place>;

/** What a target can be: each by the setting that names it. */
export const KINDS = ["service", "group", "database"] as const;
export type KindName = (typeof KINDS)[number];

export const settings = z
  .strictObject({
    project,
    service: name.optional().describe("The name of a Cloud Run service; this, or one of the next two."),
    group: name.optional().describe("The name of a managed instance group."),
    database: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,96}$/, "Write its name as Google Cloud shows it, like shop-db.")
      .optional()
      .describe("The name of a Cloud SQL instance."),
    region: z
      .string()
      .regex(/^[a-z]+-[a-z]+[0-9]+$/, "Write the region's name, like europe-west1.")
      .optional()
      .describe("The region that it is in."),
    zone: z
      .string()
      .regex(/^[a-z]+-[a-z]+[0-9]+-(ai[0-9]+)?[a-z]$/, "Write the zone's name, like europe-west1-b.")
      .optional()
      .describe("The zone of a group that is in one zone alone, instead of a region."),
    ...ACCESS,
  })
  .refine((written) => KINDS.filter((kind) => written[kind] !== undefined).length === 1, {
    error: "Name one of `service`, `group` and `database`.",
  })
  .refine(
    ({ service, database, region, zone }) =>
      database === undefined
        ? (region === undefined) !== (zone === undefined) && (service === undefined || zone === undefined)
        : region === undefined && zone === undefined,
    {
      error: "Name the `region` that it is in; for a group in one zone its `zone` instead, for a database neither.",
    },
  )
  .refine(hasItsOwn, NOT_ITS_OWN)
  .meta({
    oneOf: [
      { required: ["service", "region"] },
      { required: ["group", "region"] },
      { required: ["group", "zone"] },
      { required: ["database"] },
    ],
    not: { anyOf: [{ required: ["database", "region"] }, { required: ["database", "zone"] }] },
    dependentRequired: { api: ["credentials"], zone: ["group"], service: ["region"] },
  });
export type Settings = z.infer<typeof settings>;

export function kindNameOf(where: Settings): KindName {
  return KINDS.find((kind) => where[kind] !== undefined) ?? "service";
}

/** Of 64 bits: Google writes it as text, and not everybody who stands in for Google does. */
export const wide = z.union([z.string(), z.number().transform(String)]);

const LONGEST_WORD = 300;

/** What Google says, without the addresses of logs and handbooks that come beneath. */
export function shortened(message: string): string {
  return (message.split("\n")[0] ?? "").slice(0, LONGEST_WORD);
}

const complaint = z.object({
  error: z.object({
    code: z.number(),
    message: z.string(),
    status: z.string().optional(),
    errors: z.array(z.object({ reason: z.string().optional() })).catch([]),
  }),
});

/** What it is too busy for now; Cloud SQL does one thing at a time to an instance. */
const BUSY = new Set(["operationInProgress", "rateLimitExceeded", "userRateLimitExceeded"]);

export const GOOGLE: System = {
  name: "Google",
  says(body) {
    const said = complaint.safeParse(body);
    if (!said.success) return undefined;
    const { code, message, status } = said.data.error;
    // Somebody was faster: what it says of that are numbers.
    if (status === "ABORTED" || code === 412) return undefined;
    return `Google says: ${shortened(message)}`;
  },
  isBusy: (body) => complaint.safeParse(body).data?.error.errors.some(({ reason = "" }) => BUSY.has(reason)) === true,
};

export type Sent = {
  readonly method?: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** The token of what changes something; Google keeps it in its own record of calls. */
  readonly operation?: string;
};

export const COMPUTE_PATH = "/compute/v1/projects/";
export const SQL_PATH = "/v1/projects/";
/** Where each is, by how its paths begin. */
const APIS: readonly (readonly [start: string, url: string])[] = [
  [COMPUTE_PATH, "https://compute.googleapis.com"],
  [SQL_PATH, "https://sqladmin.googleapis.com"],
  ["/", "https://run.googleapis.com"],
];

/** The path of the target itself, and of what is beneath it. */
export function pathOf({ project, service, group, database, region, zone }: Settings, beneath = ""): string {
  if (database !== undefined) return `${SQL_PATH}${project}/instances/${database}${beneath}`;
  if (service !== undefined) return `/v2/projects/${project}/locations/${region}/services/${service}${beneath}`;
  const within = zone === undefined ? `regions/${region}` : `zones/${zone}`;
  return `${COMPUTE_PATH}${project}/${within}/instanceGroupManagers/${group}${beneath}`;
}

/** @throws Unanswered | Expected, when there is no token */
export async function call(
  where: Place,
  { method = "GET", path, query = {}, body, operation }: Sent,
  signal: AbortSignal,
): Promise<Answer> {
  const { api = APIS.find(([start]) => path.startsWith(start))?.[1] ?? "", credentials } = where;
  const url = urlAt(api, path);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const headers = {
    ...(await headersOf(credentials, signal)),
    "user-agent": operation === undefined ? "daytwo" : `daytwo (${operation})`,
  };
  return ask({ method, url, headers, body }, signal);
}

/** @throws Unavailable | Invalid */
export async function look<Shape extends z.ZodType>(
  where: Place,
  sent: Sent,
  shape: Shape,
  signal: AbortSignal,
): Promise<z.infer<Shape>> {
  return read(await seen(where, sent, signal), shape);
}

/** What comes, whatever it is. @throws Unavailable | Invalid where nothing does */
export function seen(where: Place, sent: Sent, signal: AbortSignal): Promise<Answer> {
  return call(where, sent, signal).catch((error: unknown) => {
    throw complaintOfSilence(error, GOOGLE);
  });
}

/** @throws Unavailable | Invalid */
export function read<Shape extends z.ZodType>(answer: Answer, shape: Shape): z.infer<Shape> {
  const wrong = complaintOf(answer, GOOGLE);
  if (wrong !== null) throw wrong;
  return bodyAs(shape, answer.body, GOOGLE);
}
