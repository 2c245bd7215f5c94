-- A person who has to say how a step ended may ask for another look first; the column is set while that look is owed.
alter table steps add column look_asked_at timestamptz;

-- The service's checks that were not well when the step was first sent: only what was well then can have got worse by it.
alter table steps add column failing_before text[] not null default '{}';

-- Why a request goes on although policy asks for a pause first; it then needs an approval.
alter table operations add column despite text;
