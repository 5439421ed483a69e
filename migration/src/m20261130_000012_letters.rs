//! What becomes of letters.

use sea_orm_migration::MigrationTrait;

use crate::{
    rls::{Rows, open, protect},
    sql_migration::SqlMigration,
};

pub(crate) fn migration() -> Box<dyn MigrationTrait> {
    const LETTERS: &str = "platform.letters";
    const KEEP: &str = "SELECT, INSERT, UPDATE";
    let tables = include_str!("m20261130_000012_letters.sql").to_owned();
    let policies = [
        protect(LETTERS),
        open(LETTERS, "tenant", KEEP, Rows::Tenant("organization_id")),
        open(LETTERS, "identity", KEEP, Rows::All),
        open(LETTERS, "worker", KEEP, Rows::All),
    ];
    SqlMigration::boxed("m20261130_000012_letters", tables + &policies.concat())
}
