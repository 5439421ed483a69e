//! What all domains share: the outbox and the idempotency keys.

use sea_orm_migration::MigrationTrait;

use crate::{
    rls::{Rows, open, protect},
    sql_migration::SqlMigration,
};

pub(crate) fn migration() -> Box<dyn MigrationTrait> {
    SqlMigration::boxed("m20261120_000001_platform", [TABLES.to_owned(), policies()].concat())
}

const TABLES: &str = "
CREATE SCHEMA IF NOT EXISTS platform;
GRANT USAGE ON SCHEMA platform TO touchstone_app, touchstone_tenant, touchstone_account, touchstone_identity,
  touchstone_worker, touchstone_platform;
GRANT SELECT ON platform.seaql_migrations TO touchstone_app;

CREATE FUNCTION platform.touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.updated_at := now();
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION platform.touch() FROM PUBLIC;

CREATE TABLE platform.outbox (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  seq bigint GENERATED ALWAYS AS IDENTITY,
  organization_id uuid,
  topic text NOT NULL,
  target_kind text NOT NULL,
  target_id uuid NOT NULL,
  data jsonb NOT NULL,
  occurred_at timestamptz NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'dead')),
  due_at timestamptz NOT NULL,
  attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  last_error text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1
);
COMMENT ON COLUMN platform.outbox.due_at IS 'when it is tried next; taking it moves this to the end of the lease';
CREATE INDEX outbox_due ON platform.outbox (due_at, seq) WHERE state = 'waiting';
CREATE INDEX outbox_list ON platform.outbox (state, seq);
CREATE TRIGGER touch BEFORE UPDATE ON platform.outbox FOR EACH ROW EXECUTE FUNCTION platform.touch();

CREATE TABLE platform.idempotency_keys (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  caller text NOT NULL,
  key text NOT NULL,
  fingerprint bytea NOT NULL CHECK (octet_length(fingerprint) = 32),
  claimed_at timestamptz NOT NULL,
  committed_at timestamptz,
  target_kind text,
  target_id uuid,
  target_version bigint,
  sealed_answer bytea,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1,
  CONSTRAINT idempotency_keys_caller_key_key UNIQUE (caller, key),
  CONSTRAINT idempotency_keys_target_check CHECK (
    (target_kind IS NULL) = (target_id IS NULL) AND (target_kind IS NULL) = (target_version IS NULL))
);
CREATE INDEX idempotency_keys_claimed ON platform.idempotency_keys (claimed_at);
CREATE TRIGGER touch BEFORE UPDATE ON platform.idempotency_keys FOR EACH ROW EXECUTE FUNCTION platform.touch();
";

fn policies() -> String {
    const OUTBOX: &str = "platform.outbox";
    const IDEMPOTENCY_KEYS: &str = "platform.idempotency_keys";
    const MARK: &str = "SELECT (id, committed_at, target_kind, target_id, target_version), \
                        UPDATE (committed_at, target_kind, target_id, target_version)";
    let own = Rows::TenantOrNone("organization_id");
    let mut script = [
        protect(OUTBOX),
        open(OUTBOX, "tenant", "INSERT", own),
        open(OUTBOX, "account", "INSERT", own),
        open(OUTBOX, "identity", "INSERT", Rows::All),
        open(OUTBOX, "platform", "INSERT", Rows::All),
        open(OUTBOX, "worker", "SELECT, INSERT, UPDATE, DELETE", Rows::All),
        protect(IDEMPOTENCY_KEYS),
        open(IDEMPOTENCY_KEYS, "worker", "SELECT, INSERT, UPDATE, DELETE", Rows::All),
    ]
    .concat();
    for scope in ["tenant", "account", "identity", "platform"] {
        script += &open(IDEMPOTENCY_KEYS, scope, MARK, Rows::OwnIdempotencyKey);
    }
    script
}
