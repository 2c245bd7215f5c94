-- Windows are planned in Slack too, and in maintenance what checks find asks nobody.
alter table windows drop constraint windows_kind;
alter table windows add constraint windows_kind check (kind in ('freeze', 'maintenance'));
-- Who planned it in Slack; null of what the catalog says, which a new catalog replaces.
alter table windows add column made_by text;
alter table windows add column made_at timestamptz;
-- When it was told that the opening under way began; null of one that is still to come.
alter table windows add column opened_at timestamptz;
alter table windows add constraint windows_made_by_somebody check ((made_by is null) = (made_at is null));
create index windows_to_open on windows (starts_at) where opened_at is null;
