//! Where PostgreSQL is installed on this machine.
use std::{
    cmp::Reverse,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{Error, Progress, install};

/// The variable that names the folder of PostgreSQL's binaries.
pub const BIN_VARIABLE: &str = "TOUCHSTONE_POSTGRES_BIN";
/// The oldest major version that is supported.
pub const OLDEST_MAJOR: u32 = 15;

const NEEDED: [&str; 5] = ["initdb", "postgres", "psql", "pg_dump", "pg_restore"];

/// A folder with all binaries needed, of a version that is supported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    bin: PathBuf,
    version: String,
    major: u32,
    /// Named by the caller, so that no other may take its place.
    explicit: bool,
}

impl Installation {
    /// Looks in `explicit` (and nowhere else when it is given), then in `PATH`, then where Debian and Homebrew
    /// keep their versions, the highest first.
    pub fn find(explicit: Option<&Path>) -> Result<Self, Error> {
        if let Some(folder) = explicit {
            return Ok(Self { explicit: true, ..Self::at_any(folder)? });
        }
        first_of(candidates())
    }

    /// The one that [`BIN_VARIABLE`] names, else the one that is found.
    pub fn find_named() -> Result<Self, Error> {
        Self::find(std::env::var_os(BIN_VARIABLE).map(PathBuf::from).as_deref())
    }

    /// Like [`Installation::find`]; when there is none, installs it with `apt-get` if we are root and
    /// `may_install`.
    pub async fn find_or_install(
        explicit: Option<&Path>,
        may_install: bool,
        progress: Progress<'_>,
    ) -> Result<Self, Error> {
        match Self::find(explicit) {
            Err(Error::NotFound { .. } | Error::TooOld { .. }) if explicit.is_none() => {}
            found => return found,
        }
        match install::Apt::of_system() {
            Some(_) if !may_install => Err(Error::WouldNeedInstall { command: install::COMMAND }),
            Some(apt) => {
                apt.install(progress).await?;
                Self::find(None)
            }
            None => Self::find(None),
        }
    }

    /// The folder of the binaries.
    pub fn bin(&self) -> &Path {
        &self.bin
    }

    /// The version as the binaries state it, `15.6` for example.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The major version, which data directories are bound to.
    pub fn major(&self) -> u32 {
        self.major
    }

    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.bin.join(name)
    }

    /// This one, or another on the machine, whichever can open a data directory of this major version.
    pub(crate) fn for_major(&self, major: &str) -> Option<Self> {
        let fits = |found: &Self| found.major.to_string() == major;
        if fits(self) {
            return Some(self.clone());
        }
        if self.explicit {
            return None;
        }
        candidates().iter().filter_map(|folder| Self::at_any(folder).ok()).find(fits)
    }

    /// A bin folder, its parent, or one of its programs; links are followed, because `/usr/local/bin/postgres`
    /// may be one into the folder where alone `initdb` lies.
    fn at_any(path: &Path) -> Result<Self, Error> {
        let folder = if path.is_file() { path.parent().unwrap_or(path) } else { path };
        let folder =
            if folder.join("bin/postgres").is_file() { folder.join("bin") } else { folder.to_owned() };
        let bad = |problem| Error::BadInstallation { path: folder.clone(), problem };
        let real =
            folder.join("postgres").canonicalize().map_err(|_| bad("no `postgres` in it".to_owned()))?;
        let real = real.parent().unwrap_or(&folder).to_owned();
        let missing = |folder: &Path| NEEDED.iter().find(|name| !folder.join(name).is_file());
        let bin = match (missing(&real), missing(&folder)) {
            (None, _) => real,
            (_, None) => folder.clone(),
            (Some(name), _) => return Err(bad(format!("no `{name}` in it"))),
        };
        let output = Command::new(bin.join("postgres")).arg("--version").output();
        let output = output.map_err(Error::run(bin.join("postgres")))?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let (version, major) = parse_version(&said)
            .ok_or_else(|| bad(format!("`postgres --version` said {:?}", said.trim())))?;
        if major < OLDEST_MAJOR {
            return Err(Error::TooOld { path: bin, found: version });
        }
        Ok(Self { bin, version, major, explicit: false })
    }
}

/// The first that can be used; else the most telling reason.
fn first_of(folders: Vec<PathBuf>) -> Result<Installation, Error> {
    let mut too_old = None;
    for folder in folders {
        match Installation::at_any(&folder) {
            Ok(found) => return Ok(found),
            Err(old @ Error::TooOld { .. }) => too_old = too_old.or(Some(old)),
            Err(problem) => {
                tracing::debug!(folder = %folder.display(), %problem, "no installation of PostgreSQL");
            }
        }
    }
    Err(too_old.unwrap_or(Error::NotFound { hint: install::hint() }))
}

fn candidates() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).filter(|path| path.is_absolute()).collect();
    folders.extend(versions(Path::new("/usr/lib/postgresql"), ""));
    for homebrew in ["/usr/local/opt", "/opt/homebrew/opt"] {
        folders.extend(versions(Path::new(homebrew), "postgresql"));
    }
    folders.retain(|folder| folder.join("postgres").is_file());
    folders
}

/// The bin folders of the versions in `base`, the highest first: `15/bin`, `postgresql@16/bin`.
fn versions(base: &Path, prefix: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(base) else { return Vec::new() };
    let mut found: Vec<(u32, PathBuf)> = entries
        .filter_map(|entry| {
            let name = entry.ok()?.file_name().into_string().ok()?;
            let number = name.strip_prefix(prefix)?.trim_start_matches('@');
            // Homebrew's plain `postgresql` is an alias of some version: tried last.
            Some((number.parse().unwrap_or(0), base.join(name).join("bin")))
        })
        .collect();
    found.sort_by_key(|(number, _)| Reverse(*number));
    found.into_iter().map(|(_, folder)| folder).collect()
}

/// `postgres (PostgreSQL) 15.6 (Debian 15.6-0+deb12u1)`, `postgres (PostgreSQL) 18beta1`.
fn parse_version(said: &str) -> Option<(String, u32)> {
    let version = said.split_once("(PostgreSQL) ")?.1.split_whitespace().next()?;
    let digits = version.find(|c: char| !c.is_ascii_digit()).unwrap_or(version.len());
    Some((version.to_owned(), version[..digits].parse().ok()?))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn fake(folder: &Path, version: &str) {
        fs::create_dir_all(folder).unwrap();
        for name in NEEDED {
            let file = folder.join(name);
            fs::write(&file, format!("#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n")).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        }
    }

    #[test]
    fn reads_versions() {
        let read = |version: &str| parse_version(&format!("postgres (PostgreSQL) {version}\n")).unwrap().1;
        assert_eq!(read("15.6 (Debian 15.6-0+deb12u1)"), 15);
        assert_eq!(read("18beta1"), 18);
        assert_eq!(read("9.6.24"), 9);
        assert_eq!(parse_version("nonsense"), None);
    }

    #[test]
    fn the_highest_version_comes_first() {
        let base = tempfile::tempdir().unwrap();
        for name in ["9", "15", "100", "16"] {
            fs::create_dir(base.path().join(name)).unwrap();
        }
        let found = versions(base.path(), "");
        let expected = ["100", "16", "15", "9"].map(|name| base.path().join(name).join("bin"));
        assert_eq!(found, expected);
    }

    #[test]
    fn takes_the_folder_its_parent_a_program_or_a_link() {
        let base = tempfile::tempdir().unwrap();
        let bin = base.path().canonicalize().unwrap().join("bin");
        fake(&bin, "16.1");
        let elsewhere = base.path().join("elsewhere");
        fs::create_dir(&elsewhere).unwrap();
        symlink(bin.join("postgres"), elsewhere.join("postgres")).unwrap();
        for named in [bin.clone(), base.path().to_owned(), bin.join("postgres"), elsewhere] {
            let found = Installation::find(Some(&named)).unwrap();
            assert_eq!((found.bin(), found.major(), found.version()), (bin.as_path(), 16, "16.1"));
        }
    }

    #[test]
    fn refuses_the_old_and_the_incomplete() {
        let base = tempfile::tempdir().unwrap();
        let (old, part, none) = (base.path().join("old"), base.path().join("part"), base.path().join("none"));
        fake(&old, "14.9");
        fake(&part, "16.1");
        fs::remove_file(part.join("pg_dump")).unwrap();
        let found = Installation::find(Some(&old));
        assert!(matches!(found, Err(Error::TooOld { ref found, .. }) if found == "14.9"), "{found:?}");
        let said = Installation::find(Some(&part)).unwrap_err().to_string();
        assert!(said.contains("no `pg_dump` in it"), "{said}");
        assert!(matches!(Installation::find(Some(&none)), Err(Error::BadInstallation { .. })));
        assert!(matches!(first_of(vec![old.clone(), part.clone()]), Err(Error::TooOld { .. })));
        assert!(matches!(first_of(vec![part]), Err(Error::NotFound { .. })));
    }
}
