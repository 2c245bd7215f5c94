-- That somebody is away by their Slack status, in its words, as Slack last told it; without an end while they show it.
alter table accounts add column away text;
alter table accounts add column away_until timestamptz;
