-- What the catalog said, each time it changed; never edited. An approval's policy version is the id.
create table catalog_versions (
  id bigint generated always as identity primary key,
  imported_at timestamptz not null,
  source text not null,
  digest text not null,
  body jsonb not null
);

-- A change made in Slack over a value of the catalog, until it ends.
create table overrides (
  id bigint generated always as identity primary key,
  service text not null,
  responsibility text not null,
  owner_person text,
  owner_team text,
  made_by text not null,
  made_at timestamptz not null,
  covered text, -- the catalog's own value when it was made: a file that changes it ends the override
  ended_at timestamptz,
  constraint overrides_name_one_party check (owner_person is null or owner_team is null)
);
create unique index overrides_in_force on overrides (service, responsibility) where ended_at is null;

-- What Slack last said about an account. Authority never rests on a row older than a minute.
create table accounts (
  team text not null,
  account text not null,
  kind text not null,
  name text not null,
  zone text,
  fetched_at timestamptz not null,
  primary key (team, account),
  constraint accounts_kind check (kind in ('member', 'guest', 'external', 'bot', 'deactivated'))
);

-- The one log: what changed or was refused, who, when, from which surface. Timeline, history and export are queries on it.
create table events (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  kind text not null,
  item bigint,
  operation bigint,
  service text,
  person text,
  account text,
  surface text not null,
  detail jsonb not null default '{}'
);
create index events_of_item on events (item, id) where item is not null;
create index events_of_operation on events (operation, id) where operation is not null;
create index events_of_service on events (service, id) where service is not null;

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'events are append-only' using errcode = 'insufficient_privilege';
end $$;
create trigger events_append_only before update or delete on events
  for each row execute function refuse_change();
create trigger events_no_truncate before truncate on events
  for each statement execute function refuse_change();

-- Every request that Slack was told we have, under its own key; a second delivery finds the first.
create table inbox (
  key text primary key,
  kind text not null,
  body jsonb,
  received_at timestamptz not null,
  handled_at timestamptz,
  attempts integer not null default 0,
  problem text
);
create index inbox_unhandled on inbox (received_at) where handled_at is null;
create index inbox_with_body on inbox (received_at) where body is not null;

-- What is owed to the queue. The row goes when the queue has the job; a sweep writes it anew if the queue forgets.
create table outbox (
  id bigint generated always as identity primary key,
  queue text not null,
  subject bigint not null,
  created_at timestamptz not null
);
