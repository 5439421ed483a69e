//! The private cluster in the data folder.

use std::time::Duration;

use credentials::KeyEncryptionKeys;
use embedded_postgres::{Access, Cluster, Error as PostgresError, Installation, Settings as ClusterSettings};
use storage_postgres::PostgresStorage;
use system::SystemRandom;
use tokio::time;

use super::{
    APP, DATABASE, Database, OWNER, OpenMode,
    schema::{self, Schema},
};
use crate::{
    config::Settings,
    data_folder::DataFolder,
    exit::{Exit, Failure},
    keys, output,
};

/// Connections besides our own pool: commands that attach, a backup, a person with psql.
const SPARE_CONNECTIONS: u32 = 30;
/// How often attaching is tried while another process is just starting or ending.
const TRIES: u32 = 20;

/// The cluster of a data folder.
pub struct Embedded<'a> {
    settings: &'a Settings,
    folder: &'a DataFolder,
}

/// Who runs the cluster.
pub enum Host {
    /// This process.
    Ours(Cluster),
    /// Another one.
    Others(Access),
}

impl Host {
    /// The way into it.
    pub fn access(&self) -> &Access {
        match self {
            Self::Ours(cluster) => cluster.access(),
            Self::Others(access) => access,
        }
    }

    /// Stops it, if it is ours.
    pub async fn close(self) -> Result<(), Failure> {
        match self {
            Self::Ours(cluster) => Ok(cluster.stop().await?),
            Self::Others(_) => Ok(()),
        }
    }
}

impl<'a> Embedded<'a> {
    /// The cluster of this folder.
    pub fn new(settings: &'a Settings, folder: &'a DataFolder) -> Self {
        Self { settings, folder }
    }

    /// The keys. They are made before the cluster is, so that none is ever without; once there is a cluster, lost keys
    /// are an error, for new ones would open nothing.
    pub fn keys(&self) -> Result<KeyEncryptionKeys, Failure> {
        self.folder.create()?;
        if let Some(path) = &self.settings.key_file {
            return keys::read(path);
        }
        let path = self.folder.keys();
        if !self.folder.has_cluster() && !path.exists() {
            keys::create(&path, &SystemRandom)?;
        }
        keys::read(&path)
    }

    /// Runs the cluster; an error when another process does.
    pub async fn start(&self) -> Result<Cluster, Failure> {
        self.folder.create()?;
        let explicit = self.settings.postgres_bin.as_deref();
        let installation =
            Installation::find_or_install(explicit, self.settings.install, &|line| output::notice(line))
                .await?;
        let mut settings = ClusterSettings::new(installation, self.folder.postgres());
        let connections = self.settings.database.max_connections.saturating_add(SPARE_CONNECTIONS);
        settings.max_connections = u16::try_from(connections).unwrap_or(u16::MAX);
        Cluster::start(&settings, &|line| output::notice(line)).await.map_err(|error| match error {
            PostgresError::AlreadyRunning { pid, .. } => Failure::new(
                Exit::DataInUse,
                format!(
                    "{} is in use: its PostgreSQL runs as process {pid}; stop the touchstone that started it, or \
                     name another folder with --data",
                    self.folder.path().display()
                ),
            ),
            other => other.into(),
        })
    }

    /// The cluster that runs, if one does.
    pub async fn attach(&self) -> Result<Option<Host>, Failure> {
        let Some(running) = Cluster::attach(&self.folder.postgres()).await? else { return Ok(None) };
        let installation = Installation::find(self.settings.postgres_bin.as_deref())?;
        Ok(Some(Host::Others(running.access(installation))))
    }

    /// The cluster that runs, else one started for as long as it is needed.
    pub async fn attach_or_start(&self) -> Result<Host, Failure> {
        let mut tries = TRIES;
        loop {
            if let Some(host) = self.attach().await? {
                return Ok(host);
            }
            match self.start().await {
                Ok(cluster) => return Ok(Host::Ours(cluster)),
                Err(failure) if failure.exit == Exit::DataInUse && tries > 0 => tries -= 1,
                Err(failure) => return Err(failure),
            }
            time::sleep(Duration::from_millis(250)).await;
        }
    }
}

/// Opens the database in the cluster. On a schema that is current already nothing else is done, so that an ordinary
/// start is quick.
pub(super) async fn open(
    settings: &Settings,
    folder: &DataFolder,
    mode: OpenMode,
) -> Result<Database, Failure> {
    let embedded = Embedded::new(settings, folder);
    let keys = embedded.keys()?;
    let host = match mode {
        OpenMode::Serve => Host::Ours(embedded.start().await?),
        OpenMode::Attach => embedded.attach_or_start().await?,
    };
    match ready(&host, settings, &keys).await {
        Ok(storage) => {
            let version = host.access().installation().version();
            let description = format!("{} (private PostgreSQL {version})", folder.path().display());
            let cluster = match host {
                Host::Ours(cluster) => Some(cluster),
                Host::Others(_) => None,
            };
            Ok(Database { storage, keys, cluster, description })
        }
        Err(failure) => {
            // The failure is what matters; a cluster that does not stop cleanly recovers at its next start.
            let _ = host.close().await;
            Err(failure)
        }
    }
}

async fn ready(
    host: &Host,
    settings: &Settings,
    keys: &KeyEncryptionKeys,
) -> Result<PostgresStorage, Failure> {
    let url = host.access().url(APP, DATABASE);
    // An error means that there is no such database or role yet, as in a new cluster.
    let found = Schema::of(&url).await.unwrap_or(Schema::Older(Vec::new()));
    found.require_not_newer()?;
    match host {
        Host::Ours(cluster) if found != Schema::Current => prepare(cluster.access()).await?,
        Host::Ours(_) => {}
        Host::Others(_) => {
            found.require_not_older("it belongs to the touchstone that serves it; restart that one")?;
        }
    }
    schema::connect(&url, &settings.database, keys).await
}

/// Makes roles and database where they are missing, and brings the schema up to date.
pub async fn prepare(access: &Access) -> Result<(), Failure> {
    bootstrap(access).await?;
    schema::migrate(&access.url(OWNER, DATABASE)).await
}

/// Makes roles and database where they are missing.
pub async fn bootstrap(access: &Access) -> Result<(), Failure> {
    const CREATE: &str = "SELECT format('CREATE DATABASE %I', :'database')
                          WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \\gexec";
    access.script("postgres", &[("database", DATABASE)], CREATE).await?;
    access.sql(DATABASE, &storage_postgres::bootstrap_sql(DATABASE)).await?;
    Ok(())
}
