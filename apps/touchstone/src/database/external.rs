//! A PostgreSQL of the operator's own.

use kernel::Secret;
use tracing::warn;

use super::{
    Database, OpenMode,
    schema::{self, Schema},
};
use crate::{
    config::{Settings, mask_url},
    exit::{Exit, Failure},
    keys,
};

/// A newer schema is no obstacle here: while an upgrade rolls, the older program goes on beside the newer one.
pub(super) async fn open(settings: &Settings, url: &Secret, mode: OpenMode) -> Result<Database, Failure> {
    let path = settings.key_file.as_deref().ok_or_else(|| {
        let hint = "name one in TOUCHSTONE_KEY_FILE; `echo k1:$(openssl rand -base64 32)` makes one";
        Failure::new(Exit::Keys, format!("a database of one's own needs a key file of one's own: {hint}"))
    })?;
    let keys = keys::read(path)?;
    let owner = settings.database.migration_url.as_ref().filter(|_| mode == OpenMode::Serve);
    if let Some(owner) = owner {
        match migrate(owner).await {
            Err(failure) if failure.exit == Exit::SchemaNewer => warn!("{failure}"),
            migrated => migrated?,
        }
    }
    let storage = schema::connect(url.expose(), &settings.database, &keys).await?;
    let found = match Schema::of(url.expose()).await {
        Ok(found) => found,
        Err(failure) => {
            storage.close().await;
            return Err(failure);
        }
    };
    if let Err(failure) = found
        .require_not_older("run `touchstone migrate` with TOUCHSTONE_MIGRATION_URL set, or set it for serve")
    {
        storage.close().await;
        return Err(failure);
    }
    Ok(Database { storage, keys, cluster: None, description: mask_url(url.expose()) })
}

/// Brings the schema up to date, as its owner.
pub async fn migrate(owner: &Secret) -> Result<(), Failure> {
    schema::migrate(owner.expose()).await
}
