create table operations (
  id bigint generated always as identity primary key,
  item bigint references items (id),
  service text not null,
  environment text not null,
  target text not null,
  action text not null,
  arguments jsonb not null,
  state text not null default 'planning',
  requested_by text not null,
  requested_at timestamptz not null,
  catalog_version bigint,
  plan jsonb,
  plan_hash text,
  approvals integer not null default 0,
  expires_at timestamptz,
  cancel_requested_at timestamptz,
  started_at timestamptz,
  heartbeat_at timestamptz,
  finished_at timestamptz,
  outcome text,
  reversal_of bigint references operations (id),
  preview boolean not null default false, -- the plan is all that was asked for
  constraint operations_state check (state in ('planning', 'awaiting_approval', 'queued', 'running', 'succeeded', 'failed',
    'reverted', 'closed_unknown', 'refused', 'denied', 'expired', 'cancelled')),
  constraint operations_planned check (state in ('planning', 'refused', 'cancelled', 'expired') or (plan is not null and plan_hash is not null)),
  constraint operations_finished check ((finished_at is not null) =
    (state in ('succeeded', 'failed', 'reverted', 'closed_unknown', 'refused', 'denied', 'expired', 'cancelled')))
);
create index operations_unfinished on operations (state, id) where finished_at is null;
create index operations_of_item on operations (item, id) where item is not null;
create index operations_of_service on operations (service, id);
create unique index operations_reversal_once on operations (reversal_of) where finished_at is null and reversal_of is not null;

alter table items add constraint items_reverse_an_operation foreign key (reverses) references operations (id);

create table approvals (
  operation bigint not null references operations (id),
  person text not null,
  account text not null,
  verdict text not null,
  reason text,
  plan_hash text not null,
  at timestamptz not null,
  primary key (operation, person),
  constraint approvals_verdict check (verdict in ('approved', 'denied')),
  constraint approvals_denied_with_reason check (verdict = 'approved' or reason is not null)
);

-- The fence of a target only ever grows: a worker that lost it can no longer prove that it holds it.
create table targets (
  key text primary key,
  fence bigint not null default 0
);

create table steps (
  id bigint generated always as identity primary key,
  operation bigint not null references operations (id),
  seq integer not null,
  target text not null,
  state text not null default 'ready',
  attempt integer not null default 0,
  fence bigint,
  token uuid not null,
  intent_at timestamptz,
  settle_until timestamptz,
  outcome text,
  unique (operation, seq),
  constraint steps_state check (state in ('ready', 'intent', 'done', 'failed', 'unknown', 'needs_human')),
  constraint steps_intent_is_fenced check (state <> 'intent' or (fence is not null and intent_at is not null and settle_until is not null))
);
create unique index steps_hold_their_target on steps (target) where state in ('intent', 'unknown', 'needs_human');
create index steps_to_settle on steps (settle_until) where state in ('intent', 'unknown');
