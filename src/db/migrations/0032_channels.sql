-- Where the channels are that the catalog calls by their names, as Slack last told it.
create table channels (
  name text primary key, -- without its #
  channel text not null
);
