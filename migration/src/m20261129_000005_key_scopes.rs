//! The scopes of API keys, whichever domains there are.

use sea_orm_migration::MigrationTrait;

use crate::sql_migration::SqlMigration;

pub(crate) fn migration() -> Box<dyn MigrationTrait> {
    let script = include_str!("m20261129_000005_key_scopes.sql");
    SqlMigration::boxed("m20261129_000005_key_scopes", script.to_owned())
}
