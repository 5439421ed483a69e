//! Attempts under way are counted apart from those that failed.

use sea_orm_migration::MigrationTrait;

use crate::sql_migration::SqlMigration;

pub(crate) fn migration() -> Box<dyn MigrationTrait> {
    let script = include_str!("m20261130_000009_throttle.sql");
    SqlMigration::boxed("m20261130_000009_throttle", script.to_owned())
}
