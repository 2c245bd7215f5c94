-- The chain over the log, made after commit: each hash covers every column of its event, the seal's own, and the hash before.
create table event_seals (
  seq bigint primary key,
  event bigint not null unique,
  sealed_at timestamptz not null,
  hash text not null
);

-- What the chain still owes: comes with the event in the same transaction, goes with its seal.
create table events_to_seal (
  event bigint primary key
);
insert into events_to_seal select id from events;

create function owe_seal() returns trigger language plpgsql set search_path from current as $$
begin
  insert into events_to_seal values (new.id);
  return null;
end $$;
create trigger events_owe_seal after insert on events
  for each row execute function owe_seal();

create or replace function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% are append-only', tg_table_name using errcode = 'insufficient_privilege';
end $$;
create trigger event_seals_append_only before update or delete on event_seals
  for each row execute function refuse_change();
create trigger event_seals_no_truncate before truncate on event_seals
  for each statement execute function refuse_change();
