-- When whoever acknowledged an item is asked whether they are still on it; and the event of that question, while it is open.
alter table items add column asks_at timestamptz;
alter table items add column asked_still bigint;
create index items_asks on items (asks_at) where state = 'open' and asks_at is not null;

-- What is there to be taken, and to be seen, of one service, in order.
create index items_untaken on items (service, id)
  where state = 'open' and reverses is null and (owner_person is null or owned_since is null);
create index items_unseen on items (service, id) where state = 'open' and acknowledged_by is null;
-- What is put aside, and what was done lately, by owner.
create index items_aside on items (coalesce(owner_person, ''), coalesce(owner_team, ''), snoozed_until) where state = 'snoozed';
create index items_done on items (coalesce(owner_person, ''), coalesce(owner_team, ''), resolved_at) where state = 'resolved';

-- Each time that an item was called noise. Who called it that, and why, is in the event.
create table noises (
  event bigint primary key,
  at timestamptz not null,
  item bigint not null references items (id),
  fingerprint text not null,
  service text
);
create index noises_of on noises (fingerprint, at);
create index noises_lately on noises (at);
