//! Makes the data directory, in a folder beside it that is renamed when whole.
use std::{
    fs::{self, DirBuilder},
    hash::{BuildHasher as _, Hasher as _, RandomState},
    io::{self, Read as _},
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    process::Stdio,
};

use tokio::process::Command;

use crate::{
    Error, Installation, Settings,
    account::Account,
    lock::{beside, open_foreign},
    log::last_lines,
};

/// The name of the superuser.
pub(crate) const SUPERUSER: &str = "postgres";

/// The socket lies where only root and the cluster's own user can reach it; there is no other way in.
const HBA: &str = "# Written at initdb: the socket's folder (mode 0700) is the guard, and there is no TCP.\n\
                   local all all trust";
/// The user of the cluster writes its files: root writing there could be led astray by a link.
const SCRIPT: &str =
    r#"umask 077; dir=$1; hba=$2; shift 2; "$@" -D "$dir" && printf '%s\n' "$hba" >"$dir/pg_hba.conf""#;
const LEFTOVER: &str = ".initdb-";

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Nothing,
    /// A cluster of this major version.
    Cluster(String),
}

/// What is in the data directory.
pub(crate) fn look(data: &Path) -> Result<Found, Error> {
    let mut version = String::new();
    match open_foreign(&data.join("PG_VERSION")).and_then(|file| file.take(16).read_to_string(&mut version)) {
        Ok(_) => return Ok(Found::Cluster(version.trim().to_owned())),
        Err(problem) if problem.kind() == io::ErrorKind::NotFound => {}
        Err(source) => return Err(Error::Unwritable { path: data.to_owned(), source }),
    }
    match fs::read_dir(data).map(|mut entries| entries.next().is_none()) {
        Ok(false) => Err(Error::NotACluster { path: data.to_owned() }),
        Ok(true) => Ok(Found::Nothing),
        Err(problem) if problem.kind() == io::ErrorKind::NotFound => Ok(Found::Nothing),
        Err(source) => Err(Error::Unwritable { path: data.to_owned(), source }),
    }
}

/// Makes the cluster. The caller holds the lock.
pub(crate) async fn create(settings: &Settings, account: &Account) -> Result<(), Error> {
    remove_leftovers(&settings.data);
    let fresh = Fresh::make(&settings.data, account)?;
    let installation = &settings.installation;
    let mut command = account.command("sh");
    command.args(["-c", SCRIPT, "sh"]).arg(&fresh.0).arg(HBA).arg(installation.program("initdb"));
    command.args(["--username", SUPERUSER, "--encoding=UTF8", "--auth=trust", "--no-instructions"]);
    // Order by bytes never changes with the system's library, so no index breaks; case follows Unicode.
    command.arg("--locale=C").args(unicode_case().await.map(|name| format!("--lc-ctype={name}")));
    command.arg(if settings.durable { "--data-checksums" } else { "--no-sync" });
    command.stdin(Stdio::null());
    let output = Command::from(command).kill_on_drop(true).output().await.map_err(Error::run("sh"))?;
    if !output.status.success() {
        let said = [output.stdout, output.stderr].concat();
        return Err(Error::InitFailed { path: settings.data.clone(), output: last_lines(&said) });
    }
    fresh.keep(settings)
}

struct Fresh(PathBuf);

impl Fresh {
    fn make(data: &Path, account: &Account) -> Result<Self, Error> {
        // A name of its own: an orphaned initdb may still be writing into an earlier one.
        let path = beside(data, &format!("{LEFTOVER}{:016x}", random()));
        DirBuilder::new().mode(0o700).create(&path).map_err(Error::unwritable(&path))?;
        let fresh = Self(path);
        account.give(&fresh.0)?;
        Ok(fresh)
    }

    fn keep(self, settings: &Settings) -> Result<(), Error> {
        let sync = |path: &Path| open_foreign(path)?.sync_all();
        if settings.durable {
            let hba = self.0.join("pg_hba.conf");
            sync(&hba).and_then(|()| sync(&self.0)).map_err(Error::unwritable(hba))?;
        }
        fs::rename(&self.0, &settings.data).map_err(Error::unwritable(&settings.data))?;
        match settings.data.parent() {
            Some(parent) if settings.durable => sync(parent).map_err(Error::unwritable(parent)),
            _ => Ok(()),
        }
    }
}

impl Drop for Fresh {
    /// Finds nothing when the folder was kept.
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What interrupted runs left; best effort, as they are in nobody's way.
fn remove_leftovers(data: &Path) {
    let (Some(parent), Some(name)) = (data.parent(), data.file_name()) else { return };
    let prefix = format!("{}{LEFTOVER}", name.to_string_lossy());
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(&prefix) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// The settings to open what is in the data directory with: its major version decides.
pub(crate) fn matching(settings: &Settings, version: &str) -> Result<Installation, Error> {
    settings.installation.for_major(version).ok_or_else(|| Error::WrongVersion {
        path: settings.data.clone(),
        found: version.to_owned(),
        installed: settings.installation.major(),
    })
}

async fn unicode_case() -> Option<String> {
    let output = Command::new("locale").arg("-a").stderr(Stdio::null()).output().await.ok()?;
    let names = String::from_utf8_lossy(&output.stdout).into_owned();
    names.lines().find(|name| ["c.utf8", "c.utf-8"].contains(&&*name.to_lowercase())).map(str::to_owned)
}

/// For names only: the standard library seeds its hash maps from the system.
pub(crate) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}
