-- Which limit of Slack's the next call for a posting falls under: one at a time is claimed for each. Null while its thread
-- has no root yet, and nothing can be sent.
create function lane_of(place text, channel text, message_ts text) returns text
  language sql immutable parallel safe
  as $$ select case
    when message_ts is not null then 'chat.update'
    when channel is not null then 'channel:' || channel
    when place like 'thread:%' then null
    when place like 'person:%' then 'conversations.open'
    when place like 'channel:#%' then 'conversations.list'
    else place end $$;

-- When a post began that may or may not have reached Slack; null: nothing is in doubt.
alter table postings add column unsure_since timestamptz;
-- When a nightly comparison last found the message where it should be.
alter table postings add column compared_at timestamptz;
create index postings_in_lane on postings (lane_of(place, channel, message_ts), final desc, asked_at, id) where shown < wanted;
create index postings_of_place on postings (place, id);
drop index postings_behind;

update postings p set channel = r.channel from postings r
  where p.place like 'thread:%' and p.channel is null and p.shown < p.wanted
    and r.id = substr(p.place, 8)::bigint and r.channel is not null;

-- `full_at` is when what may be sent in a burst is spent; `limited` counts answers 429 without another one between them.
alter table pace add column full_at timestamptz;
alter table pace add column limited integer not null default 0;
-- Why nothing can be sent to a channel (Slack's word) and since when; `next_at` is then when it is tried again.
alter table pace add column problem text;
alter table pace add column since timestamptz;

-- What people must hear of although Slack cannot tell them: told to DAYTWO_ALARM_URL when it begins and when it ends.
create table alarms (
  about text primary key, -- 'token', 'channel'
  sentence text not null,
  began_at timestamptz not null,
  ended_at timestamptz,
  told text not null default 'nothing',
  claimed_until timestamptz,
  constraint alarms_told check (told in ('nothing', 'beginning'))
);

-- One row for each channel with messages of ours: how far its nightly comparison is.
create table comparisons (
  channel text primary key,
  due_at timestamptz not null,
  claimed_until timestamptz,
  began_at timestamptz, -- null: none is under way
  by text,
  cursor text,
  constraint comparisons_by check (by in ('metadata', 'permalink'))
);
create index comparisons_due on comparisons (due_at);
insert into comparisons (channel, due_at)
  select distinct channel, now() + interval '1 day' from postings where channel is not null and message_ts is not null;
