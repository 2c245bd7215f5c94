/**
 * What a process counts as it goes, for `/metrics`: its own alone, from its start. Kept here and not in a library, so that
 * nothing is read in before somebody asks.
 */
export type Counters = {
  /** One call to Slack: which, and how it ended. */
  called(method: string, outcome: SlackOutcome): void;
  /** From when a request of Slack's was received until it was answered, in seconds. */
  acknowledged(seconds: number): void;
  /** How long a job of a queue took, in seconds. */
  worked(queue: string, seconds: number): void;
  /** From when a message should have changed until Slack showed it, in seconds. */
  delivered(seconds: number): void;
  /** A message that may have been in Slack already was sent again, because nobody may look whether it is. */
  repeated(): void;
  /** One request with alerts or a heartbeat: how it ended, and how many alerts were taken with it. */
  alertsCame(outcome: AlertsOutcome, alerts: number): void;
  /** What a nightly comparison found of one message. */
  compared(found: Compared): void;
  /** Work of ours broke, by a fault of ours: on one row, or all that a loop does. */
  broke(): void;
  /** All of it in Prometheus's text format. */
  text(): string;
};

/** `limited` is Slack's 429; `silent` is no answer, or none that can be understood. */
const SLACK_OUTCOMES = ["ok", "refused", "limited", "silent"] as const;
export type SlackOutcome = (typeof SLACK_OUTCOMES)[number];

/** `refused` is the sender's to mend; of what is `put off` it is asked to send it again. */
const ALERTS_OUTCOMES = ["taken", "refused", "put off"] as const;
export type AlertsOutcome = (typeof ALERTS_OUTCOMES)[number];

/** `behind` shows another version than it should; `stray` is a copy that no row knows. */
const COMPARED = ["equal", "behind", "vanished", "stray"] as const;
export type Compared = (typeof COMPARED)[number];

/** Each of `queues` is there from the start, at nought. */
export function openCounters(queues: readonly string[]): Counters {
  const calls = new Map<string, Record<SlackOutcome, number>>();
  const acknowledgements = histogram([0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 2.5, 3]);
  let repeats = 0;
  const comparisons: Record<Compared, number> = { equal: 0, behind: 0, vanished: 0, stray: 0 };
  const alertRequests: Record<AlertsOutcome, number> = { taken: 0, refused: 0, "put off": 0 };
  let alertsTaken = 0;
  let breaks = 0;
  const lags = histogram([0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300]);
  const jobs = new Map(queues.map((queue) => [queue, histogram([0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 120])]));
  return {
    called(method, outcome) {
      const counts = calls.get(method) ?? { ok: 0, refused: 0, limited: 0, silent: 0 };
      counts[outcome] += 1;
      calls.set(method, counts);
    },
    acknowledged: (seconds) => acknowledgements.observe(seconds),
    worked: (queue, seconds) => jobs.get(queue)?.observe(seconds),
    delivered: (seconds) => lags.observe(seconds),
    repeated: () => void (repeats += 1),
    alertsCame(outcome, alerts) {
      alertRequests[outcome] += 1;
      alertsTaken += alerts;
    },
    compared: (found) => void (comparisons[found] += 1),
    broke: () => void (breaks += 1),
    text: () =>
      [
        ...head("daytwo_slack_calls_total", "counter", "Calls to Slack, by method and how they ended."),
        ...[...calls].flatMap(([method, counts]) =>
          SLACK_OUTCOMES.map(
            (outcome) => `daytwo_slack_calls_total{method="${method}",outcome="${outcome}"} ${counts[outcome]}`,
          ),
        ),
        ...head(
          "daytwo_acknowledgement_seconds",
          "histogram",
          "Until a request of Slack's was answered; Slack waits 3 s.",
        ),
        ...acknowledgements.samples("daytwo_acknowledgement_seconds"),
        ...head("daytwo_job_duration_seconds", "histogram", "How long jobs took, by queue."),
        ...[...jobs].flatMap(([queue, took]) => took.samples("daytwo_job_duration_seconds", `queue="${queue}"`)),
        ...head("daytwo_delivery_lag_seconds", "histogram", "Until Slack showed what a message should show."),
        ...lags.samples("daytwo_delivery_lag_seconds"),
        ...head("daytwo_posts_repeated_total", "counter", "Messages sent again that may have been in Slack already."),
        `daytwo_posts_repeated_total ${repeats}`,
        ...head("daytwo_alert_requests_total", "counter", "Requests with alerts or heartbeats, by how they ended."),
        ...ALERTS_OUTCOMES.map(
          (outcome) => `daytwo_alert_requests_total{outcome="${outcome}"} ${alertRequests[outcome]}`,
        ),
        ...head("daytwo_alerts_taken_total", "counter", "Alerts that came and are kept, each as often as it was sent."),
        `daytwo_alerts_taken_total ${alertsTaken}`,
        ...head("daytwo_compared_messages_total", "counter", "Messages by what the nightly comparison found of them."),
        ...COMPARED.map((found) => `daytwo_compared_messages_total{found="${found}"} ${comparisons[found]}`),
        ...head("daytwo_broken_total", "counter", "Times that work of Daytwo's own broke; the log says why."),
        `daytwo_broken_total ${breaks}`,
        "",
      ].join("\n"),
  };
}

function head(name: string, type: "counter" | "histogram", help: string): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

type Histogram = { observe(value: number): void; samples(name: string, label?: string): string[] };

/** `limits` ascend; each bucket counts what is no more than its limit, as Prometheus wants it. */
function histogram(limits: readonly number[]): Histogram {
  const buckets = limits.map((limit) => ({ limit, count: 0 }));
  let count = 0;
  let sum = 0;
  return {
    observe(value) {
      for (const bucket of buckets) if (value <= bucket.limit) bucket.count += 1;
      count += 1;
      sum += value;
    },
    samples(name, label) {
      const labels = label === undefined ? "" : `{${label}}`;
      const before = label === undefined ? "" : `${label},`;
      return [
        ...buckets.map((bucket) => `${name}_bucket{${before}le="${bucket.limit}"} ${bucket.count}`),
        `${name}_bucket{${before}le="+Inf"} ${count}`,
        `${name}_sum${labels} ${sum}`,
        `${name}_count${labels} ${count}`,
      ];
    },
  };
}
