//! A cluster for tests: fast instead of durable, and gone with its folder when the test process ends.
use std::{
    fs::{self, DirBuilder},
    ops::Deref,
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _},
    path::{Path, PathBuf},
    time::Duration,
};

use rustix::process::Pid;

use crate::{Cluster, Error, Installation, Settings, account::Account, initdb::random, lock::Lock, socket};

const PREFIX: &str = "touchstone-test-";

/// A cluster in a folder of its own, removed when dropped, and also when the process is killed.
///
/// It may live in a `static`, which is never dropped, and be shared by runtimes.
#[derive(Debug)]
pub struct TemporaryCluster {
    cluster: Cluster,
    base: Base,
}

#[derive(Debug)]
struct Base(PathBuf);

impl Drop for Base {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl TemporaryCluster {
    /// Starts one with the PostgreSQL in [`BIN_VARIABLE`](crate::BIN_VARIABLE) or the one that is found.
    pub async fn start() -> Result<Self, Error> {
        Self::start_with(|_| {}).await
    }

    /// Like [`TemporaryCluster::start`], after `change` has had its way with the settings.
    pub async fn start_with(change: impl FnOnce(&mut Settings)) -> Result<Self, Error> {
        let installation = Installation::find_named()?;
        let base = make_base().await?;
        let mut settings = Settings::new(installation, base.0.join("postgres"));
        settings.durable = false;
        settings.temporary = Some(base.0.clone());
        change(&mut settings);
        let cluster = Cluster::start(&settings, &|_| {}).await?;
        Ok(Self { cluster, base })
    }

    /// The folder that is removed at the end.
    pub fn folder(&self) -> &Path {
        &self.base.0
    }
}

impl Deref for TemporaryCluster {
    type Target = Cluster;

    fn deref(&self) -> &Cluster {
        &self.cluster
    }
}

impl Drop for TemporaryCluster {
    fn drop(&mut self) {
        self.cluster.stop_blocking();
    }
}

/// A folder of the user PostgreSQL runs as, so that the supervisor can remove it when we cannot any more.
async fn make_base() -> Result<Base, Error> {
    let account = Account::service()?;
    let name = format!("{PREFIX}{}-{:08x}", std::process::id(), random() & 0xffff_ffff);
    let mut place = std::env::temp_dir().canonicalize().unwrap_or_else(|_| "/tmp".into());
    if !socket::fits(&place.join(&name).join("s")) || account.check_passes(&place).await.is_err() {
        place = "/tmp".into();
    }
    sweep(&place, account.uid);
    let path = place.join(name);
    DirBuilder::new().mode(0o700).create(&path).map_err(Error::unwritable(&path))?;
    let base = Base(path);
    account.give(&base.0)?;
    Ok(base)
}

/// Removes what processes left that were killed before their supervisor ran.
fn sweep(place: &Path, owner: u32) {
    let Ok(entries) = fs::read_dir(place) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(pid) = name.to_str().and_then(maker) else { continue };
        let Ok(found) = entry.metadata() else { continue };
        let is_old =
            found.modified().is_ok_and(|time| time.elapsed().is_ok_and(|age| age > Duration::from_mins(1)));
        let is_dead = rustix::process::test_kill_process(pid).is_err();
        if found.is_dir() && found.uid() == owner && is_old && is_dead {
            let path = entry.path();
            // Another container may share the folder but not the process numbers: it holds the lock.
            if matches!(Lock::try_take(&path.join("postgres")), Ok(Some(_))) {
                let _ = fs::remove_dir_all(path);
            }
        }
    }
}

fn maker(name: &str) -> Option<Pid> {
    Pid::from_raw(name.strip_prefix(PREFIX)?.split('-').next()?.parse().ok()?)
}
