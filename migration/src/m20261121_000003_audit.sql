CREATE SCHEMA audit;
GRANT USAGE ON SCHEMA audit TO touchstone_tenant, touchstone_account, touchstone_identity, touchstone_worker,
  touchstone_platform;

-- What happened. One table without partitions, whose TRUNCATE would pass the trigger; and without foreign keys, because
-- history outlives everything. `difference` is json, not jsonb: its text comes back as it was hashed.
CREATE TABLE audit.events (
  id uuid PRIMARY KEY,
  seq bigint GENERATED ALWAYS AS IDENTITY,
  tx xid8 NOT NULL DEFAULT pg_current_xact_id(),
  occurred_at timestamptz NOT NULL,
  organization_id uuid,
  subject_id uuid,
  actor_kind text NOT NULL,
  actor_id uuid,
  session_id uuid,
  action text NOT NULL,
  outcome text NOT NULL,
  reason text,
  target_kind text NOT NULL,
  target_id uuid,
  target_version bigint,
  difference json NOT NULL,
  secrets text[] NOT NULL,
  personal_key uuid,
  personal_box bytea,
  address_key uuid,
  address_box bytea,
  request_id uuid,
  route text,
  idempotency_claim uuid,
  schema smallint NOT NULL,
  salt bytea NOT NULL CHECK (octet_length(salt) = 16),
  CONSTRAINT events_outcome_check CHECK (outcome IN ('success', 'failure', 'denied')),
  CONSTRAINT events_reason_check CHECK ((reason IS NULL) = (outcome = 'success')),
  CONSTRAINT events_actor_check CHECK (session_id IS NULL OR actor_id IS NOT NULL),
  CONSTRAINT events_target_check CHECK (target_version IS NULL OR target_id IS NOT NULL),
  CONSTRAINT events_sealed_check CHECK (
    (personal_key IS NULL) = (personal_box IS NULL) AND (address_key IS NULL) = (address_box IS NULL))
);
COMMENT ON COLUMN audit.events.tx IS 'the transaction that wrote it, as its own cluster counts: see audit.sequencer';
CREATE INDEX events_sequence ON audit.events (tx, seq);
CREATE INDEX events_list ON audit.events (occurred_at, id);
CREATE INDEX events_organization ON audit.events (organization_id, occurred_at, id) WHERE organization_id IS NOT NULL;
CREATE INDEX events_subject ON audit.events (subject_id, occurred_at, id) WHERE subject_id IS NOT NULL;
CREATE INDEX events_actor ON audit.events (actor_id, occurred_at, id) WHERE actor_id IS NOT NULL;
CREATE INDEX events_target ON audit.events (target_id, occurred_at, id) WHERE target_id IS NOT NULL;

-- Their numbers, and the tree over them (https://c2sp.org/tlog-tiles). Only full tiles are kept.
CREATE TABLE audit.leaves (
  index bigint PRIMARY KEY CHECK (index >= 0),
  event_id uuid NOT NULL,
  hash bytea NOT NULL CHECK (octet_length(hash) = 32),
  CONSTRAINT leaves_event_key UNIQUE (event_id)
);

CREATE TABLE audit.tiles (
  level smallint CHECK (level BETWEEN 0 AND 7),
  index bigint CHECK (index >= 0),
  root bytea NOT NULL CHECK (octet_length(root) = 32),
  hashes bytea NOT NULL CHECK (octet_length(hashes) = 256 * 32),
  PRIMARY KEY (level, index)
);
ALTER TABLE audit.tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;

CREATE TABLE audit.checkpoints (
  size bigint PRIMARY KEY CHECK (size > 0),
  note text NOT NULL,
  signed_at timestamptz NOT NULL
);

-- Tables of one row.
CREATE TABLE audit.signers (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  verifier text NOT NULL,
  sealed_seed bytea NOT NULL
);

CREATE TABLE audit.log (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  id uuid NOT NULL
);
INSERT INTO audit.log (id) VALUES (gen_random_uuid());

-- How far events have their numbers. Transactions are counted by each cluster for itself: `home` tells which one counted.
-- While the cursor passes over what was restored from elsewhere, `horizon` tells where it goes on from afterwards.
CREATE TABLE audit.sequencer (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  home text,
  tx xid8 NOT NULL,
  seq bigint NOT NULL,
  horizon xid8
);
INSERT INTO audit.sequencer (tx, seq) VALUES ('0', 0);

-- The keys personal data is sealed with, wrapped by a key that is not in the database. Deleting one is how its subject is
-- forgotten; those without a subject are of strangers.
CREATE TABLE audit.subject_keys (
  id uuid PRIMARY KEY,
  subject_id uuid,
  wrapped bytea NOT NULL,
  made_at timestamptz NOT NULL
);
CREATE INDEX subject_keys_subject ON audit.subject_keys (subject_id) WHERE subject_id IS NOT NULL;
CREATE INDEX subject_keys_strangers ON audit.subject_keys (made_at) WHERE subject_id IS NULL;

CREATE FUNCTION audit.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of audit.% is refused: history is only ever added to', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END
$$;
REVOKE ALL ON FUNCTION audit.refuse() FROM PUBLIC;

-- Housekeeping looks at who was erased of late.
CREATE INDEX accounts_erased ON identity.accounts (updated_at) WHERE status = 'erased';

-- API keys may read the trail.
ALTER TABLE identity.api_keys DROP CONSTRAINT api_keys_scopes_check;
ALTER TABLE identity.api_keys ADD CONSTRAINT api_keys_scopes_check CHECK (scopes <@ ARRAY['organization.read',
  'members.read', 'members.write', 'invitations.read', 'invitations.write', 'audit.read']);
