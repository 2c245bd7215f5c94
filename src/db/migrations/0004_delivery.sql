-- One Slack message kept equal to its row. `wanted` counts changes of the row, `shown` is the count last drawn.
create table postings (
  id bigint generated always as identity primary key,
  subject_kind text not null,
  subject bigint not null,
  place text not null, -- 'channel:#ops', 'channel:C1', 'thread:<posting>', 'person:U1'
  channel text, -- where it went, once known
  message_ts text,
  wanted integer not null default 1,
  shown integer not null default 0,
  final boolean not null default false,
  asked_at timestamptz not null,
  claimed_until timestamptz,
  not_before timestamptz,
  attempts integer not null default 0,
  problem text,
  unique (subject_kind, subject, place),
  constraint postings_subject check (subject_kind in ('item', 'operation', 'event', 'digest'))
);
create index postings_behind on postings (final desc, asked_at) where shown < wanted;
create index postings_of_subject on postings (subject_kind, subject);
create index postings_by_message on postings (channel, message_ts);

-- When the next call may be made: a channel, a method, the workspace. A 429 moves only its own key.
create table pace (
  key text primary key,
  next_at timestamptz not null
);

create table digests (
  id bigint generated always as identity primary key,
  channel text not null,
  local_date date not null,
  zone text not null,
  due_at timestamptz not null,
  made_at timestamptz not null,
  unique (channel, local_date)
);
