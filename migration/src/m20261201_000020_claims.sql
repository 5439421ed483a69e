-- Equality in an index of spans.
CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA extensions;

-- Somebody or something is taken for a span of time, by a meeting of whatever domain.
CREATE TABLE platform.claims (
  organization_id uuid NOT NULL,
  target_kind text NOT NULL,
  target_id uuid NOT NULL,
  lane text NOT NULL CHECK (lane IN ('host', 'guest', 'thing')),
  resource_id uuid NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  blocked_from timestamptz NOT NULL,
  blocked_until timestamptz NOT NULL,
  held_until timestamptz,
  blocked tstzrange NOT NULL GENERATED ALWAYS AS (tstzrange(blocked_from, blocked_until)) STORED,
  PRIMARY KEY (resource_id, lane, blocked_from),
  -- A span without length would overlap nothing. A meeting has at most a day, what is taken around it half a day.
  CONSTRAINT claims_times_check CHECK (starts_at < ends_at AND ends_at <= starts_at + interval '24 hours'
    AND blocked_from BETWEEN starts_at - interval '12 hours' AND starts_at
    AND blocked_until BETWEEN ends_at AND ends_at + interval '12 hours'),
  CONSTRAINT claims_no_overlap EXCLUDE USING gist (resource_id WITH =, lane WITH =, blocked WITH &&)
);
COMMENT ON TABLE platform.claims IS 'the constraint sees the rows of all organisations, readers their own';
COMMENT ON COLUMN platform.claims.lane IS 'host and guest are of an account, at work and as a client; thing is a room';
COMMENT ON COLUMN platform.claims.held_until IS 'when it lapses by itself; NULL: it does not';
CREATE INDEX claims_target ON platform.claims (organization_id, target_kind, target_id);
CREATE INDEX claims_held ON platform.claims (held_until) WHERE held_until IS NOT NULL;
CREATE INDEX claims_over ON platform.claims (ends_at);

-- Meetings that were arranged before take their time when they are next changed.
ALTER TABLE assessment.coaching_sessions
  ADD COLUMN duration_minutes integer NOT NULL DEFAULT 60 CHECK (duration_minutes BETWEEN 5 AND 480),
  ADD COLUMN time_zone text CHECK (length(time_zone) BETWEEN 1 AND 64);
COMMENT ON COLUMN assessment.coaching_sessions.duration_minutes IS 'how long coach and coachee meet';
COMMENT ON COLUMN assessment.coaching_sessions.time_zone IS 'by its IANA name; NULL: that of the coach';
