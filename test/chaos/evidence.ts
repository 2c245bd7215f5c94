import { readOperationCard } from "../../src/board/operation-card.ts";
import { verify, type Verified } from "../../src/record.ts";
import { operationCard } from "../../src/slack/operation-card.ts";
import { textOf, type Fields } from "../../src/local/json.ts";
import { openAppAlone } from "../support/app-alone.ts";
import { pressables, visibleText } from "../support/slack-text.ts";
import { messagesOf } from "./desk.ts";
import type { Call, Effect } from "./far-side.ts";
import type { History } from "./history.ts";
import type { Installation } from "./installation.ts";
import type { Ending, Talk } from "./slot.ts";
import type { Site } from "./sites.ts";
import type { World } from "./world.ts";

/** Everything that is known about one installation after a run, from every side. Times are ms since 1970. */
export type Evidence = {
  readonly name: string;
  /** Its workspace's URL. */
  readonly workspace: string;
  readonly sites: ReadonlyMap<string, Site>;
  readonly history: History;
  readonly effects: readonly Effect[];
  readonly calls: readonly Call[];
  readonly operations: readonly StoredOperation[];
  readonly events: readonly StoredEvent[];
  readonly approvals: readonly StoredApproval[];
  readonly postings: readonly ShownPosting[];
  readonly digests: readonly { readonly channel: string; readonly date: string; readonly count: number }[];
  readonly record: Verified | null;
  /** Where something secret was found. */
  readonly leaks: readonly string[];
  readonly endings: readonly Ending[];
  /** The most memory of one process, in bytes. */
  readonly memory: number;
  /** The process that wrote most, over stdout and stderr. */
  readonly talk: Talk;
  readonly connections: number;
};

export type StoredOperation = {
  readonly id: number;
  readonly service: string;
  readonly state: string;
  readonly requestedBy: string;
  readonly requestedAt: number;
  readonly planHash: string | null;
  readonly startedAt: number | null;
  readonly expiresAt: number | null;
  readonly finished: boolean;
  /** How many steps its plan has. */
  readonly planned: number;
  readonly steps: readonly StoredStep[];
};

export type StoredStep = {
  readonly seq: number;
  /** The step that it takes back; null of one that the plan has. */
  readonly undoes: number | null;
  readonly state: string;
  readonly token: string;
};

/** `committed` is when the transaction that wrote it was committed. */
export type StoredEvent = {
  readonly id: number;
  readonly kind: string;
  readonly operation: number;
  readonly committed: number;
  /** Of an operation with several steps: which it tells of, and whether of its taking back. */
  readonly step: number | null;
  readonly back: boolean;
};
export type StoredApproval = {
  readonly operation: number;
  readonly account: string;
  readonly verdict: string;
  readonly planHash: string;
  readonly committed: number;
};

export type ShownPosting = {
  readonly id: number;
  readonly subject: string;
  readonly behind: boolean;
  /** What stands in its row about being behind. */
  readonly why: string;
  /** What the row looks like, and what is in Slack; null where a posting is no operation's card. */
  readonly card: { readonly wanted: string; readonly shown: string } | null;
};

/** What can be known while a run goes on; the rest takes a bot at rest. */
export async function gatherSoFar(world: World, installation: Installation): Promise<Evidence> {
  const { farSide, history } = world;
  const { db } = installation;
  const sites = new Map(installation.sites.map((site) => [site.service, site]));
  // First what happened, then what is known of it: while a run goes on, the other order would miss what came between.
  const effects = farSide.effects.filter(({ application }) => sites.has(application));
  const calls = farSide.calls.filter(({ application }) => sites.has(application));
  const [operations, events, approvals] = await Promise.all([
    rows<StoredOperation>(db, OPERATIONS),
    rows<StoredEvent>(db, EVENTS),
    rows<StoredApproval>(db, APPROVALS),
  ]);
  return {
    name: installation.queue,
    workspace: installation.slack.url,
    sites,
    history,
    effects,
    calls,
    operations,
    events,
    approvals,
    postings: [],
    digests: [],
    record: null,
    leaks: [],
    endings: installation.endings,
    memory: 0,
    talk: { id: "", bytes: 0, lastWords: "" },
    connections: 0,
  };
}

export async function gather(world: World, installation: Installation): Promise<Evidence> {
  const { db } = installation;
  const slots = [installation.web, ...installation.workers];
  const [connected] = await rows<{ count: number }>(
    db,
    "select count(*)::int as count from pg_stat_activity where datname = current_database()",
  );
  return {
    ...(await gatherSoFar(world, installation)),
    postings: await postingsOf(installation),
    digests: await rows(
      db,
      `select channel, local_date::text as date, count(*)::int as count from digests group by 1, 2`,
    ),
    record: await verify(db),
    leaks: await leaksOf(installation),
    memory: Math.max(...slots.map((slot) => slot.memory())),
    talk: slots.map((slot) => slot.talk()).reduce((most, each) => (each.bytes > most.bytes ? each : most)),
    connections: connected?.count ?? 0,
  };
}

function ms(column: string): string {
  return `(extract(epoch from ${column}) * 1000)::float8`;
}

const COMMITTED = ms("pg_xact_commit_timestamp(xmin)");
const OPERATIONS = `
  select o.id::int, o.service, o.state, o.requested_by as "requestedBy", ${ms("o.requested_at")} as "requestedAt",
         o.plan_hash as "planHash", ${ms("o.started_at")} as "startedAt", ${ms("o.expires_at")} as "expiresAt",
         o.finished_at is not null as finished, coalesce(jsonb_array_length(o.plan->'steps'), 1) as planned,
         coalesce((select jsonb_agg(jsonb_build_object('seq', s.seq, 'undoes', s.undoes, 'state', s.state, 'token', s.token) order by s.seq)
                   from steps s where s.operation = o.id), '[]') as steps
  from operations o order by o.id`;
const EVENTS = `
  select id::int, kind, operation::int, ${COMMITTED.replace("xmin", "events.xmin")} as committed,
         (detail->>'step')::int as step, coalesce((detail->>'back')::boolean, false) as back
  from events where operation is not null order by id`;
const APPROVALS = `
  select operation::int, account, verdict, plan_hash as "planHash", ${COMMITTED} as committed from approvals`;

async function rows<T extends object>(db: Installation["db"], statement: string): Promise<T[]> {
  return (await db.query<T>(statement)).rows;
}

type PostingRow = {
  readonly id: number;
  readonly kind: string;
  readonly subject: number;
  readonly place: string;
  readonly channel: string | null;
  readonly ts: string | null;
  readonly root: string | null;
  readonly behind: boolean;
  readonly why: string;
};

/** Each posting beside the message that it is in Slack, and operations' cards beside what their rows say. */
async function postingsOf(installation: Installation): Promise<ShownPosting[]> {
  const { db, slack } = installation;
  const all = await rows<PostingRow>(
    db,
    `select p.id::int, p.subject_kind as kind, p.subject::int, p.place, p.channel, p.message_ts as ts, p.shown < p.wanted as behind,
            to_json(p)::text as why,
            (select r.message_ts from postings r where p.place like 'thread:%' and r.id = substr(p.place, 8)::bigint) as root
     from postings p order by p.id`,
  );
  const { connectionString } = db.options;
  await using app = await openAppAlone(connectionString ?? "", slack, { actions: "all" });
  const seen = new Map<string, Promise<Fields[]>>();
  async function messageOf({ place, channel, ts, root }: PostingRow): Promise<Fields | undefined> {
    if (channel === null || ts === null) return undefined;
    const reader = /^person:(.+)$/.exec(place)?.[1] ?? "U0ANA";
    const key = `${reader} ${channel} ${root ?? ""}`;
    if (!seen.has(key)) seen.set(key, messagesOf(slack.url, reader, channel, root ?? undefined));
    return (await seen.get(key))?.find((message) => textOf(message["ts"]) === ts);
  }
  const shown: ShownPosting[] = [];
  for (const row of all) {
    const about = {
      id: row.id,
      subject: `${row.kind} ${row.subject} at ${row.place}`,
      behind: row.behind,
      why: row.why,
    };
    if (row.kind !== "operation") {
      shown.push({ ...about, card: null });
      continue;
    }
    const wanted = operationCard(await readOperationCard(app, row.subject));
    const message = await messageOf(row);
    shown.push({ ...about, card: { wanted: readable(wanted.blocks), shown: readable(message?.["blocks"]) } });
  }
  return shown;
}

/** What a person reads and can press. */
function readable(blocks: unknown): string {
  const labels = pressables(blocks).map(({ label }) => `[${label}]`);
  return [visibleText(blocks, new Map()), ...labels].join("\n");
}

/** Secrets are in the environment of the processes, and nowhere else. */
async function leaksOf(installation: Installation): Promise<string[]> {
  const { db, secrets, web, workers } = installation;
  const tables = await rows<{ name: string }>(
    db,
    "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('daytwo', 'bullmq')",
  );
  const leaks: string[] = [];
  for (const { name } of tables)
    for (const secret of secrets) {
      const found = await db.query(`select 1 from ${name} t where strpos(t::text, $1) > 0 limit 1`, [secret]);
      if (found.rowCount === 1) leaks.push(`table ${name}`);
    }
  for (const slot of [web, ...workers]) if (slot.leaks()) leaks.push(`log of ${slot.name}`);
  return leaks;
}
