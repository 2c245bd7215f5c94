-- How many items are unresolved, by service, owner and severity: exact, so that a digest does not count a million rows.
-- '' stands for none. Writers of one row would wait for each other's commit, so each backend takes one of eight.
create table item_counts (
  service text not null,
  owner_person text not null,
  owner_team text not null,
  severity text not null,
  shard integer not null,
  count bigint not null,
  primary key (service, owner_person, owner_team, severity, shard)
);

-- Each statement counts its own difference; `before` and `after` are the rows that it took away and that it left.
create function count_inserted_items() returns trigger language plpgsql as $$
begin
  insert into item_counts as c
    select coalesce(service, ''), coalesce(owner_person, ''), coalesce(owner_team, ''), severity, pg_backend_pid() % 8, count(*)
    from after where state <> 'resolved' group by 1, 2, 3, 4 order by 1, 2, 3, 4
  on conflict (service, owner_person, owner_team, severity, shard) do update set count = c.count + excluded.count;
  return null;
end $$;

create function count_deleted_items() returns trigger language plpgsql as $$
begin
  insert into item_counts as c
    select coalesce(service, ''), coalesce(owner_person, ''), coalesce(owner_team, ''), severity, pg_backend_pid() % 8, -count(*)
    from before where state <> 'resolved' group by 1, 2, 3, 4 order by 1, 2, 3, 4
  on conflict (service, owner_person, owner_team, severity, shard) do update set count = c.count + excluded.count;
  return null;
end $$;

create function count_updated_items() returns trigger language plpgsql as $$
begin
  insert into item_counts as c
    select coalesce(service, ''), coalesce(owner_person, ''), coalesce(owner_team, ''), severity, pg_backend_pid() % 8, sum(n)
    from (select service, owner_person, owner_team, severity, -1 as n from before where state <> 'resolved'
          union all
          select service, owner_person, owner_team, severity, 1 from after where state <> 'resolved') as changes
    group by 1, 2, 3, 4 having sum(n) <> 0 order by 1, 2, 3, 4
  on conflict (service, owner_person, owner_team, severity, shard) do update set count = c.count + excluded.count;
  return null;
end $$;

lock table items in share row exclusive mode;
create trigger items_count_inserted after insert on items
  referencing new table as after for each statement execute function count_inserted_items();
create trigger items_count_deleted after delete on items
  referencing old table as before for each statement execute function count_deleted_items();
create trigger items_count_updated after update on items
  referencing old table as before new table as after for each statement execute function count_updated_items();
insert into item_counts
  select coalesce(service, ''), coalesce(owner_person, ''), coalesce(owner_team, ''), severity, 0, count(*)
  from items where state <> 'resolved' group by 1, 2, 3, 4;

-- In the order in which lists show them; 'critical' sorts before 'warning'.
drop index items_by_owner; -- nothing could be found by it where one of the two is null
create index items_of_owner on items (coalesce(owner_person, ''), coalesce(owner_team, ''), opened_at) where state <> 'resolved';
create index items_unowned on items (severity, opened_at, id)
  where state <> 'resolved' and owner_person is null and owner_team is null;
create index items_due on items (due_at, id) where state <> 'resolved' and due_at is not null;
create index items_oldest on items (severity, opened_at, id) where state <> 'resolved';
create index events_of_nobody on events (at) where person is null and account is null;
