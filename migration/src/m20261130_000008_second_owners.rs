//! Rows that a second owner sees are bound to it by more than the policy of the first.

use sea_orm_migration::MigrationTrait;

use crate::sql_migration::SqlMigration;

pub(crate) fn migration() -> Box<dyn MigrationTrait> {
    let script = include_str!("m20261130_000008_second_owners.sql");
    SqlMigration::boxed("m20261130_000008_second_owners", script.to_owned())
}
