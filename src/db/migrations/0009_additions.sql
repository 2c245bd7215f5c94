-- An address that somebody asked us in Slack to watch, laid over the catalog until it ends.
create table additions (
  id bigint generated always as identity primary key,
  service text not null,
  url text not null,
  made_by text not null,
  made_at timestamptz not null,
  ended_at timestamptz
);
create unique index additions_in_force on additions (service) where ended_at is null;
create unique index additions_watch_once on additions (url) where ended_at is null;

-- When the check's service first appeared, however often the catalog was read since. What stands already is not new.
alter table checks add column appeared_at timestamptz not null default 'epoch';
