-- Signals from outside, one row for each that its source tells apart; many of them are one item.
-- Without a foreign key to items: it would be looked up once for each alert of a storm.
create table alerts (
  source text not null,
  fingerprint text not null,
  -- The fingerprint of the item that it is folded into.
  item_fingerprint text not null,
  -- 'told': it happened, and nobody will say that it is over.
  state text not null,
  severity text not null,
  name text not null,
  summary text not null,
  description text not null,
  labels jsonb not null,
  link text,
  started_at timestamptz not null,
  ended_at timestamptz,
  -- From when on it is over unless it was sent again; null where its source says when it is.
  lasts_until timestamptz,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  -- How often it was sent.
  count bigint not null,
  primary key (source, fingerprint),
  constraint alerts_state check (state in ('firing', 'resolved', 'told')),
  constraint alerts_severity check (severity in ('warning', 'critical')),
  constraint alerts_resolved_has_time check ((state = 'resolved') = (ended_at is not null))
);
create index alerts_of_item on alerts (item_fingerprint) where state <> 'resolved';
create index alerts_lasting on alerts (lasts_until) where state = 'firing' and lasts_until is not null;
create index alerts_by_age on alerts (last_seen_at);

-- How many alerts of each item fire, kept with every change of one of them.
create table alert_groups (
  item_fingerprint text primary key,
  source text not null,
  title text not null,
  service text,
  responsibility text not null,
  firing integer not null,
  critical integer not null,
  constraint alert_groups_count check (firing >= 0 and critical between 0 and firing)
);
create index alert_groups_firing on alert_groups (item_fingerprint) where firing > 0;

-- Each process that takes alerts counts here what it changed, so that the others know when to trust their memory no longer.
create table alert_writers (
  writer uuid primary key,
  changes bigint not null,
  at timestamptz not null
);

-- What must call in time.
create table heartbeats (
  name text primary key,
  appeared_at timestamptz not null,
  -- Its last call that said nothing bad.
  last_at timestamptz,
  -- When its silence is told next.
  due_at timestamptz not null,
  left_at timestamptz
);
create index heartbeats_due on heartbeats (due_at) where left_at is null;
