import { z } from "zod";
import { webAddress } from "../../domain/measures.ts";
import { answerOf, type Work } from "./client.ts";
import { forgetKeys, keysOf } from "./credentials.ts";
import { AWS, isOfKeys } from "./words.ts";
import { bodyAs, goodAnswer, type Answer } from "../http-json.ts";
import { reference } from "../../domain/secret-reference.ts";

/** The APIs of AWS: where they are, who we are there, and one request at a time. */

/** Letters, digits, `-` and `_`, as ECS allows them. */
const name = z.string().regex(/^[\w-]{1,255}$/, "Write its name alone, like shop-web, and no ARN.");
const cluster = name.describe("The cluster that a service is in; one that was made without a cluster is in `default`.");

/** What there is of each kind: a target names one of these. */
const NAMES = {
  service: name.describe("The name of an ECS service; this with its `cluster`, or one of the next ones."),
  group: z
    .string()
    .regex(/^(?!arn:)[^\p{Cc}]{1,255}$/u, "Write its name alone, like shop-workers, and no ARN.")
    .describe("The name of an Auto Scaling group."),
  certificate: z
    .string()
    .regex(
      /^arn:aws[\w-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[\w-]+$/,
      "Write the certificate's ARN, like arn:aws:acm:eu-west-1:123456789012:certificate/0a1b2c3d.",
    )
    .describe("The ARN of a certificate of ACM."),
  database: z
    .string()
    .regex(/^[a-z](-?[a-z0-9]){0,62}$/, "Write its name alone and in small letters, like shop-db, and no ARN.")
    .describe("The name of an instance of RDS."),
};
export const KINDS = ["service", "group", "certificate", "database"] as const satisfies (keyof typeof NAMES)[];
export type KindName = (typeof KINDS)[number];

/** Where, and who asks. */
const ACCESS = {
  region: z
    .string()
    .regex(/^[a-z]{2,4}(-[a-z]+)+-\d+$/, "Write the region like eu-west-1.")
    .describe("The region that it is in."),
  profile: z
    .string()
    .min(1)
    .optional()
    .describe("A profile of ~/.aws/config; left out, credentials are looked for as the SDK does."),
  role: z
    .string()
    .regex(/^arn:aws[\w-]*:iam::\d{12}:role\/.+$/, "Write the role's ARN, like arn:aws:iam::123456789012:role/daytwo.")
    .optional()
    .describe("The ARN of a role to assume with these credentials."),
  access_key: reference.optional().describe("Where the access key's id is; `secret_key` belongs to it."),
  secret_key: reference.optional().describe("Where the access key's secret is."),
  endpoint: webAddress("Write its URL, like https://vpce-0a1b.example.com.")
    .optional()
    .describe("Where the APIs are, if not at AWS: all of them that are used, at the same address."),
};

/** With one way to say who asks. */
function sound<Shape extends z.ZodObject<typeof ACCESS>>(shape: Shape): Shape {
  return shape
    .refine((given) => (given.access_key === undefined) === (given.secret_key === undefined), {
      error: "`access_key` and `secret_key` belong together: name both or none.",
    })
    .refine((given) => given.access_key === undefined || given.profile === undefined, {
      error: "Name either `profile` or `access_key` and `secret_key`.",
    });
}
const TOGETHER = { access_key: ["secret_key"], secret_key: ["access_key"] };
const EITHER = { not: { required: ["profile", "access_key"] } };

/** Where to look for what runs. */
export const place = sound(z.strictObject({ cluster: cluster.optional(), ...ACCESS }));
export type Place = z.infer<typeof place>;

export const settings = sound(
  z.strictObject({
    service: NAMES.service.optional(),
    cluster: cluster.optional(),
    group: NAMES.group.optional(),
    certificate: NAMES.certificate.optional(),
    database: NAMES.database.optional(),
    ...ACCESS,
  }),
)
  .refine((given) => KINDS.filter((kind) => given[kind] !== undefined).length === 1, {
    error: "Name one of `service`, `group`, `certificate` and `database`.",
  })
  .refine(({ service, cluster: within }) => (service === undefined) === (within === undefined), {
    error: "Name the `cluster` of a service, and of nothing else.",
  })
  .meta({
    oneOf: KINDS.map((kind) => ({ required: [kind] })),
    dependentRequired: { ...TOGETHER, service: ["cluster"], cluster: ["service"] },
    ...EITHER,
  });

/** The same of each kind. */
export const servicePlace = z.object({ ...ACCESS, service: NAMES.service, cluster });
export type ServicePlace = z.infer<typeof servicePlace>;
export const groupPlace = z.object({ ...ACCESS, group: NAMES.group });
export type GroupPlace = z.infer<typeof groupPlace>;
export const certificatePlace = z.object({ ...ACCESS, certificate: NAMES.certificate });
export type CertificatePlace = z.infer<typeof certificatePlace>;
export const databasePlace = z.object({ ...ACCESS, database: NAMES.database });
export type DatabasePlace = z.infer<typeof databasePlace>;

/** One request. `operation` is the token of what changes something. @throws Unanswered, Expected when there are no credentials */
export async function call(
  where: Place,
  work: Work,
  { signal, operation }: { readonly signal: AbortSignal; readonly operation?: string },
): Promise<Answer> {
  const keys = await keysOf(where, signal);
  const answer = await answerOf(work, { ...where, keys, signal, operation });
  // Whatever is kept of them may be older than what stands in a file by now.
  if (isOfKeys(answer)) forgetKeys(where);
  return operation === undefined && where.endpoint !== undefined ? asEmulated(answer) : answer;
}

/** Where an emulator, such as moto, has no such request it may break, and answer with a page that AWS does not have. */
function asEmulated(answer: Answer): Answer {
  const isPage = /html/.test(answer.headers["content-type"] ?? "");
  return answer.status === 500 && isPage ? { ...answer, status: 501, body: undefined } : answer;
}

/** What a look finds. @throws Invalid | Unavailable */
export async function look<Shape extends z.ZodType>(
  where: Place,
  work: Work,
  shape: Shape,
  signal: AbortSignal,
): Promise<z.infer<Shape>> {
  const { body } = await goodAnswer(call(where, work, { signal }), AWS);
  return bodyAs(shape, body, AWS);
}

const MOST = 100; // of a page
type Page = { readonly maxResults: number; readonly nextToken?: string };

/** All of a list, page by page to its end; each page as `items` and `nextToken`. @throws Invalid | Unavailable */
export async function listAll<Shape extends z.ZodType>(
  where: Place,
  work: (page: Page) => Work,
  shape: Shape,
  signal: AbortSignal,
): Promise<z.infer<Shape>[]> {
  const page = z.object({ nextToken: z.string().default(""), items: z.array(shape).default([]) });
  const items: z.infer<Shape>[] = [];
  let next = "";
  do {
    const more = next === "" ? {} : { nextToken: next };
    const found: z.infer<typeof page> = await look(where, work({ maxResults: MOST, ...more }), page, signal);
    items.push(...found.items);
    next = found.nextToken;
  } while (next !== "");
  return items;
}
