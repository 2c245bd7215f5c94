-- A sequence's operation has several steps: the newest is the one that is under way, and is written with the end of the one before it.
-- What a step sends, where it is not its operation's plan as it was approved.
alter table steps add column plan jsonb;
-- The step of the same operation that it takes back.
alter table steps add column undoes integer;
alter table steps add column done_at timestamptz;
alter table steps add constraint steps_take_back_earlier_ones check (undoes < seq);
-- One step of an operation is under way, and no step is taken back twice.
create unique index steps_one_after_the_other on steps (operation) where state not in ('done', 'failed');
create unique index steps_taken_back_once on steps (operation, undoes) where undoes is not null;
create index steps_done_on on steps (target) where state = 'done';
