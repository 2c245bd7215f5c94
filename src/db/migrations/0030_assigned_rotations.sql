-- A responsibility can be given in Slack to a rotation too: whoever is on call of it answers for it.
alter table overrides add column owner_rotation text;
alter table overrides add constraint overrides_name_one_assignee check (num_nonnulls(owner_person, owner_team, owner_rotation) <= 1);
