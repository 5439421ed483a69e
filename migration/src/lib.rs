//! The database schema, one file a migration.
//!
//! Migrations run as `touchstone_owner`, through `storage_postgres::migrate`, which takes a lock around them. They
//! expect the cluster's roles, which `storage_postgres::bootstrap_sql` makes.

mod m20261120_000001_platform;
mod m20261120_000002_identity;
mod m20261121_000003_audit;
mod m20261122_000004_assessments;
mod m20261129_000005_key_scopes;
mod m20261129_000006_hot_updates;
mod m20261129_000007_ground;
mod m20261130_000008_second_owners;
mod m20261130_000009_throttle;
mod m20261130_000010_temporary_passwords;
mod m20261130_000011_quotas;
mod m20261130_000012_letters;
mod m20261130_000013_lanes;
mod m20261130_000014_mail_limits;
mod m20261201_000015_notifications;
mod m20261201_000016_webhooks;
mod m20261201_000017_documents;
mod m20261201_000018_preferences_of_many;
mod m20261201_000019_versions_told;
mod m20261201_000020_claims;
mod rls;
mod sql_migration;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// Knows all migrations in their order.
#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            m20261120_000001_platform::migration(),
            m20261120_000002_identity::migration(),
            m20261121_000003_audit::migration(),
            m20261122_000004_assessments::migration(),
            m20261129_000005_key_scopes::migration(),
            m20261129_000006_hot_updates::migration(),
            m20261129_000007_ground::migration(),
            m20261130_000008_second_owners::migration(),
            m20261130_000009_throttle::migration(),
            m20261130_000010_temporary_passwords::migration(),
            m20261130_000011_quotas::migration(),
            m20261130_000012_letters::migration(),
            m20261130_000013_lanes::migration(),
            m20261130_000014_mail_limits::migration(),
            m20261201_000015_notifications::migration(),
            m20261201_000016_webhooks::migration(),
            m20261201_000017_documents::migration(),
            m20261201_000018_preferences_of_many::migration(),
            m20261201_000019_versions_told::migration(),
            m20261201_000020_claims::migration(),
        ]
    }
}

/// The names of all migrations, oldest first.
pub fn names() -> Vec<String> {
    Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect()
}
