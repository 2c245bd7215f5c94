-- Which trace asked for it last, as a W3C traceparent: so that what a click leads to is told as one story.
alter table outbox add column trace text;
alter table postings add column trace text;
