//! Time that is taken, and the times of coaching sessions, which take it.

use sea_orm_migration::MigrationTrait;

use crate::{
    rls::{Rows, open, protect},
    sql_migration::SqlMigration,
};

/// An organisation reads and keeps its own; the worker deletes what is over.
pub(crate) fn migration() -> Box<dyn MigrationTrait> {
    const CLAIMS: &str = "platform.claims";
    let parts = [
        include_str!("m20261201_000020_claims.sql").to_owned(),
        protect(CLAIMS),
        open(CLAIMS, "tenant", "SELECT, INSERT, DELETE", Rows::Tenant("organization_id")),
        open(CLAIMS, "worker", "SELECT (ends_at, held_until), DELETE", Rows::All),
    ];
    SqlMigration::boxed("m20261201_000020_claims", parts.concat())
}
