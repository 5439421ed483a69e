//! `touchstone backup` and `touchstone restore`.

use std::path::Path;

use super::attach::private_cluster_folder;
use crate::{
    config::Settings,
    data_folder::unusable,
    database::{DATABASE, Embedded, Host, bootstrap_embedded, migrate_embedded},
    exit::{Exit, Failure},
    output,
};

pub(super) async fn backup(settings: &Settings, file: &Path) -> Result<(), Failure> {
    let folder = private_cluster_folder(settings)?;
    if !folder.has_cluster() {
        let message = format!("there is nothing to back up in {}", folder.path().display());
        return Err(Failure::new(Exit::Refused, message));
    }
    if file.exists() {
        let message = format!("{} is there already; name a new file", file.display());
        return Err(Failure::new(Exit::Refused, message));
    }
    let file = std::path::absolute(file).map_err(unusable(file))?;
    let host = Embedded::new(settings, &folder).attach_or_start().await?;
    let dumped = host.access().dump(DATABASE, &file).await;
    let closed = host.close().await;
    dumped?;
    closed?;
    let keys = settings.key_file.clone().unwrap_or_else(|| folder.keys());
    output::line(format_args!("Everything is in {}.", file.display()));
    output::line(format_args!(
        "Keep {} with it, but apart: what is sealed opens with nothing else.",
        keys.display()
    ));
    Ok(())
}

pub(super) async fn restore(settings: &Settings, file: &Path) -> Result<(), Failure> {
    let folder = private_cluster_folder(settings)?;
    if !file.is_file() {
        return Err(Failure::new(Exit::Refused, format!("{} is no file", file.display())));
    }
    let file = std::path::absolute(file).map_err(unusable(file))?;
    let keys = settings.key_file.clone().unwrap_or_else(|| folder.keys());
    if !keys.is_file() {
        let message = format!(
            "{} is missing: put the key file that was kept with the backup there first, because what is sealed opens \
             with nothing else",
            keys.display()
        );
        return Err(Failure::new(Exit::Refused, message));
    }
    let embedded = Embedded::new(settings, &folder);
    embedded.keys()?;
    // Starting it, instead of attaching to it, makes sure that nobody works on what is replaced.
    let host = Host::Ours(embedded.start().await?);
    let restored = async {
        bootstrap_embedded(host.access()).await?;
        host.access().restore(DATABASE, &file).await?;
        migrate_embedded(host.access()).await
    };
    let restored = restored.await;
    let closed = host.close().await;
    restored.and(closed)?;
    output::line(format_args!("Everything is as it was in {}.", file.display()));
    Ok(())
}
