//! Which user PostgreSQL runs as: ourselves, or `postgres` or `nobody` when we are root.
use std::{
    ffi::OsStr,
    fs,
    os::unix::{
        fs::{MetadataExt as _, lchown},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use rustix::process::{getegid, geteuid};

use crate::Error;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    name: String,
    pub(crate) uid: u32,
    gid: u32,
    /// We are root and must become this user.
    switch: bool,
}

impl Account {
    /// The owner of an existing cluster, else the user new clusters get.
    pub(crate) fn for_data(data: &Path) -> Result<Self, Error> {
        let us = geteuid().as_raw();
        let owner = fs::metadata(data).ok();
        if us != 0 {
            let account = Self { name: format!("uid {us}"), uid: us, gid: getegid().as_raw(), switch: false };
            return match owner {
                Some(owner) if owner.uid() != us => Err(account.not_owner(data, owner.uid())),
                _ => Ok(account),
            };
        }
        match owner {
            Some(owner) if owner.uid() != 0 => {
                let name = format!("uid {}", owner.uid());
                Ok(Self { name, uid: owner.uid(), gid: owner.gid(), switch: true })
            }
            Some(_) if data.join("PG_VERSION").exists() => Err(Self::service()?.not_owner(data, 0)),
            _ => Self::service(),
        }
    }

    /// The user new clusters get.
    pub(crate) fn service() -> Result<Self, Error> {
        let (us, group) = (geteuid().as_raw(), getegid().as_raw());
        if us != 0 {
            return Ok(Self { name: format!("uid {us}"), uid: us, gid: group, switch: false });
        }
        let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| in_passwd(&users, name).or_else(|| known_to_id(name)))
            .ok_or(Error::NoAccount)
    }

    fn not_owner(&self, path: &Path, owner: u32) -> Error {
        Error::WrongOwner { path: path.to_owned(), owner, account: self.name.clone() }
    }

    /// A command that runs as this user.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = clean(program);
        if self.switch {
            command.gid(self.gid).uid(self.uid).env("HOME", "/");
        }
        command
    }

    /// Hands a file or folder which we have just created to this user.
    pub(crate) fn give(&self, path: &Path) -> Result<(), Error> {
        if self.switch {
            lchown(path, Some(self.uid), Some(self.gid)).map_err(Error::unwritable(path))?;
        }
        Ok(())
    }

    /// Whether this user can pass every folder down to `folder`, asked of the system itself, because access
    /// lists and mounts make the mode bits only half of the answer.
    pub(crate) async fn check_passes(&self, folder: &Path) -> Result<(), Error> {
        if !self.switch {
            return Ok(());
        }
        let mut command = self.command("sh");
        command.args(["-c", "for d; do cd \"$d\" 2>/dev/null || { printf %s \"$d\"; exit 1; }; done", "sh"]);
        let mut folders: Vec<_> = folder.ancestors().collect();
        folders.reverse();
        command.args(folders).stdin(Stdio::null());
        let output = tokio::process::Command::from(command).output().await.map_err(Error::run("sh"))?;
        if output.status.success() {
            return Ok(());
        }
        let path = PathBuf::from(String::from_utf8_lossy(&output.stdout).into_owned());
        Err(Error::Unreachable { path, account: self.name.clone() })
    }
}

/// A command without the caller's `PG*` variables and locale, which would change what the tools do and say.
pub(crate) fn clean(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PG") {
            command.env_remove(name);
        }
    }
    command.env("LC_ALL", "C").env("PGCLIENTENCODING", "UTF8").current_dir("/");
    command
}

fn in_passwd(users: &str, wanted: &str) -> Option<Account> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| *name == wanted)?;
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        (uid != 0).then(|| Account { name: name.to_owned(), uid, gid, switch: true })
    })
}

/// Users of a directory service (all users, on macOS) are not in `/etc/passwd`.
fn known_to_id(name: &str) -> Option<Account> {
    let ask = |flag| {
        let output = Command::new("id").args([flag, name]).stderr(Stdio::null()).output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse::<u32>().ok()
    };
    let (uid, gid) = (ask("-u")?, ask("-g")?);
    (uid != 0).then(|| Account { name: name.to_owned(), uid, gid, switch: true })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_passwd_and_never_takes_root() {
        let users = "root:x:0:0::/root:/bin/sh\nbroken\npostgres:x:101:104:,,,:/var/lib/postgresql:/bin/bash\nme:x:0:0::/:/";
        let found = in_passwd(users, "postgres").unwrap();
        assert_eq!((found.uid, found.gid), (101, 104));
        assert_eq!(in_passwd(users, "me"), None);
        assert_eq!(in_passwd(users, "broken"), None);
        assert_eq!(in_passwd(users, "post"), None);
    }

    #[test]
    fn id_knows_no_stranger() {
        assert_eq!(known_to_id("no-such-user-here"), None);
    }
}
