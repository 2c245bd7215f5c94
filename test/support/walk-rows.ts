import type { Pool } from "pg";

/** What the database holds, asked past the doors that draw the surfaces. Moments are as cards write them: "2026-11-23 08:00 UTC". */

export type ItemRow = {
  readonly id: number;
  readonly service: string | null;
  readonly severity: "warning" | "critical";
  readonly state: "open" | "snoozed" | "resolved";
  readonly summary: string;
  readonly ownerPerson: string | null;
  readonly ownerTeam: string | null;
  readonly ownedSince: string | null;
  readonly dueAt: string | null;
  readonly overdue: boolean;
  readonly acknowledgedBy: string | null;
  readonly acknowledgedAt: string | null;
  readonly acknowledgedUntil: string | null;
  readonly snoozedUntil: string | null;
  readonly resolvedAt: string | null;
  readonly resolvedBy: string | null;
  readonly resolution: string | null;
  readonly reverses: number | null;
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
  readonly cancelAsked: boolean;
  readonly finishedAt: string | null;
  readonly outcome: string | null;
  readonly title: string | null;
  readonly needsPerson: boolean;
  readonly decisions: readonly { person: string; verdict: string; at: string; reason: string | null }[];
};

export type EventRow = {
  readonly id: number;
  readonly at: string;
  readonly kind: string;
  readonly item: number | null;
  readonly operation: number | null;
  readonly person: string | null;
  readonly account: string | null;
  readonly surface: string;
  readonly detail: Readonly<Record<string, unknown>>;
};

export type PostingRow = {
  readonly subjectKind: string;
  readonly subject: number;
  readonly place: string;
  readonly channel: string | null;
  readonly messageTs: string | null;
};

export type Rows = {
  readonly items: readonly ItemRow[];
  readonly operations: readonly OperationRow[];
  readonly events: readonly EventRow[];
  readonly postings: readonly PostingRow[];
  readonly head: string | null;
};

export async function rowsOf(pool: Pool, now: Date): Promise<Rows> {
  const items = await pool.query<ItemRow>(
    `select id::int, service, severity, state, summary, owner_person as "ownerPerson", owner_team as "ownerTeam",
            ${moment("owned_since")} as "ownedSince", ${moment("due_at")} as "dueAt", due_at < $1 as overdue,
            acknowledged_by as "acknowledgedBy", ${moment("acknowledged_at")} as "acknowledgedAt",
            ${moment("acknowledged_until")} as "acknowledgedUntil", ${moment("snoozed_until")} as "snoozedUntil",
            ${moment("resolved_at")} as "resolvedAt", resolved_by as "resolvedBy", resolution, reverses::int
     from items order by id`,
    [now],
  );
  const operations = await pool.query<OperationRow>(
    `select id::int, item::int, service, target, action, state, requested_by as "requestedBy", ${moment("requested_at")} as "requestedAt",
            approvals, cancel_requested_at is not null as "cancelAsked", ${moment("finished_at")} as "finishedAt", outcome, plan->>'title' as title,
            state = 'running' and exists (select from steps s where s.operation = o.id and s.state = 'needs_human') as "needsPerson",
            coalesce((select jsonb_agg(jsonb_build_object('person', person, 'verdict', verdict, 'at', ${moment("at")}, 'reason', reason) order by at)
                      from approvals a where a.operation = o.id), '[]') as decisions
     from operations o where not preview order by id`,
  );
  const events = await pool.query<EventRow>(
    `select id::int, ${moment("at")} as at, kind, item::int, operation::int, person, account, surface, detail from events order by id`,
  );
  const postings = await pool.query<PostingRow>(
    `select subject_kind as "subjectKind", subject::int, place, channel, message_ts as "messageTs" from postings order by id`,
  );
  const seals = await pool.query<{ hash: string }>("select hash from event_seals order by seq desc limit 1");
  return {
    items: items.rows,
    operations: operations.rows,
    events: events.rows,
    postings: postings.rows,
    head: seals.rows[0]?.hash ?? null,
  };
}

function moment(column: string): string {
  return `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')`;
}
