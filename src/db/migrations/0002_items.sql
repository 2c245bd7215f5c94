-- One row per check of the catalog: when it is due, what it last found, and what we believe.
create table checks (
  key text primary key,
  service text not null,
  due_at timestamptz not null,
  batch bigint, -- the shard that claimed it
  claimed_until timestamptz,
  phase text not null default 'ok',
  believed text not null default 'ok',
  streak integer not null default 0,
  unknown_streak integer not null default 0,
  reading jsonb,
  looked_at timestamptz,
  turned_at timestamptz, -- first reading of the current streak against what was believed: the onset
  left_at timestamptz,
  constraint checks_phase check (phase in ('ok', 'suspect', 'failing', 'recovering')),
  constraint checks_believed check (believed in ('ok', 'warning', 'critical'))
);
create index checks_due on checks (due_at) where left_at is null;
create index checks_in_batch on checks (batch) where batch is not null;
create sequence check_batches;

create table observations (
  target text primary key,
  observed_at timestamptz not null,
  body jsonb,
  problem text
);

create table items (
  id bigint generated always as identity primary key,
  fingerprint text not null,
  origin text not null,
  service text,
  responsibility text not null,
  severity text not null,
  state text not null default 'open',
  summary text not null,
  evidence jsonb not null default '{}',
  seen integer not null default 1,
  since timestamptz not null,
  opened_at timestamptz not null,
  last_seen_at timestamptz not null,
  owner_person text,
  owner_team text,
  owned_since timestamptz,
  due_at timestamptz,
  acknowledged_by text,
  acknowledged_at timestamptz,
  acknowledged_until timestamptz,
  snoozed_until timestamptz,
  resolved_at timestamptz,
  resolved_by text,
  resolution text,
  recovered boolean not null default false, -- its check passes again, but an operation on it is unfinished
  follows bigint references items (id),
  reverses bigint,
  constraint items_origin check (origin in ('check', 'alert', 'operation', 'reversal', 'catalog', 'person')),
  constraint items_severity check (severity in ('warning', 'critical')),
  constraint items_state check (state in ('open', 'snoozed', 'resolved')),
  constraint items_snoozed_has_end check ((state = 'snoozed') = (snoozed_until is not null)),
  constraint items_resolved_has_time check ((state = 'resolved') = (resolved_at is not null)),
  constraint items_one_owner check (owner_person is null or owner_team is null),
  constraint items_acknowledged_by_somebody check ((acknowledged_by is null) = (acknowledged_until is null))
);
create unique index items_unresolved_once on items (fingerprint) where state <> 'resolved';
create index items_by_fingerprint on items (fingerprint, id);
create index items_of_service on items (service, opened_at) where state <> 'resolved';
create index items_by_owner on items (owner_person, owner_team, opened_at) where state <> 'resolved';
create index items_acknowledgement_ends on items (acknowledged_until) where state <> 'resolved' and acknowledged_until is not null;
create index items_snooze_ends on items (snoozed_until) where state = 'snoozed';
create index items_reversal_due on items (due_at) where state <> 'resolved' and reverses is not null;
