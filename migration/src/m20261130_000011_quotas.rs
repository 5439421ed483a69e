//! What quotas are counted by.

use sea_orm_migration::MigrationTrait;

use crate::sql_migration::SqlMigration;

/// Whom an organisation asked in the last 24 hours, in whichever campaign.
const INDEX: &str = "CREATE INDEX campaign_assignments_recent
  ON assessment.campaign_assignments (organization_id, created_at);
";

pub(crate) fn migration() -> Box<dyn MigrationTrait> {
    SqlMigration::boxed("m20261130_000011_quotas", INDEX.to_owned())
}
