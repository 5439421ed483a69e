-- An update that changes no indexed column, and finds room on the row's page, writes no index at all (HOT). `updated_at`
-- changes with each update: no index may name it, or each change of an account writes all of its indexes.
DROP INDEX identity.accounts_erased;
CREATE INDEX accounts_erased ON identity.accounts (id) WHERE status = 'erased';
ALTER TABLE identity.accounts SET (fillfactor = 80);
ALTER TABLE identity.sessions SET (fillfactor = 80);
ALTER TABLE assessment.interview_sessions SET (fillfactor = 80);
ALTER TABLE assessment.session_answers SET (fillfactor = 80);

-- Deliveries come and go by the million: vacuum follows them by their number, not by a share of the table. Only what was
-- given up stays long enough to be listed in its order by an index.
DROP INDEX platform.outbox_list;
CREATE INDEX outbox_dead ON platform.outbox (seq) WHERE state = 'dead';
ALTER TABLE platform.outbox SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0);
