//! What happened to a thing is told with the version that it led to.

use sea_orm_migration::MigrationTrait;

use crate::sql_migration::SqlMigration;

pub(crate) fn migration() -> Box<dyn MigrationTrait> {
    let column = "ALTER TABLE platform.outbox ADD COLUMN target_version bigint;\n".to_owned();
    SqlMigration::boxed("m20261201_000019_versions_told", column)
}
