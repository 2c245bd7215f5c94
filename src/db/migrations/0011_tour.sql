-- The demo's tour is a posting too. There is one, as number 1; what of it is done, the log says.
alter table postings drop constraint postings_subject,
  add constraint postings_subject check (subject_kind in ('item', 'operation', 'event', 'digest', 'tour'));
