//! What domains to come stand on: roles of further scopes, and one table of who was asked by an address.

use sea_orm_migration::MigrationTrait;

use crate::{
    rls::{Rows, open, protect},
    sql_migration::SqlMigration,
};

const TABLES: &str = include_str!("m20261129_000007_ground.sql");

pub(crate) fn migration() -> Box<dyn MigrationTrait> {
    SqlMigration::boxed("m20261129_000007_ground", [TABLES.to_owned(), policies()].concat())
}

fn policies() -> String {
    const PENDING: &str = "platform.pending_invitations";
    [
        protect(PENDING),
        open(PENDING, "tenant", "INSERT", Rows::TenantOrNone("organization_id")),
        open(PENDING, "worker", "SELECT, DELETE", Rows::All),
        open("assessment.marketplace_listings", "public", "SELECT", Rows::Published("status")),
    ]
    .concat()
}
