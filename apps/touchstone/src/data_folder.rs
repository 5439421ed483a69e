//! The folder everything durable lies in: `keys`, `postgres/`, `objects/`, `mail/`, `audit/`.

use std::{
    env,
    fs::DirBuilder,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

use rustix::process::geteuid;

use crate::exit::{Exit, Failure};

/// A data folder, by its absolute path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFolder(PathBuf);

impl DataFolder {
    /// The folder named, else where the system keeps such things: `/var/lib/touchstone` for root,
    /// `$XDG_DATA_HOME/touchstone` or `~/.local/share/touchstone` for everyone else.
    pub fn choose(named: Option<&Path>) -> Result<Self, Failure> {
        let path = match named {
            Some(path) => path.to_owned(),
            None => {
                usual(geteuid().is_root(), &|name| env::var_os(name).map(PathBuf::from)).ok_or_else(|| {
                    Failure::new(
                        Exit::Settings,
                        "there is no home folder to keep data in; name one with --data",
                    )
                })?
            }
        };
        std::path::absolute(&path).map(Self).map_err(unusable(&path))
    }

    /// Makes the folder if there is none: passable for the user PostgreSQL runs as when we are root, closed to
    /// everyone else otherwise. What is in it protects itself.
    pub fn create(&self) -> Result<(), Failure> {
        let mode = if geteuid().is_root() { 0o711 } else { 0o700 };
        DirBuilder::new().recursive(true).mode(mode).create(&self.0).map_err(unusable(&self.0))
    }

    /// Itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The key-encryption keys.
    pub fn keys(&self) -> PathBuf {
        self.0.join("keys")
    }

    /// The cluster, the only part that may belong to another user.
    pub fn postgres(&self) -> PathBuf {
        self.0.join("postgres")
    }

    /// Whether there is a cluster in it already.
    pub fn has_cluster(&self) -> bool {
        self.postgres().join("PG_VERSION").exists() || self.postgres().read_dir().is_err_and(is_closed)
    }

    /// Files of documents, sealed.
    pub fn objects(&self) -> PathBuf {
        self.0.join("objects")
    }

    /// Signed checkpoints of the audit trail.
    pub fn checkpoints(&self) -> PathBuf {
        self.0.join("audit/checkpoints")
    }

    /// Leaked passwords, where no setting names another file.
    pub fn breached_passwords(&self) -> PathBuf {
        self.0.join("breached-passwords.txt")
    }

    /// Letters, while no mail server is configured.
    pub fn mail(&self) -> PathBuf {
        self.0.join("mail")
    }
}

/// There is something, though not for us to see.
#[expect(clippy::needless_pass_by_value, reason = "the shape `is_err_and` takes")]
fn is_closed(error: std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::PermissionDenied
}

fn usual(root: bool, variable: &dyn Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    if root {
        return Some(PathBuf::from("/var/lib/touchstone"));
    }
    // The XDG Base Directory Specification has relative paths ignored.
    let absolute = |name| variable(name).filter(|path| path.is_absolute());
    let base = absolute("XDG_DATA_HOME").or_else(|| Some(absolute("HOME")?.join(".local/share")))?;
    Some(base.join("touchstone"))
}

/// For `map_err`: the system forbids something about this path.
pub fn unusable(path: &Path) -> impl FnOnce(std::io::Error) -> Failure + use<> {
    let path = path.to_owned();
    move |error| {
        let path = path.display();
        Failure::new(
            Exit::DataUnusable,
            format!("cannot use {path}: {error}; name another folder with --data, or mend its permissions"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_place_follows_the_system() {
        let none = |_: &str| None;
        assert_eq!(usual(true, &none), Some("/var/lib/touchstone".into()));
        assert_eq!(usual(false, &none), None);
        let home = |name: &str| (name == "HOME").then(|| PathBuf::from("/home/ann"));
        assert_eq!(usual(false, &home), Some("/home/ann/.local/share/touchstone".into()));
        let xdg = |name: &str| (name == "XDG_DATA_HOME").then(|| PathBuf::from("/data"));
        assert_eq!(usual(false, &xdg), Some("/data/touchstone".into()));
        let relative = |name: &str| Some(PathBuf::from(if name == "HOME" { "/home/ann" } else { "data" }));
        assert_eq!(usual(false, &relative), Some("/home/ann/.local/share/touchstone".into()));
    }
}
