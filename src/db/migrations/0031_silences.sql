-- Silences at the sources of alerts: what a person asked for, and how far it has come there.
create table silences (
  id bigint generated always as identity primary key,
  item bigint not null references items (id),
  source text not null,
  -- Stands in the comments over there, by which what was made is found again.
  token text not null unique,
  -- One object for each silence over there: the value of each label that it goes by.
  matchers jsonb not null,
  reason text not null,
  made_by text not null, -- person key, or Slack user id
  asked_at timestamptz not null,
  ends_at timestamptz not null,
  state text not null,
  due_at timestamptz not null,
  claimed_until timestamptz,
  attempts integer not null default 0,
  problem text,
  constraint silences_state check (state in ('asked', 'on', 'ending', 'over', 'refused')),
  constraint silences_end_after_they_are_asked check (ends_at > asked_at)
);
create unique index silences_one_of_an_item on silences (item) where state in ('asked', 'on', 'ending');
create index silences_of_item on silences (item, id);
create index silences_due on silences (due_at) where state in ('asked', 'on', 'ending');
