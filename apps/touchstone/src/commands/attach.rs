//! What commands share that work beside a server, or while there is none.

use kernel::{Actor, Ctx, Scope};
use platform::Platform;

use crate::{
    config::{Settings, StoreKind},
    data_folder::DataFolder,
    database::{Database, OpenMode},
    exit::{Exit, Failure},
    options,
};

/// The services, and the database they work on.
pub(super) struct Attached {
    pub(super) platform: Box<Platform>,
    pub(super) database: Database,
}

impl Attached {
    pub(super) async fn open(settings: &Settings) -> Result<Self, Failure> {
        let folder = persistent_folder(settings)?;
        let database = Database::open(settings, &folder, OpenMode::Attach).await?;
        let composed = async {
            let url = options::public_url(settings, settings.listen);
            let options = options::options(settings, &url, &folder, database.keys.clone())?;
            Ok(Box::new(Platform::on_postgres(database.storage.clone(), options).await?))
        };
        match composed.await {
            Ok(platform) => Ok(Self { platform, database }),
            Err(failure) => {
                // The failure is what matters; a cluster that does not stop cleanly recovers at its next start.
                let _ = database.close().await;
                Err(failure)
            }
        }
    }

    /// Ends it, and passes on what the command came to.
    pub(super) async fn close<T>(self, outcome: Result<T, Failure>) -> Result<T, Failure> {
        drop(self.platform);
        let closed = self.database.close().await;
        let outcome = outcome?;
        closed.map(|()| outcome)
    }
}

/// The data folder, where things are kept at all.
pub(super) fn persistent_folder(settings: &Settings) -> Result<DataFolder, Failure> {
    if settings.store == StoreKind::Memory {
        let message = "store = memory keeps nothing that a command could work on; leave it out";
        return Err(Failure::new(Exit::Settings, message));
    }
    DataFolder::choose(settings.data.as_deref())
}

/// The folder of the private cluster, where it is used.
pub(super) fn private_cluster_folder(settings: &Settings) -> Result<DataFolder, Failure> {
    if settings.database.url.is_some() {
        let message = "this is for the private PostgreSQL; for one of your own use pg_dump and pg_restore";
        return Err(Failure::new(Exit::Settings, message));
    }
    persistent_folder(settings)
}

/// Touchstone itself asks, before anyone is known: `command` is what it was told, such as `admin create`.
pub(super) fn system(command: &str) -> Ctx {
    Ctx { route: Some(format!("touchstone {command}").into()), ..Ctx::new(Actor::System, Scope::Identity) }
}

/// What a domain refuses, in its own words.
#[expect(clippy::needless_pass_by_value, reason = "it maps errors")]
pub(super) fn refused(refusal: impl kernel::Refusal) -> Failure {
    let mut message = refusal.to_string();
    for (place, sentence) in refusal.errors() {
        message = format!("{message}; {}: {sentence}", place.trim_start_matches('/'));
    }
    let exit = match refusal.kind() {
        kernel::Kind::Fault => Exit::Fault,
        kernel::Kind::Unavailable => Exit::DatabaseUnreachable,
        _ => Exit::Refused,
    };
    Failure::new(exit, message)
}
