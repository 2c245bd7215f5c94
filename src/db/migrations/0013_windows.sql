-- Times in which something else holds: in a freeze nothing is changed without a reason and somebody's approval.
create table windows (
  id bigint generated always as identity primary key,
  kind text not null,
  name text not null,
  -- What it holds for; null is everything.
  action text,
  environment text,
  service text,
  -- When it is open, by the clocks of a zone; `starts_at` and `ends_at` are of the opening under way, or else of the next.
  rule jsonb not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  constraint windows_kind check (kind in ('freeze')),
  constraint windows_end_after_they_start check (ends_at > starts_at)
);
create index windows_by_end on windows (ends_at);
