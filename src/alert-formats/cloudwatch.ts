import { z } from "zod";
import type { Alert } from "../domain/alert.ts";
import { Invalid } from "../errors.ts";
import { alertOf, instant, labelsOf, maybe, read, severityOf } from "./read.ts";

/**
 * Amazon CloudWatch alarms, as SNS delivers them over HTTP
 * (https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html and
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html). Whether a message is
 * SNS's own is looked into in `sns.ts`, and not here.
 */

const KINDS = ["Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"] as const;

const ENVELOPE = z.object({
  Type: z.enum(KINDS),
  MessageId: z.string().max(200),
  TopicArn: z.string().max(500),
  Message: z.string(),
  Subject: z.string().nullish(),
  Timestamp: z.string().max(100),
  Token: z.string().optional(),
  SubscribeURL: z.string().max(2_000).optional(),
  SignatureVersion: z.enum(["1", "2"]),
  Signature: z.string().max(4_000),
  SigningCertURL: z.string().max(2_000),
});
export type SnsMessage = z.output<typeof ENVELOPE>;

export function readEnvelope(body: unknown): SnsMessage {
  if (typeof body === "object" && body !== null && "AlarmName" in body)
    throw new Invalid("`Type` is missing: this alarm came without its SNS message.", {
      hint: "Turn raw message delivery off for this subscription: without the message nothing is signed.",
    });
  return read(ENVELOPE, body);
}

const METRIC = {
  MetricName: maybe,
  Namespace: maybe,
  Dimensions: z.array(z.object({ name: maybe, value: maybe })).nullish(),
};
/** What several metrics are reckoned from, or a band around one, has them in a list. */
const METRICS = z.array(z.object({ MetricStat: z.object({ Metric: z.object(METRIC) }).nullish() })).nullish();

const ALARM = z.object({
  AlarmName: z.string(),
  AlarmDescription: maybe,
  AlarmArn: maybe,
  AWSAccountId: maybe,
  Region: maybe,
  NewStateValue: z.enum(["ALARM", "OK", "INSUFFICIENT_DATA"]),
  NewStateReason: maybe,
  StateChangeTime: instant,
  Trigger: z
    .object({ ...METRIC, Metrics: METRICS.catch(null) })
    .nullish()
    .catch(null),
});

export function readCloudwatch(body: unknown): Alert[] {
  const message = readEnvelope(body);
  if (message.Type !== "Notification") return [];
  const alarm = read(ALARM, messageOf(message.Message), "Message");
  const { AlarmName: name, Trigger: trigger } = alarm;
  const metrics = [trigger, ...(trigger?.Metrics ?? []).map(({ MetricStat: of }) => of?.Metric)];
  const dimensions = metrics.flatMap((metric) =>
    (metric?.Dimensions ?? []).flatMap(({ name, value }) => (name === undefined ? [] : [[name, value]])),
  );
  const first = metrics.find((metric) => metric?.MetricName !== undefined);
  const account = alarm.AWSAccountId ?? "";
  return [
    alertOf({
      identity: alarm.AlarmArn ?? `${account}/${alarm.Region ?? ""}/${name}`,
      state: alarm.NewStateValue === "OK" ? "resolved" : "firing",
      severity: severityIn(name, alarm),
      name,
      summary: alarm.AlarmDescription ?? name,
      description: alarm.NewStateReason ?? "",
      labels: labelsOf({
        metric: first?.MetricName,
        namespace: first?.Namespace,
        region: alarm.Region,
        account,
        ...Object.fromEntries(dimensions.toReversed()), // of several with one name the first
      }),
      startedAt: alarm.StateChangeTime,
      link: linkTo(alarm.AlarmArn, name),
    }),
  ];
}

/** CloudWatch knows no severity: people write it into the name. An alarm is critical unless it is called a warning. */
function severityIn(name: string, { NewStateValue }: z.output<typeof ALARM>): Alert["severity"] {
  if (NewStateValue === "INSUFFICIENT_DATA") return "warning";
  const said = name.split(/[^A-Za-z0-9]+/).find((word) => /^(warn|warning|low|info|minor)$/i.test(word));
  return said === undefined ? severityOf("critical") : "warning";
}

function messageOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Invalid("`Message` is wrong: expected the JSON of a CloudWatch alarm.", {
      hint: "Let only alarms publish to this topic.",
    });
  }
}

/** The alarm in the console, by its ARN: arn:aws:cloudwatch:eu-west-1:123456789012:alarm:name. */
function linkTo(arn: string | undefined, name: string): string | null {
  const region = /^arn:aws:cloudwatch:([a-z]{2}(?:-[a-z]+)+-\d):\d{12}:alarm:/.exec(arn ?? "")?.[1];
  if (region === undefined) return null;
  return `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#alarmsV2:alarm/${encodeURIComponent(name.toWellFormed())}`;
}
