//! The database schema, one file a change.
//!
//! Migrations run as `touchstone_owner`, through `storage_postgres::migrate`, which takes a lock around them. They
//! expect the cluster's roles, which `storage_postgres::bootstrap_sql` makes.

mod change;
mod m20261120_000001_platform;
mod m20261120_000002_identity;
mod m20261121_000003_audit;
mod m20261122_000004_assessments;
mod rls;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// Knows all changes in their order.
#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            m20261120_000001_platform::change(),
            m20261120_000002_identity::change(),
            m20261121_000003_audit::change(),
            m20261122_000004_assessments::change(),
        ]
    }
}

/// The names of all changes, oldest first.
pub fn names() -> Vec<String> {
    Migrator::migrations().iter().map(|change| change.name().to_owned()).collect()
}
