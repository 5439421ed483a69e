//! What bounds the letters of an organisation, and who wants none.

use sea_orm_migration::MigrationTrait;

use crate::{
    rls::{Rows, open, protect},
    sql_migration::SqlMigration,
};

pub(crate) fn migration() -> Box<dyn MigrationTrait> {
    const LIMITS: &str = "identity.organization_limits";
    const UNSUBSCRIPTIONS: &str = "identity.unsubscriptions";
    let tables = include_str!("m20261130_000014_mail_limits.sql").to_owned();
    let policies = [
        protect(LIMITS),
        open(LIMITS, "tenant", "SELECT", Rows::Tenant("organization_id")),
        open(LIMITS, "identity", "SELECT, INSERT, UPDATE", Rows::All),
        protect(UNSUBSCRIPTIONS),
        open(UNSUBSCRIPTIONS, "identity", "SELECT, INSERT, UPDATE, DELETE", Rows::All),
    ];
    SqlMigration::boxed("m20261130_000014_mail_limits", tables + &policies.concat())
}
