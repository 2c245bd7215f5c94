import type { Pool } from "pg";

/** What the database holds, asked past the doors that draw the surfaces. Moments are as cards write them: "2026-11-23 08:00 UTC". */

export type ItemRow = {
  readonly id: number;
  readonly service: string | null;
  readonly responsibility: string;
  readonly origin: string;
  readonly fingerprint: string;
  readonly severity: "warning" | "critical";
  readonly state: "open" | "snoozed" | "resolved";
  readonly summary: string;
  readonly ownerPerson: string | null;
  readonly ownerTeam: string | null;
  readonly ownedSince: string | null;
  readonly dueAt: string | null;
  readonly overdue: boolean;
  /** Whether it falls due within a week. */
  readonly comingUp: boolean;
  readonly acknowledgedBy: string | null;
  readonly acknowledgedAt: string | null;
  readonly acknowledgedUntil: string | null;
  readonly snoozedUntil: string | null;
  readonly resolvedAt: string | null;
  readonly resolvedBy: string | null;
  readonly resolution: string | null;
  readonly reverses: number | null;
  readonly foldedUnder: number | null;
};

export type OperationRow = {
  readonly id: number;
  readonly item: number | null;
  readonly service: string;
  readonly target: string;
  readonly action: string;
  readonly state: string;
  readonly requestedBy: string;
  readonly requestedAt: string;
  readonly approvals: number;
  readonly planHash: string | null;
  readonly title: string | null;
  readonly despite: string | null;
  readonly expiresAt: string | null;
  readonly restAt: string | null;
  readonly cancelAsked: boolean;
  readonly finishedAt: string | null;
  /** Whether whoever is on call may go alone by now: it goes back to what ran well, and nobody answered. */
  readonly aloneOpen: boolean;
  readonly needsPerson: boolean;
  readonly decisions: readonly {
    readonly person: string;
    readonly verdict: "approved" | "denied" | "alone";
    readonly planHash: string;
    readonly at: string;
    readonly reason: string | null;
  }[];
  readonly asked: readonly { readonly person: string; readonly account: string; readonly at: string }[];
};

export type EventRow = {
  readonly id: number;
  readonly at: string;
  /** To the microsecond, for comparing. */
  readonly instant: string;
  readonly kind: string;
  readonly item: number | null;
  readonly operation: number | null;
  readonly person: string | null;
  readonly account: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
};

export type PostingRow = {
  readonly subjectKind: string;
  readonly subject: number;
  readonly place: string;
  readonly messageTs: string | null;
};

export type CheckRow = {
  readonly key: string;
  readonly service: string;
  readonly level: string;
  readonly summary: string;
};

export type ObservationRow = {
  readonly target: string;
  readonly body: {
    readonly release: string;
    readonly releases: readonly { readonly release: string; readonly healthySeconds?: number }[];
    readonly sizes: readonly { readonly process: string; readonly wanted: number; readonly healthy: number }[];
  };
};

export type OverrideRow = {
  readonly service: string;
  readonly responsibility: string;
  readonly person: string | null;
  readonly team: string | null;
};

export type DigestRow = { readonly id: number; readonly localDate: string; readonly instant: string };

export type Rows = {
  readonly items: readonly ItemRow[];
  readonly operations: readonly OperationRow[];
  readonly events: readonly EventRow[];
  readonly postings: readonly PostingRow[];
  readonly checks: readonly CheckRow[];
  readonly observations: readonly ObservationRow[];
  readonly overrides: readonly OverrideRow[];
  /** Under way now. */
  readonly freezes: readonly { readonly service: string | null; readonly endsAt: string }[];
  readonly digests: readonly DigestRow[];
};

export async function rowsOf(pool: Pool, now: Date): Promise<Rows> {
  return {
    items: (await pool.query<ItemRow>(ITEMS, [now])).rows,
    operations: (await pool.query<OperationRow>(OPERATIONS, [now])).rows,
    events: (await pool.query<EventRow>(EVENTS)).rows,
    postings: (
      await pool.query<PostingRow>(
        `select subject_kind as "subjectKind", subject::int, place, message_ts as "messageTs" from postings order by id`,
      )
    ).rows,
    checks: (
      await pool.query<CheckRow>(
        `select key, service, reading->>'level' as level, reading->>'summary' as summary from checks
         where left_at is null and reading is not null order by key`,
      )
    ).rows,
    observations: (
      await pool.query<ObservationRow>("select target, body from observations where body is not null order by target")
    ).rows,
    overrides: (
      await pool.query<OverrideRow>(
        `select service, responsibility, owner_person as person, owner_team as team from overrides where ended_at is null order by id`,
      )
    ).rows,
    freezes: (
      await pool.query<Rows["freezes"][number]>(
        `select service, ${moment("ends_at")} as "endsAt" from windows where kind = 'freeze' and starts_at <= $1 and ends_at > $1`,
        [now],
      )
    ).rows,
    digests: (
      await pool.query<DigestRow>(
        `select id::int, local_date::text as "localDate", ${instant("made_at")} as instant from digests order by id`,
      )
    ).rows,
  };
}

/** Every head that the sealed log ever had, and when, in order. */
export async function headsOf(pool: Pool): Promise<readonly { readonly hash: string; readonly sealedAt: Date }[]> {
  const { rows } = await pool.query<{ hash: string; sealedAt: Date }>(
    `select hash, sealed_at as "sealedAt" from event_seals order by seq`,
  );
  return rows;
}

const ITEMS = `
select id::int, service, responsibility, origin, fingerprint, severity, state, summary,
       owner_person as "ownerPerson", owner_team as "ownerTeam", ${moment("owned_since")} as "ownedSince",
       ${moment("due_at")} as "dueAt", coalesce(due_at < $1, false) as overdue,
       coalesce(due_at >= $1 and due_at < $1::timestamptz + interval '7 days', false) as "comingUp",
       acknowledged_by as "acknowledgedBy", ${moment("acknowledged_at")} as "acknowledgedAt",
       ${moment("acknowledged_until")} as "acknowledgedUntil", ${moment("snoozed_until")} as "snoozedUntil",
       ${moment("resolved_at")} as "resolvedAt", resolved_by as "resolvedBy", resolution, reverses::int,
       folded_under::int as "foldedUnder"
from items order by id`;

const OPERATIONS = `
select id::int, item::int, service, target, action, state, requested_by as "requestedBy",
       ${moment("requested_at")} as "requestedAt", approvals, plan_hash as "planHash", plan->>'title' as title, despite,
       ${moment("expires_at")} as "expiresAt", ${moment("rest_at")} as "restAt",
       cancel_requested_at is not null as "cancelAsked", ${moment("finished_at")} as "finishedAt",
       coalesce(state = 'awaiting_approval' and alone_at <= $1 and expires_at > $1 and plan->>'restores' = 'true'
                and plan->>'risk' <> 'destructive' and despite is null and reversal_of is null
                and not exists (select from approvals a where a.operation = o.id), false) as "aloneOpen",
       state = 'running' and exists (select from steps s where s.operation = o.id and s.state = 'needs_human') as "needsPerson",
       coalesce((select jsonb_agg(jsonb_build_object('person', person, 'verdict', verdict, 'planHash', plan_hash,
                                                     'at', ${moment("at")}, 'reason', reason) order by at)
                 from approvals a where a.operation = o.id), '[]') as decisions,
       coalesce((select jsonb_agg(jsonb_build_object('person', person, 'account', account, 'at', ${moment("at")}) order by person)
                 from asked a where a.operation = o.id), '[]') as asked
from operations o where not preview order by id`;

const EVENTS = `
select id::int, ${moment("at")} as at, ${instant("at")} as instant, kind, item::int, operation::int, person, account, detail
from events where item is not null or operation is not null order by id`;

function moment(column: string): string {
  return `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')`;
}

function instant(column: string): string {
  return `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')`;
}
