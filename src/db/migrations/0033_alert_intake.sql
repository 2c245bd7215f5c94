-- A group's count changes with each batch of alerts: without an index on it and with room in the page that stays an update
-- in place. There are as many groups as kinds of alerts, and what looks for those that fire can read them all.
drop index alert_groups_firing;
alter table alert_groups set (fillfactor = 50);

-- What fires is not forgotten by its age.
drop index alerts_by_age;
create index alerts_over_by_age on alerts (last_seen_at) where state <> 'firing';
