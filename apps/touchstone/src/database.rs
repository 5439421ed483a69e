//! The database: the private cluster in the data folder, or a PostgreSQL of the operator's own.

mod embedded;
mod external;
mod schema;

use credentials::KeyEncryptionKeys;
use embedded_postgres::Cluster;
use storage_postgres::PostgresStorage;

use crate::{config::Settings, data_folder::DataFolder, exit::Failure};

pub use embedded::{Embedded, Host, bootstrap as bootstrap_embedded, prepare as migrate_embedded};
pub use external::migrate as migrate_external;

/// What the database is called in the private cluster.
pub const DATABASE: &str = "touchstone";
/// The role that owns the schema and migrates it.
pub const OWNER: &str = "touchstone_owner";
/// The role this program works as.
pub const APP: &str = "touchstone_app";

/// A database that is ready to be worked on.
pub struct Database {
    /// The storage on it.
    pub storage: PostgresStorage,
    /// The key-encryption keys that belong to it.
    pub keys: KeyEncryptionKeys,
    /// The cluster, if it is ours and this process runs it.
    pub cluster: Option<Cluster>,
    /// What it is, for a person.
    pub description: String,
}

/// What a command opens the database for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenMode {
    /// To run it: nobody else may, and the schema is brought up to date.
    Serve,
    /// To work beside whoever runs it, or to run it meanwhile.
    Attach,
}

impl Database {
    /// Opens the database the settings name.
    pub async fn open(settings: &Settings, folder: &DataFolder, mode: OpenMode) -> Result<Self, Failure> {
        match &settings.database.url {
            Some(url) => external::open(settings, url, mode).await,
            None => embedded::open(settings, folder, mode).await,
        }
    }

    /// Ends everything, the cluster last.
    pub async fn close(self) -> Result<(), Failure> {
        self.storage.close().await;
        match self.cluster {
            Some(cluster) => Ok(cluster.stop().await?),
            None => Ok(()),
        }
    }
}
