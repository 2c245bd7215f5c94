-- What was seen to have changed on a target between two looks at it, whoever did it.
create table changes (
  id bigint generated always as identity primary key,
  target text not null,
  what text not null,
  name text, -- of the process or the certificate
  was text,
  became text,
  made_by text,
  summary text,
  made_at timestamptz, -- where the provider tells
  not_before timestamptz not null, -- the look that did not show it yet
  seen_at timestamptz not null,
  constraint changes_what check (what in ('release', 'size', 'certificate', 'other'))
);
create index changes_of_target on changes (target, seen_at);
create index changes_by_age on changes (seen_at);

-- How far back, and until when, a target's changes are known.
alter table observations add column first_seen_at timestamptz;
alter table observations add column seen_at timestamptz;
update observations set first_seen_at = observed_at, seen_at = observed_at where body is not null;

-- The last day of checks that measure something: the gravest reading of every five minutes.
create table readings (
  check_key text not null,
  at timestamptz not null,
  level text not null,
  value double precision not null,
  primary key (check_key, at)
);
create index readings_by_age on readings (at);

-- The file that Slack has of an event's picture, so that it is uploaded once.
create table pictures (
  event bigint primary key,
  file text not null
);
