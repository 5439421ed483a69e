//! `touchstone migrate`.

use super::attach::persistent_folder;
use crate::{
    config::Settings,
    database::{Embedded, migrate_embedded, migrate_external},
    exit::{Exit, Failure},
    output,
};

pub(super) async fn run(settings: &Settings) -> Result<(), Failure> {
    let folder = persistent_folder(settings)?;
    match (&settings.database.migration_url, &settings.database.url) {
        (Some(owner), _) => migrate_external(owner).await?,
        (None, Some(_)) => {
            let message = "TOUCHSTONE_MIGRATION_URL is missing: the database as its owner, touchstone_owner";
            return Err(Failure::new(Exit::Settings, message));
        }
        (None, None) => {
            let embedded = Embedded::new(settings, &folder);
            embedded.keys()?;
            let host = embedded.attach_or_start().await?;
            let migrated = migrate_embedded(host.access()).await;
            let closed = host.close().await;
            migrated.and(closed)?;
        }
    }
    output::line("The schema is up to date.");
    Ok(())
}
