//! The lanes of the outbox.

use sea_orm_migration::MigrationTrait;

use crate::sql_migration::SqlMigration;

/// What waits stays, in the middle lane. A process of the version before may write and take beside this one.
const LANES: &str = "
ALTER TABLE platform.outbox
  ADD COLUMN lane smallint NOT NULL DEFAULT 1 CHECK (lane BETWEEN 0 AND 2),
  ADD COLUMN turn bigint;
COMMENT ON COLUMN platform.outbox.lane IS 'how soon it is told: 0 now, 1 soon, 2 bulk';
COMMENT ON COLUMN platform.outbox.turn IS 'its round within the lane, once it was due and admitted; none before, nor while somebody has it';
DROP INDEX platform.outbox_due;
CREATE INDEX outbox_due ON platform.outbox (lane, due_at, seq) WHERE state = 'waiting' AND turn IS NULL;
CREATE INDEX outbox_turns ON platform.outbox (lane, turn, seq) WHERE turn IS NOT NULL;
CREATE INDEX outbox_last_turns ON platform.outbox
  (lane, coalesce(organization_id, '00000000-0000-0000-0000-000000000000'), turn) WHERE turn IS NOT NULL;
";

pub(crate) fn migration() -> Box<dyn MigrationTrait> {
    SqlMigration::boxed("m20261130_000013_lanes", LANES.to_owned())
}
