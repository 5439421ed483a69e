//! Whether the schema is the one this program knows, and connecting to it.

use std::sync::Arc;

use credentials::KeyEncryptionKeys;
use platform::recorder;
use storage_postgres::{ConnectError, Listen, MigrateError, PostgresStorage, SchemaStatus, schema_status};
use system::{SystemIds, SystemRandom};

use crate::{
    config::{DatabaseSettings, Hearing},
    exit::{Exit, Failure},
};

/// How the schema compares with what this program knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Schema {
    Current,
    /// It lacks these.
    Older(Vec<String>),
    /// It has these besides.
    Newer(Vec<String>),
}

impl Schema {
    /// Looks, as any role that may read the list of migrations.
    pub(super) async fn of(url: &str) -> Result<Self, Failure> {
        let SchemaStatus { pending, unknown, .. } = schema_status(url).await.map_err(not_migrated)?;
        Ok(match (pending.is_empty(), unknown.is_empty()) {
            // One that lacks migrations cannot be served, whatever else it has.
            (false, _) => Self::Older(pending),
            (true, false) => Self::Newer(unknown),
            (true, true) => Self::Current,
        })
    }

    pub(super) fn require_not_newer(&self) -> Result<(), Failure> {
        match self {
            Self::Newer(unknown) => Err(newer(unknown)),
            Self::Current | Self::Older(_) => Ok(()),
        }
    }

    pub(super) fn require_not_older(&self, remedy: &str) -> Result<(), Failure> {
        let Self::Older(pending) = self else { return Ok(()) };
        let pending = pending.join(", ");
        Err(Failure::new(
            Exit::SchemaOlder,
            format!("the schema is older than this program: it lacks {pending}; {remedy}"),
        ))
    }
}

fn newer(unknown: &[String]) -> Failure {
    let unknown = unknown.join(", ");
    Failure::new(
        Exit::SchemaNewer,
        format!(
            "the schema is newer than this program, which does not know {unknown}; run a newer touchstone"
        ),
    )
}

/// Brings the schema up to date, as its owner.
pub(super) async fn migrate(owner_url: &str) -> Result<(), Failure> {
    let applied = storage_postgres::migrate(owner_url).await.map_err(not_migrated)?;
    if !applied.is_empty() {
        tracing::info!(changes = applied.join(", "), "the schema was brought up to date");
    }
    Ok(())
}

fn not_migrated(error: MigrateError) -> Failure {
    match error {
        MigrateError::Newer { unknown } => newer(&unknown),
        MigrateError::Url(_) => Failure::new(Exit::Settings, error.to_string()),
        MigrateError::Unreachable(_) => Failure::new(Exit::DatabaseUnreachable, error.to_string()),
        MigrateError::Roles { .. } | MigrateError::Extensions { .. } => {
            Failure::new(Exit::Refused, error.to_string())
        }
        MigrateError::Failed(_) => Failure::fault(error),
    }
}

/// Opens the pool; refuses a role that row-level security does not bind.
pub(super) async fn connect(
    url: &str,
    settings: &DatabaseSettings,
    keys: &KeyEncryptionKeys,
) -> Result<PostgresStorage, Failure> {
    let mut options = storage_postgres::Settings::new(url);
    options.max_connections = settings.max_connections;
    options.min_connections = settings.min_connections;
    options.listen = match &settings.listen {
        Hearing::Same => Listen::Same,
        Hearing::Off => Listen::Off,
        Hearing::At(url) => Listen::At(url.expose().to_owned()),
    };
    let recorder = recorder(keys.clone(), Arc::new(SystemIds), Arc::new(SystemRandom));
    PostgresStorage::connect(&options, recorder).await.map_err(|error| {
        let exit = match &error {
            ConnectError::Url(_) => Exit::Settings,
            ConnectError::Unreachable(_) => Exit::DatabaseUnreachable,
            ConnectError::Privileged { .. } => Exit::PrivilegedRole,
        };
        Failure::new(exit, error.to_string())
    })
}
