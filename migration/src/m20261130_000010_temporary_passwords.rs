//! Passwords that their owners did not choose.

use sea_orm_migration::MigrationTrait;

use crate::sql_migration::SqlMigration;

pub(crate) fn migration() -> Box<dyn MigrationTrait> {
    let script = include_str!("m20261130_000010_temporary_passwords.sql");
    SqlMigration::boxed("m20261130_000010_temporary_passwords", script.to_owned())
}
