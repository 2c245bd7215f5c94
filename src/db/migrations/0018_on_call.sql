-- Who stands in for whom, and who is away, until a moment: said in Slack over what the rotations of the catalog say.
create table standins (
  id bigint generated always as identity primary key,
  kind text not null,
  rotation text, -- null is every rotation, of somebody who is away
  person text not null,
  covering text, -- only while this one's turn it is; null is whoever's
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  made_by text not null,
  made_at timestamptz not null,
  ended_at timestamptz,
  constraint standins_kind check (kind in ('cover', 'away')),
  constraint standins_say_where check (kind = 'away' or rotation is not null),
  constraint standins_end_after_they_start check (ends_at > starts_at)
);
create index standins_by_end on standins (ends_at) where ended_at is null;

-- Who was on call when we looked last: a change is handed over once, and the Slack user group follows.
create table turns (
  rotation text primary key,
  person text, -- null while nobody of the rotation is there
  since timestamptz not null,
  group_shows text, -- whom the user group shows
  group_due_at timestamptz not null,
  group_problem text
);

-- Items that wait for somebody to act: how far their chain has come, and when it goes on.
create table escalations (
  item bigint primary key references items (id),
  severity text not null,
  owner text not null, -- 'ana', 'team-web', '' of nobody's: another one begins the chain anew
  position integer not null default 0,
  told text[] not null default '{}',
  told_at timestamptz,
  began_at timestamptz not null,
  due_at timestamptz not null
);
create index escalations_due on escalations (due_at);

-- What is owed to somebody's phone: one alarm for each item and way, in the state that it shall have.
create table wakes (
  id bigint generated always as identity primary key,
  item bigint not null references items (id),
  via text not null, -- 'person:ana', 'rotation:web': whose wake of the catalog
  person text not null,
  wanted text not null,
  version integer not null default 1,
  sent integer not null default 0,
  asked_at timestamptz not null,
  due_at timestamptz not null,
  claimed_until timestamptz,
  attempts integer not null default 0,
  problem text,
  unique (item, via),
  constraint wakes_wanted check (wanted in ('trigger', 'acknowledge', 'resolve'))
);
create index wakes_behind on wakes (due_at) where sent < version;
create index wakes_on on wakes (item) where wanted <> 'resolve';
