-- Nobody is told how often an alert was sent, nor when it was first seen: neither is kept any more. Both columns stay for a
-- previous release that still writes them.
alter table alerts alter column count drop not null;
alter table alerts alter column first_seen_at drop not null;

-- What an item says and when it was last seen is in no index: with room in the page that stays an update in place.
alter table items set (fillfactor = 80);
