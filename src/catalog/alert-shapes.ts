import { z } from "zod";
import { ALERT_FORMATS } from "../domain/alert.ts";
import { RESPONSIBILITIES } from "../domain/duty.ts";
import { SEVERITIES } from "../domain/item.ts";
import { duration } from "../domain/measures.ts";
import { reference } from "../domain/secret-reference.ts";
import { link, section } from "./shape-pieces.ts";

/** The shape of what comes in from outside: sources of alerts, where these belong, and heartbeats. */

const secret = reference.describe(
  "Where what its sender proves itself with is read from: { env: NAME } or { file: path }.",
);
const service = z.string().optional();
const responsibility = z.enum(RESPONSIBILITIES).optional();
const severity = z.enum(SEVERITIES).optional();

export const ALERT_SOURCE = z.strictObject({
  format: z.enum(ALERT_FORMATS).describe("How its sender writes alerts."),
  secret: secret.optional(),
  topic: z
    .string()
    .regex(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w.-]{1,256}$/, {
      error: "must be the ARN of an SNS topic, such as arn:aws:sns:eu-west-1:123456789012:alarms",
    })
    .optional()
    .describe("Of cloudwatch, the only SNS topic that is taken, by its ARN; it may stand in for the secret."),
  service: service.describe("Key of the service of alerts that name none."),
  api: z
    .strictObject({
      url: link
        .refine((url) => !URL.canParse(url) || `${new URL(url).username}${new URL(url).password}` === "", {
          error: "must hold no user and no password: give `user` and `credential`",
        })
        .describe("Of alertmanager, its own address, such as http://alertmanager:9093; of grafana, Grafana's."),
      credential: reference
        .optional()
        .describe(
          "Where the token for it is read from, or with a `user` the password: { env: NAME } or { file: path }.",
        ),
      user: z.string().min(1).max(200).optional().describe("Whose password the credential is."),
    })
    .optional()
    .describe("Where alerts are silenced; only of alertmanager and grafana."),
});

const text = z
  .union([z.string(), z.number().transform(String), z.boolean().transform(String)])
  .pipe(z.string().max(200, { error: "must have at most 200 characters" }));

export const ROUTE = z.strictObject({
  when: section.describe("It applies where all of this matches; left out, to every alert."),
  service: service.describe("Key of the service that it belongs to."),
  responsibility: responsibility.describe("Whose it is; on-call if no route and no label says it."),
  severity: severity.describe("How bad it is, whatever its source says."),
  group_by: z
    .union([z.literal("service"), z.array(z.string().min(1).max(200)).min(1).max(10)], {
      error: "must be `service`, or a list of labels such as [alertname, region]",
    })
    .optional()
    .describe(
      "Alerts of one service with the same values of these labels are one item; [alertname] if left out, or `service` for all of them.",
    ),
});

export const ROUTE_WHEN = z.strictObject({
  source: z.string().optional().describe("Key of the source under `alerts:`."),
  labels: z
    .record(z.string(), z.union([text.transform((one) => [one]), z.array(text).min(1).max(50)]))
    .optional()
    .describe("By label, the text that it must have, in which * stands for any characters, or a list of such texts."),
});

export const HEARTBEAT = z.strictObject({
  every: duration
    .refine((ms) => ms >= 10_000 && ms <= 366 * 86_400_000, { error: "must be between 10s and 366d" })
    .describe("How often it calls, such as 24h."),
  grace: duration.optional().describe("How late a call may be; a tenth of `every` if left out."),
  secret,
  service: service.describe("Key of the service that it belongs to."),
  responsibility: responsibility.describe("Whose it is when it is silent; on-call if left out."),
  severity: severity.describe("How bad its silence is; warning if left out."),
});
