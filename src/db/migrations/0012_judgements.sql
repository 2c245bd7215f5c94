-- A person who has to say how a step ended may ask for another look first; the column is set while that look is owed.
alter table steps add column look_asked_at timestamptz;
