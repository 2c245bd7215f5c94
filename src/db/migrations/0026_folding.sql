-- The item whose card tells of this one, which has no card of its own meanwhile. No foreign key: its check would make
-- whoever opens an item wait for whoever changes the one that it folds under.
alter table items add column folded_under bigint;
create index items_folded on items (folded_under) where folded_under is not null;
-- The storms that are on.
create index items_storms on items (id) where state <> 'resolved' and fingerprint like 'storm:%';
-- How much began lately.
create index items_lately on items (opened_at) where origin in ('alert', 'check');
