import { setTimeout as after } from "node:timers/promises";
import type { Gauge } from "prom-client";
import { subMilliseconds } from "../domain/time.ts";
import type { App } from "../app.ts";
import { transaction } from "../db/sql.ts";
import { SEVERITIES } from "../domain/item.ts";
import { OPERATION_MOVES, OPERATION_STATES } from "../domain/operation.ts";
import { Unavailable } from "../errors.ts";
import { singleFlight } from "../single-flight.ts";
import { CHECK_MAY_WAIT } from "./heartbeat.ts";
import { ALARMS } from "../store/alarms.ts";
import { boundStatements, figures, type Figure } from "../store/metrics.ts";

/**
 * What `/metrics` says, read from the rows at that moment, so that every process says the same of them; and behind it what
 * this process counted itself. No label is text from outside: each is a word of ours or the name of a method of Slack's.
 */
export type Metrics = {
  readonly contentType: string;
  /** In Prometheus's text format. @throws Unavailable when the database does not answer in time */
  text(): Promise<string>;
};

const PATIENCE = 3_000; // ms that the database, and then the queue, may take; a scrape is given 10 s

/** The process's own figures count from here on. */
export async function openMetrics(app: App): Promise<Metrics> {
  const { Gauge, Registry, collectDefaultMetrics } = await import("prom-client");
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const gauges = GAUGES.map((gauge) => ({
    ...gauge,
    gauge: new Gauge({ name: gauge.name, help: gauge.help, labelNames: gauge.labels, registers: [registry] }),
  }));
  const queued = new Gauge({ name: "daytwo_queue_jobs", help: QUEUE_HELP, registers: [registry] });
  const scrape = singleFlight(async () => {
    const [rows, jobs] = await Promise.all([readFigures(app), readQueue(app)]);
    for (const each of gauges) each.samples(rows, each.gauge);
    if (jobs === null) queued.remove();
    else queued.set(jobs);
    return `${await registry.metrics()}${app.counters.text()}`;
  });
  return { contentType: registry.contentType, text: scrape };
}

type Samples = (rows: readonly Figure[], gauge: Gauge) => void;
type Described = {
  readonly name: string;
  readonly help: string;
  readonly labels: string[];
  readonly samples: Samples;
};

const UNFINISHED = OPERATION_STATES.filter((state) => Object.keys(OPERATION_MOVES[state]).length > 0);

const GAUGES: readonly Described[] = [
  {
    name: "daytwo_items_open",
    help: "Items that are not resolved, snoozed ones among them.",
    labels: ["severity", "owned"],
    samples(rows, gauge) {
      for (const severity of SEVERITIES)
        for (const owned of [true, false])
          gauge.set({ severity, owned: String(owned) }, valueOf(rows, "items", severity, owned));
    },
  },
  {
    name: "daytwo_checks",
    help: "Checks in the catalog, by what is believed of what they look at.",
    labels: ["believed"],
    samples: labelled("checks", "believed", ["ok", "warning", "critical"]),
  },
  {
    name: "daytwo_checks_overdue",
    help: `Checks that brought no reading ${CHECK_MAY_WAIT / 1000} seconds after they were due.`,
    labels: [],
    samples: alone("checks overdue"),
  },
  {
    name: "daytwo_postings_behind",
    help: "Messages in Slack that do not show the newest state yet.",
    labels: [],
    samples: alone("postings behind"),
  },
  {
    name: "daytwo_postings_oldest_seconds",
    help: "How long a message has waited that could go: what Slack's pace or refusal holds back does not count.",
    labels: [],
    samples: alone("postings oldest"),
  },
  {
    name: "daytwo_operations",
    help: "Operations that are not finished, by state.",
    labels: ["state"],
    samples: labelled("operations", "state", UNFINISHED),
  },
  {
    name: "daytwo_alarms",
    help: "1 while Slack cannot be told of something: it refuses our token, or our own channel takes no messages.",
    labels: ["about"],
    samples: labelled("alarms", "about", ALARMS),
  },
  {
    name: "daytwo_channels_shut",
    help: "Channels that take no messages from us; what is for them waits.",
    labels: [],
    samples: alone("channels shut"),
  },
];

const QUEUE_HELP = "Jobs in the queue, waiting or under way; absent while the queue does not answer.";

function alone(figure: Figure["figure"]): Samples {
  return (rows, gauge) => gauge.set(valueOf(rows, figure));
}

function labelled(figure: Figure["figure"], name: string, values: readonly string[]): Samples {
  return (rows, gauge) => {
    for (const value of values) gauge.set({ [name]: value }, valueOf(rows, figure, value));
  };
}

function valueOf(rows: readonly Figure[], figure: Figure["figure"], label = "", owned = false): number {
  return rows.find((row) => row.figure === figure && row.label === label && row.owned === owned)?.value ?? 0;
}

async function readFigures(app: App): Promise<Figure[]> {
  const now = app.now();
  try {
    return await transaction(app.db, async (db) => {
      await boundStatements(db, PATIENCE);
      return figures(db, now, subMilliseconds(now, CHECK_MAY_WAIT));
    });
  } catch (cause) {
    throw new Unavailable("The database does not answer in time, so there are no figures now.", { cause });
  }
}

/** Null when the queue does not answer: it may be away, and the rows still say what is to be done. */
async function readQueue(app: App): Promise<number | null> {
  const giveUp = new AbortController();
  const late = after(PATIENCE, null, { signal: giveUp.signal }).catch(() => null);
  try {
    return await Promise.race([app.queues.pending(), late]);
  } catch {
    return null;
  } finally {
    giveUp.abort();
  }
}
