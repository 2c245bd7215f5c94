-- What goes up and down all the time: since when it is called that, and since when it is well while it is waited whether it stays so.
alter table items add column flapping_since timestamptz;
alter table items add column well_since timestamptz;
create index items_well on items (well_since) where well_since is not null and state <> 'resolved';
