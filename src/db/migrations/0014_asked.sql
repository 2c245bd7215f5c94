-- Who was asked by direct message to approve an operation, and when.
create table asked (
  operation bigint not null references operations (id),
  person text not null,
  account text not null,
  at timestamptz not null,
  primary key (operation, person)
);

-- When those who may approve and were not asked yet are asked too.
alter table operations add column rest_at timestamptz;
create index operations_rest on operations (rest_at) where state = 'awaiting_approval' and rest_at is not null;

-- From when whoever is on call may go alone because nobody answers, and when they were told so.
alter table operations add column alone_at timestamptz;
alter table operations add column alone_offered_at timestamptz;
create index operations_alone on operations (alone_at)
  where state = 'awaiting_approval' and alone_at is not null and alone_offered_at is null;
alter table approvals drop constraint approvals_verdict;
alter table approvals add constraint approvals_verdict check (verdict in ('approved', 'denied', 'alone'));
