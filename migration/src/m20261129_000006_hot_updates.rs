//! Fewer index writes for each change.

use sea_orm_migration::MigrationTrait;

use crate::sql_migration::SqlMigration;

pub(crate) fn migration() -> Box<dyn MigrationTrait> {
    let script = include_str!("m20261129_000006_hot_updates.sql");
    SqlMigration::boxed("m20261129_000006_hot_updates", script.to_owned())
}
