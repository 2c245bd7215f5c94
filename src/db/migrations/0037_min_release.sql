-- The oldest release that can work on the schema from this migration on; null where it only adds, and any can.
alter table migrations add column min_release text;
