//! Every storage port, with SeaORM on PostgreSQL.
//!
//! A superuser runs [`bootstrap_sql`] once for a database; [`migrate`] then keeps its schema, as `touchstone_owner`;
//! and [`PostgresStorage::connect`] serves from it as `touchstone_app`, which row-level security binds.
//!
//! A unit of work is one transaction. Its BEGIN takes the role of the caller's scope and sets the ids that policies
//! check, in one message; its outbox rows and audit events are written in one statement right before COMMIT. Each
//! table is in one class ([`classes`]), which says who sees which of its rows.
#![cfg_attr(
    not(all(feature = "assessment-engine", feature = "identity")),
    expect(dead_code, reason = "each domain opens units and reads rows in ways the others do not")
)]

#[cfg(feature = "assessment-engine")]
mod assessment;
#[cfg(feature = "audit")]
mod audit;
mod bootstrap;
mod broadcast;
pub mod classes;
mod col;
mod connect;
mod denials;
#[cfg(feature = "document")]
mod document;
mod driver;
mod error;
mod health;
#[cfg(feature = "identity")]
mod identity;
mod leaves;
mod migrate;
#[cfg(feature = "notification")]
mod notification;
mod page;
mod platform;
mod read;
mod record;
#[cfg(feature = "testing")]
mod recorder;
mod redemptions;
mod scope;
mod settings;
#[cfg(feature = "testing")]
pub mod testing;
mod tx;
mod unit;
mod upsert;
#[cfg(feature = "webhook")]
mod webhook;

pub use bootstrap::bootstrap_sql;
pub use connect::{ConnectError, PostgresStorage};
pub use migrate::{MigrateError, SchemaStatus, migrate, schema_status};
pub use settings::{Listen, Settings};

/// The domains this adapter was built to store, and their tables: each by its feature, the platform and the audit trail
/// always.
pub const DOMAINS: &[(&kernel::Domain, &[classes::TableClass])] = &[
    (&kernel::PLATFORM, platform::TABLES),
    (&::audit::DOMAIN, record::TABLES),
    #[cfg(feature = "identity")]
    (&::identity::DOMAIN, identity::TABLES),
    #[cfg(feature = "assessment-engine")]
    (&assessment_engine::DOMAIN, assessment::TABLES),
    #[cfg(feature = "document")]
    (&::document::DOMAIN, document::TABLES),
    #[cfg(feature = "notification")]
    (&::notification::DOMAIN, notification::TABLES),
    #[cfg(feature = "webhook")]
    (&::webhook::DOMAIN, webhook::TABLES),
];
