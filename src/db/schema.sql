-- What src/db/migrations/ add up to. Written by `npm run schema`; to change it, add a migration.

create table accounts (
  team text not null,
  account text not null,
  kind text not null,
  name text not null,
  zone text,
  fetched_at timestamp with time zone not null,
  away text,
  away_until timestamp with time zone
);

create table additions (
  id bigint generated always as identity not null,
  service text not null,
  url text not null,
  made_by text not null,
  made_at timestamp with time zone not null,
  ended_at timestamp with time zone
);

create table alarms (
  about text not null,
  sentence text not null,
  began_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  told text default 'nothing'::text not null,
  claimed_until timestamp with time zone
);

create table alert_groups (
  item_fingerprint text not null,
  source text not null,
  title text not null,
  service text,
  responsibility text not null,
  firing integer not null,
  critical integer not null
);

create table alert_writers (
  writer uuid not null,
  changes bigint not null,
  at timestamp with time zone not null
);

create table alerts (
  source text not null,
  fingerprint text not null,
  item_fingerprint text not null,
  state text not null,
  severity text not null,
  name text not null,
  summary text not null,
  description text not null,
  labels jsonb not null,
  link text,
  started_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  lasts_until timestamp with time zone,
  first_seen_at timestamp with time zone,
  last_seen_at timestamp with time zone not null,
  count bigint
);

create table approvals (
  operation bigint not null,
  person text not null,
  account text not null,
  verdict text not null,
  reason text,
  plan_hash text not null,
  at timestamp with time zone not null
);

create table asked (
  operation bigint not null,
  person text not null,
  account text not null,
  at timestamp with time zone not null
);

create table catalog_versions (
  id bigint generated always as identity not null,
  imported_at timestamp with time zone not null,
  source text not null,
  digest text not null,
  body jsonb not null
);

create table changes (
  id bigint generated always as identity not null,
  target text not null,
  what text not null,
  name text,
  was text,
  became text,
  made_by text,
  summary text,
  made_at timestamp with time zone,
  not_before timestamp with time zone not null,
  seen_at timestamp with time zone not null
);

create table channels (
  name text not null,
  channel text not null
);

create table checks (
  key text not null,
  service text not null,
  due_at timestamp with time zone not null,
  batch bigint,
  claimed_until timestamp with time zone,
  phase text default 'ok'::text not null,
  believed text default 'ok'::text not null,
  streak integer default 0 not null,
  unknown_streak integer default 0 not null,
  reading jsonb,
  looked_at timestamp with time zone,
  turned_at timestamp with time zone,
  left_at timestamp with time zone,
  appeared_at timestamp with time zone default '1970-01-01 00:00:00+00'::timestamp with time zone not null
);

create table comparisons (
  channel text not null,
  due_at timestamp with time zone not null,
  claimed_until timestamp with time zone,
  began_at timestamp with time zone,
  by text,
  cursor text
);

create table digests (
  id bigint generated always as identity not null,
  channel text not null,
  local_date date not null,
  zone text not null,
  due_at timestamp with time zone not null,
  made_at timestamp with time zone not null
);

create table escalations (
  item bigint not null,
  severity text not null,
  owner text not null,
  "position" integer default 0 not null,
  told text[] default '{}'::text[] not null,
  told_at timestamp with time zone,
  began_at timestamp with time zone not null,
  due_at timestamp with time zone not null
);

create table event_seals (
  seq bigint not null,
  event bigint not null,
  sealed_at timestamp with time zone not null,
  hash text not null
);

create table events (
  id bigint generated always as identity not null,
  at timestamp with time zone not null,
  kind text not null,
  item bigint,
  operation bigint,
  service text,
  person text,
  account text,
  surface text not null,
  detail jsonb default '{}'::jsonb not null
);

create table events_to_seal (
  event bigint not null
);

create table heartbeats (
  name text not null,
  appeared_at timestamp with time zone not null,
  last_at timestamp with time zone,
  due_at timestamp with time zone not null,
  left_at timestamp with time zone
);

create table inbox (
  key text not null,
  kind text not null,
  body jsonb,
  received_at timestamp with time zone not null,
  handled_at timestamp with time zone,
  attempts integer default 0 not null,
  problem text,
  claimed_until timestamp with time zone
);

create table item_counts (
  service text not null,
  owner_person text not null,
  owner_team text not null,
  severity text not null,
  shard integer not null,
  count bigint not null
);

create table items (
  id bigint generated always as identity not null,
  fingerprint text not null,
  origin text not null,
  service text,
  responsibility text not null,
  severity text not null,
  state text default 'open'::text not null,
  summary text not null,
  evidence jsonb default '{}'::jsonb not null,
  seen integer default 1 not null,
  since timestamp with time zone not null,
  opened_at timestamp with time zone not null,
  last_seen_at timestamp with time zone not null,
  owner_person text,
  owner_team text,
  owned_since timestamp with time zone,
  due_at timestamp with time zone,
  acknowledged_by text,
  acknowledged_at timestamp with time zone,
  acknowledged_until timestamp with time zone,
  snoozed_until timestamp with time zone,
  resolved_at timestamp with time zone,
  resolved_by text,
  resolution text,
  recovered boolean default false not null,
  follows bigint,
  reverses bigint,
  asks_at timestamp with time zone,
  asked_still bigint,
  folded_under bigint,
  flapping_since timestamp with time zone,
  well_since timestamp with time zone
);

create table migrations (
  name text not null,
  applied_at timestamp with time zone default now() not null,
  min_release text
);

create table noises (
  event bigint not null,
  at timestamp with time zone not null,
  item bigint not null,
  fingerprint text not null,
  service text
);

create table observations (
  target text not null,
  observed_at timestamp with time zone not null,
  body jsonb,
  problem text,
  first_seen_at timestamp with time zone,
  seen_at timestamp with time zone
);

create table operations (
  id bigint generated always as identity not null,
  item bigint,
  service text not null,
  environment text not null,
  target text not null,
  action text not null,
  arguments jsonb not null,
  state text default 'planning'::text not null,
  requested_by text not null,
  requested_at timestamp with time zone not null,
  catalog_version bigint,
  plan jsonb,
  plan_hash text,
  approvals integer default 0 not null,
  expires_at timestamp with time zone,
  cancel_requested_at timestamp with time zone,
  started_at timestamp with time zone,
  heartbeat_at timestamp with time zone,
  finished_at timestamp with time zone,
  outcome text,
  reversal_of bigint,
  preview boolean default false not null,
  despite text,
  rest_at timestamp with time zone,
  alone_at timestamp with time zone,
  alone_offered_at timestamp with time zone
);

create table outbox (
  id bigint generated always as identity not null,
  queue text not null,
  subject bigint not null,
  created_at timestamp with time zone not null,
  trace text
);

create table overrides (
  id bigint generated always as identity not null,
  service text not null,
  responsibility text not null,
  owner_person text,
  owner_team text,
  made_by text not null,
  made_at timestamp with time zone not null,
  covered text,
  ended_at timestamp with time zone,
  owner_rotation text
);

create table pace (
  key text not null,
  next_at timestamp with time zone not null,
  full_at timestamp with time zone,
  limited integer default 0 not null,
  problem text,
  since timestamp with time zone
);

create table pictures (
  event bigint not null,
  file text not null
);

create table postings (
  id bigint generated always as identity not null,
  subject_kind text not null,
  subject bigint not null,
  place text not null,
  channel text,
  message_ts text,
  wanted integer default 1 not null,
  shown integer default 0 not null,
  final boolean default false not null,
  asked_at timestamp with time zone not null,
  claimed_until timestamp with time zone,
  not_before timestamp with time zone,
  attempts integer default 0 not null,
  problem text,
  trace text,
  unsure_since timestamp with time zone,
  compared_at timestamp with time zone
);

create table readings (
  check_key text not null,
  at timestamp with time zone not null,
  level text not null,
  value double precision not null
);

create table silences (
  id bigint generated always as identity not null,
  item bigint not null,
  source text not null,
  token text not null,
  matchers jsonb not null,
  reason text not null,
  made_by text not null,
  asked_at timestamp with time zone not null,
  ends_at timestamp with time zone not null,
  state text not null,
  due_at timestamp with time zone not null,
  claimed_until timestamp with time zone,
  attempts integer default 0 not null,
  problem text
);

create table standins (
  id bigint generated always as identity not null,
  kind text not null,
  rotation text,
  person text not null,
  covering text,
  starts_at timestamp with time zone not null,
  ends_at timestamp with time zone not null,
  made_by text not null,
  made_at timestamp with time zone not null,
  ended_at timestamp with time zone
);

create table steps (
  id bigint generated always as identity not null,
  operation bigint not null,
  seq integer not null,
  target text not null,
  state text default 'ready'::text not null,
  attempt integer default 0 not null,
  fence bigint,
  token uuid not null,
  intent_at timestamp with time zone,
  settle_until timestamp with time zone,
  outcome text,
  look_asked_at timestamp with time zone,
  failing_before text[] default '{}'::text[] not null,
  plan jsonb,
  undoes integer,
  done_at timestamp with time zone
);

create table targets (
  key text not null,
  fence bigint default 0 not null
);

create table turns (
  rotation text not null,
  person text,
  since timestamp with time zone not null,
  group_shows text,
  group_due_at timestamp with time zone not null,
  group_problem text
);

create table wakes (
  id bigint generated always as identity not null,
  item bigint not null,
  via text not null,
  person text not null,
  wanted text not null,
  version integer default 1 not null,
  sent integer default 0 not null,
  asked_at timestamp with time zone not null,
  due_at timestamp with time zone not null,
  claimed_until timestamp with time zone,
  attempts integer default 0 not null,
  problem text
);

create table windows (
  id bigint generated always as identity not null,
  kind text not null,
  name text not null,
  action text,
  environment text,
  service text,
  rule jsonb not null,
  starts_at timestamp with time zone not null,
  ends_at timestamp with time zone not null,
  made_by text,
  made_at timestamp with time zone,
  opened_at timestamp with time zone
);

alter table accounts add constraint accounts_kind CHECK ((kind = ANY (ARRAY['member'::text, 'guest'::text, 'external'::text, 'bot'::text, 'deactivated'::text])));
alter table accounts add constraint accounts_pkey PRIMARY KEY (team, account);
alter table additions add constraint additions_pkey PRIMARY KEY (id);
alter table alarms add constraint alarms_pkey PRIMARY KEY (about);
alter table alarms add constraint alarms_told CHECK ((told = ANY (ARRAY['nothing'::text, 'beginning'::text])));
alter table alert_groups add constraint alert_groups_count CHECK (((firing >= 0) AND ((critical >= 0) AND (critical <= firing))));
alter table alert_groups add constraint alert_groups_pkey PRIMARY KEY (item_fingerprint);
alter table alert_writers add constraint alert_writers_pkey PRIMARY KEY (writer);
alter table alerts add constraint alerts_pkey PRIMARY KEY (source, fingerprint);
alter table alerts add constraint alerts_resolved_has_time CHECK (((state = 'resolved'::text) = (ended_at IS NOT NULL)));
alter table alerts add constraint alerts_severity CHECK ((severity = ANY (ARRAY['warning'::text, 'critical'::text])));
alter table alerts add constraint alerts_state CHECK ((state = ANY (ARRAY['firing'::text, 'resolved'::text, 'told'::text])));
alter table approvals add constraint approvals_denied_with_reason CHECK (((verdict = 'approved'::text) OR (reason IS NOT NULL)));
alter table approvals add constraint approvals_operation_fkey FOREIGN KEY (operation) REFERENCES operations(id);
alter table approvals add constraint approvals_pkey PRIMARY KEY (operation, person);
alter table approvals add constraint approvals_verdict CHECK ((verdict = ANY (ARRAY['approved'::text, 'denied'::text, 'alone'::text])));
alter table asked add constraint asked_operation_fkey FOREIGN KEY (operation) REFERENCES operations(id);
alter table asked add constraint asked_pkey PRIMARY KEY (operation, person);
alter table catalog_versions add constraint catalog_versions_pkey PRIMARY KEY (id);
alter table changes add constraint changes_pkey PRIMARY KEY (id);
alter table changes add constraint changes_what CHECK ((what = ANY (ARRAY['release'::text, 'size'::text, 'certificate'::text, 'other'::text])));
alter table channels add constraint channels_pkey PRIMARY KEY (name);
alter table checks add constraint checks_believed CHECK ((believed = ANY (ARRAY['ok'::text, 'warning'::text, 'critical'::text])));
alter table checks add constraint checks_phase CHECK ((phase = ANY (ARRAY['ok'::text, 'suspect'::text, 'failing'::text, 'recovering'::text])));
alter table checks add constraint checks_pkey PRIMARY KEY (key);
alter table comparisons add constraint comparisons_by CHECK ((by = ANY (ARRAY['metadata'::text, 'permalink'::text])));
alter table comparisons add constraint comparisons_pkey PRIMARY KEY (channel);
alter table digests add constraint digests_channel_local_date_key UNIQUE (channel, local_date);
alter table digests add constraint digests_pkey PRIMARY KEY (id);
alter table escalations add constraint escalations_item_fkey FOREIGN KEY (item) REFERENCES items(id);
alter table escalations add constraint escalations_pkey PRIMARY KEY (item);
alter table event_seals add constraint event_seals_event_key UNIQUE (event);
alter table event_seals add constraint event_seals_pkey PRIMARY KEY (seq);
alter table events add constraint events_pkey PRIMARY KEY (id);
alter table events_to_seal add constraint events_to_seal_pkey PRIMARY KEY (event);
alter table heartbeats add constraint heartbeats_pkey PRIMARY KEY (name);
alter table inbox add constraint inbox_pkey PRIMARY KEY (key);
alter table item_counts add constraint item_counts_pkey PRIMARY KEY (service, owner_person, owner_team, severity, shard);
alter table items add constraint items_acknowledged_by_somebody CHECK (((acknowledged_by IS NULL) = (acknowledged_until IS NULL)));
alter table items add constraint items_follows_fkey FOREIGN KEY (follows) REFERENCES items(id);
alter table items add constraint items_one_owner CHECK (((owner_person IS NULL) OR (owner_team IS NULL)));
alter table items add constraint items_origin CHECK ((origin = ANY (ARRAY['check'::text, 'alert'::text, 'operation'::text, 'reversal'::text, 'catalog'::text, 'person'::text])));
alter table items add constraint items_pkey PRIMARY KEY (id);
alter table items add constraint items_resolved_has_time CHECK (((state = 'resolved'::text) = (resolved_at IS NOT NULL)));
alter table items add constraint items_reverse_an_operation FOREIGN KEY (reverses) REFERENCES operations(id);
alter table items add constraint items_severity CHECK ((severity = ANY (ARRAY['warning'::text, 'critical'::text])));
alter table items add constraint items_snoozed_has_end CHECK (((state = 'snoozed'::text) = (snoozed_until IS NOT NULL)));
alter table items add constraint items_state CHECK ((state = ANY (ARRAY['open'::text, 'snoozed'::text, 'resolved'::text])));
alter table migrations add constraint migrations_pkey PRIMARY KEY (name);
alter table noises add constraint noises_item_fkey FOREIGN KEY (item) REFERENCES items(id);
alter table noises add constraint noises_pkey PRIMARY KEY (event);
alter table observations add constraint observations_pkey PRIMARY KEY (target);
alter table operations add constraint operations_finished CHECK (((finished_at IS NOT NULL) = (state = ANY (ARRAY['succeeded'::text, 'failed'::text, 'reverted'::text, 'closed_unknown'::text, 'refused'::text, 'denied'::text, 'expired'::text, 'cancelled'::text]))));
alter table operations add constraint operations_item_fkey FOREIGN KEY (item) REFERENCES items(id);
alter table operations add constraint operations_pkey PRIMARY KEY (id);
alter table operations add constraint operations_planned CHECK (((state = ANY (ARRAY['planning'::text, 'refused'::text, 'cancelled'::text, 'expired'::text])) OR ((plan IS NOT NULL) AND (plan_hash IS NOT NULL))));
alter table operations add constraint operations_reversal_of_fkey FOREIGN KEY (reversal_of) REFERENCES operations(id);
alter table operations add constraint operations_state CHECK ((state = ANY (ARRAY['planning'::text, 'awaiting_approval'::text, 'queued'::text, 'running'::text, 'succeeded'::text, 'failed'::text, 'reverted'::text, 'closed_unknown'::text, 'refused'::text, 'denied'::text, 'expired'::text, 'cancelled'::text])));
alter table outbox add constraint outbox_pkey PRIMARY KEY (id);
alter table overrides add constraint overrides_name_one_assignee CHECK ((num_nonnulls(owner_person, owner_team, owner_rotation) <= 1));
alter table overrides add constraint overrides_name_one_party CHECK (((owner_person IS NULL) OR (owner_team IS NULL)));
alter table overrides add constraint overrides_pkey PRIMARY KEY (id);
alter table pace add constraint pace_pkey PRIMARY KEY (key);
alter table pictures add constraint pictures_pkey PRIMARY KEY (event);
alter table postings add constraint postings_pkey PRIMARY KEY (id);
alter table postings add constraint postings_subject CHECK ((subject_kind = ANY (ARRAY['item'::text, 'operation'::text, 'event'::text, 'digest'::text, 'tour'::text])));
alter table postings add constraint postings_subject_kind_subject_place_key UNIQUE (subject_kind, subject, place);
alter table readings add constraint readings_pkey PRIMARY KEY (check_key, at);
alter table silences add constraint silences_end_after_they_are_asked CHECK ((ends_at > asked_at));
alter table silences add constraint silences_item_fkey FOREIGN KEY (item) REFERENCES items(id);
alter table silences add constraint silences_pkey PRIMARY KEY (id);
alter table silences add constraint silences_state CHECK ((state = ANY (ARRAY['asked'::text, 'on'::text, 'ending'::text, 'over'::text, 'refused'::text])));
alter table silences add constraint silences_token_key UNIQUE (token);
alter table standins add constraint standins_end_after_they_start CHECK ((ends_at > starts_at));
alter table standins add constraint standins_kind CHECK ((kind = ANY (ARRAY['cover'::text, 'away'::text])));
alter table standins add constraint standins_pkey PRIMARY KEY (id);
alter table standins add constraint standins_say_where CHECK (((kind = 'away'::text) OR (rotation IS NOT NULL)));
alter table steps add constraint steps_intent_is_fenced CHECK (((state <> 'intent'::text) OR ((fence IS NOT NULL) AND (intent_at IS NOT NULL) AND (settle_until IS NOT NULL))));
alter table steps add constraint steps_operation_fkey FOREIGN KEY (operation) REFERENCES operations(id);
alter table steps add constraint steps_operation_seq_key UNIQUE (operation, seq);
alter table steps add constraint steps_pkey PRIMARY KEY (id);
alter table steps add constraint steps_state CHECK ((state = ANY (ARRAY['ready'::text, 'intent'::text, 'done'::text, 'failed'::text, 'unknown'::text, 'needs_human'::text])));
alter table steps add constraint steps_take_back_earlier_ones CHECK ((undoes < seq));
alter table targets add constraint targets_pkey PRIMARY KEY (key);
alter table turns add constraint turns_pkey PRIMARY KEY (rotation);
alter table wakes add constraint wakes_item_fkey FOREIGN KEY (item) REFERENCES items(id);
alter table wakes add constraint wakes_item_via_key UNIQUE (item, via);
alter table wakes add constraint wakes_pkey PRIMARY KEY (id);
alter table wakes add constraint wakes_wanted CHECK ((wanted = ANY (ARRAY['trigger'::text, 'acknowledge'::text, 'resolve'::text])));
alter table windows add constraint windows_end_after_they_start CHECK ((ends_at > starts_at));
alter table windows add constraint windows_kind CHECK ((kind = ANY (ARRAY['freeze'::text, 'maintenance'::text])));
alter table windows add constraint windows_made_by_somebody CHECK (((made_by IS NULL) = (made_at IS NULL)));
alter table windows add constraint windows_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX additions_in_force ON additions USING btree (service) WHERE (ended_at IS NULL);
CREATE UNIQUE INDEX additions_watch_once ON additions USING btree (url) WHERE (ended_at IS NULL);
CREATE INDEX alerts_lasting ON alerts USING btree (lasts_until) WHERE ((state = 'firing'::text) AND (lasts_until IS NOT NULL));
CREATE INDEX alerts_of_item ON alerts USING btree (item_fingerprint) WHERE (state <> 'resolved'::text);
CREATE INDEX alerts_over_by_age ON alerts USING btree (last_seen_at) WHERE (state <> 'firing'::text);
CREATE INDEX changes_by_age ON changes USING btree (seen_at);
CREATE INDEX changes_of_target ON changes USING btree (target, seen_at);
CREATE INDEX checks_due ON checks USING btree (due_at) WHERE (left_at IS NULL);
CREATE INDEX checks_in_batch ON checks USING btree (batch) WHERE (batch IS NOT NULL);
CREATE INDEX comparisons_due ON comparisons USING btree (due_at);
CREATE INDEX escalations_due ON escalations USING btree (due_at);
CREATE INDEX events_of_item ON events USING btree (item, id) WHERE (item IS NOT NULL);
CREATE INDEX events_of_nobody ON events USING btree (at) WHERE ((person IS NULL) AND (account IS NULL));
CREATE INDEX events_of_operation ON events USING btree (operation, id) WHERE (operation IS NOT NULL);
CREATE INDEX events_of_service ON events USING btree (service, id) WHERE (service IS NOT NULL);
CREATE INDEX heartbeats_due ON heartbeats USING btree (due_at) WHERE (left_at IS NULL);
CREATE INDEX inbox_unhandled ON inbox USING btree (received_at) WHERE (handled_at IS NULL);
CREATE INDEX inbox_with_body ON inbox USING btree (received_at) WHERE (body IS NOT NULL);
CREATE INDEX items_acknowledgement_ends ON items USING btree (acknowledged_until) WHERE ((state <> 'resolved'::text) AND (acknowledged_until IS NOT NULL));
CREATE INDEX items_aside ON items USING btree (COALESCE(owner_person, ''::text), COALESCE(owner_team, ''::text), snoozed_until) WHERE (state = 'snoozed'::text);
CREATE INDEX items_asks ON items USING btree (asks_at) WHERE ((state = 'open'::text) AND (asks_at IS NOT NULL));
CREATE INDEX items_by_fingerprint ON items USING btree (fingerprint, id);
CREATE INDEX items_done ON items USING btree (COALESCE(owner_person, ''::text), COALESCE(owner_team, ''::text), resolved_at) WHERE (state = 'resolved'::text);
CREATE INDEX items_due ON items USING btree (due_at, id) WHERE ((state <> 'resolved'::text) AND (due_at IS NOT NULL));
CREATE INDEX items_folded ON items USING btree (folded_under) WHERE (folded_under IS NOT NULL);
CREATE INDEX items_lately ON items USING btree (opened_at) WHERE (origin = ANY (ARRAY['alert'::text, 'check'::text]));
CREATE INDEX items_of_owner ON items USING btree (COALESCE(owner_person, ''::text), COALESCE(owner_team, ''::text), opened_at) WHERE (state <> 'resolved'::text);
CREATE INDEX items_of_service ON items USING btree (service, opened_at) WHERE (state <> 'resolved'::text);
CREATE INDEX items_oldest ON items USING btree (severity, opened_at, id) WHERE (state <> 'resolved'::text);
CREATE INDEX items_reversal_due ON items USING btree (due_at) WHERE ((state <> 'resolved'::text) AND (reverses IS NOT NULL));
CREATE INDEX items_snooze_ends ON items USING btree (snoozed_until) WHERE (state = 'snoozed'::text);
CREATE INDEX items_storms ON items USING btree (id) WHERE ((state <> 'resolved'::text) AND (fingerprint ~~ 'storm:%'::text));
CREATE INDEX items_unowned ON items USING btree (severity, opened_at, id) WHERE ((state <> 'resolved'::text) AND (owner_person IS NULL) AND (owner_team IS NULL));
CREATE UNIQUE INDEX items_unresolved_once ON items USING btree (fingerprint) WHERE (state <> 'resolved'::text);
CREATE INDEX items_unseen ON items USING btree (service, id) WHERE ((state = 'open'::text) AND (acknowledged_by IS NULL));
CREATE INDEX items_untaken ON items USING btree (service, id) WHERE ((state = 'open'::text) AND (reverses IS NULL) AND ((owner_person IS NULL) OR (owned_since IS NULL)));
CREATE INDEX items_well ON items USING btree (well_since) WHERE ((well_since IS NOT NULL) AND (state <> 'resolved'::text));
CREATE INDEX noises_lately ON noises USING btree (at);
CREATE INDEX noises_of ON noises USING btree (fingerprint, at);
CREATE INDEX operations_alone ON operations USING btree (alone_at) WHERE ((state = 'awaiting_approval'::text) AND (alone_at IS NOT NULL) AND (alone_offered_at IS NULL));
CREATE INDEX operations_of_item ON operations USING btree (item, id) WHERE (item IS NOT NULL);
CREATE INDEX operations_of_service ON operations USING btree (service, id);
CREATE INDEX operations_rest ON operations USING btree (rest_at) WHERE ((state = 'awaiting_approval'::text) AND (rest_at IS NOT NULL));
CREATE UNIQUE INDEX operations_reversal_once ON operations USING btree (reversal_of) WHERE ((finished_at IS NULL) AND (reversal_of IS NOT NULL));
CREATE INDEX operations_unfinished ON operations USING btree (state, id) WHERE (finished_at IS NULL);
CREATE UNIQUE INDEX overrides_in_force ON overrides USING btree (service, responsibility) WHERE (ended_at IS NULL);
CREATE INDEX postings_by_message ON postings USING btree (channel, message_ts);
CREATE INDEX postings_in_lane ON postings USING btree (lane_of(place, channel, message_ts), final DESC, asked_at, id) WHERE (shown < wanted);
CREATE INDEX postings_of_place ON postings USING btree (place, id);
CREATE INDEX postings_of_subject ON postings USING btree (subject_kind, subject);
CREATE INDEX readings_by_age ON readings USING btree (at);
CREATE INDEX silences_due ON silences USING btree (due_at) WHERE (state = ANY (ARRAY['asked'::text, 'on'::text, 'ending'::text]));
CREATE INDEX silences_of_item ON silences USING btree (item, id);
CREATE UNIQUE INDEX silences_one_of_an_item ON silences USING btree (item) WHERE (state = ANY (ARRAY['asked'::text, 'on'::text, 'ending'::text]));
CREATE INDEX standins_by_end ON standins USING btree (ends_at) WHERE (ended_at IS NULL);
CREATE INDEX steps_done_on ON steps USING btree (target) WHERE (state = 'done'::text);
CREATE UNIQUE INDEX steps_hold_their_target ON steps USING btree (target) WHERE (state = ANY (ARRAY['intent'::text, 'unknown'::text, 'needs_human'::text]));
CREATE UNIQUE INDEX steps_one_after_the_other ON steps USING btree (operation) WHERE (state <> ALL (ARRAY['done'::text, 'failed'::text]));
CREATE UNIQUE INDEX steps_taken_back_once ON steps USING btree (operation, undoes) WHERE (undoes IS NOT NULL);
CREATE INDEX steps_to_settle ON steps USING btree (settle_until) WHERE (state = ANY (ARRAY['intent'::text, 'unknown'::text]));
CREATE INDEX wakes_behind ON wakes USING btree (due_at) WHERE (sent < version);
CREATE INDEX wakes_on ON wakes USING btree (item) WHERE (wanted <> 'resolve'::text);
CREATE INDEX windows_by_end ON windows USING btree (ends_at);
CREATE INDEX windows_to_open ON windows USING btree (starts_at) WHERE (opened_at IS NULL);
create sequence check_batches as bigint;

CREATE OR REPLACE FUNCTION count_deleted_items()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into item_counts as c
    select coalesce(service, ''), coalesce(owner_person, ''), coalesce(owner_team, ''), severity, pg_backend_pid() % 8, -count(*)
    from before where state <> 'resolved' group by 1, 2, 3, 4 order by 1, 2, 3, 4
  on conflict (service, owner_person, owner_team, severity, shard) do update set count = c.count + excluded.count;
  return null;
end $function$;


CREATE OR REPLACE FUNCTION count_inserted_items()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into item_counts as c
    select coalesce(service, ''), coalesce(owner_person, ''), coalesce(owner_team, ''), severity, pg_backend_pid() % 8, count(*)
    from after where state <> 'resolved' group by 1, 2, 3, 4 order by 1, 2, 3, 4
  on conflict (service, owner_person, owner_team, severity, shard) do update set count = c.count + excluded.count;
  return null;
end $function$;


CREATE OR REPLACE FUNCTION count_updated_items()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into item_counts as c
    select coalesce(service, ''), coalesce(owner_person, ''), coalesce(owner_team, ''), severity, pg_backend_pid() % 8, sum(n)
    from (select service, owner_person, owner_team, severity, -1 as n from before where state <> 'resolved'
          union all
          select service, owner_person, owner_team, severity, 1 from after where state <> 'resolved') as changes
    group by 1, 2, 3, 4 having sum(n) <> 0 order by 1, 2, 3, 4
  on conflict (service, owner_person, owner_team, severity, shard) do update set count = c.count + excluded.count;
  return null;
end $function$;


CREATE OR REPLACE FUNCTION lane_of(place text, channel text, message_ts text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$ select case
    when message_ts is not null then 'chat.update'
    when channel is not null then 'channel:' || channel
    when place like 'thread:%' then null
    when place like 'person:%' then 'conversations.open'
    when place like 'channel:#%' then 'conversations.list'
    else place end $function$;


CREATE OR REPLACE FUNCTION owe_seal()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'daytwo'
AS $function$
begin
  insert into events_to_seal values (new.id);
  return null;
end $function$;


CREATE OR REPLACE FUNCTION refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception '% are append-only', tg_table_name using errcode = 'insufficient_privilege';
end $function$;

CREATE TRIGGER event_seals_append_only BEFORE DELETE OR UPDATE ON event_seals FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER event_seals_no_truncate BEFORE TRUNCATE ON event_seals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER events_append_only BEFORE DELETE OR UPDATE ON events FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER events_owe_seal AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION owe_seal();
CREATE TRIGGER items_count_deleted AFTER DELETE ON items REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION count_deleted_items();
CREATE TRIGGER items_count_inserted AFTER INSERT ON items REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION count_inserted_items();
CREATE TRIGGER items_count_updated AFTER UPDATE ON items REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION count_updated_items();
