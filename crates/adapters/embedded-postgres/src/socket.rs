//! The folder of the socket: short, of mode 0700, and nobody else's.
use std::{
    fs::{self, DirBuilder},
    hash::{DefaultHasher, Hash as _, Hasher as _},
    io,
    os::unix::{
        ffi::OsStrExt as _,
        fs::{DirBuilderExt as _, MetadataExt as _},
    },
    path::{Path, PathBuf},
};

use rustix::process::geteuid;

use crate::{Error, account::Account};

/// `sockaddr_un` has room for 108 bytes with the closing zero on Linux, and for 104 on macOS.
const LONGEST_PATH: usize = 103;
const SOCKET_NAME: usize = "/.s.PGSQL.5432".len();

/// Makes the folder for the cluster in `data`, in the first place that can hold one.
pub(crate) fn prepare(data: &Path, account: &Account) -> Result<PathBuf, Error> {
    let mut hasher = DefaultHasher::new();
    data.hash(&mut hasher);
    let us = geteuid().as_raw();
    let name = format!("touchstone-{us}-{:08x}", hasher.finish() & 0xffff_ffff);
    let private = if us == 0 { Some("/run".into()) } else { std::env::var_os("XDG_RUNTIME_DIR") };
    let mut last = None;
    for base in private.map(PathBuf::from).into_iter().chain(["/tmp".into()]) {
        match base.canonicalize() {
            Ok(base) if base.is_absolute() && is_safe_base(&base, us) => {
                match prepare_at(&base.join(&name), account) {
                    Ok(path) => return Ok(path),
                    Err(problem) => last = Some(problem),
                }
            }
            _ => {}
        }
    }
    Err(last.unwrap_or(Error::UnsafeSocketDirectory {
        path: "/tmp".into(),
        problem: "it must exist, belong to root, and carry the sticky bit",
    }))
}

/// Makes exactly this folder, or takes it when it is already ours and private.
pub(crate) fn prepare_at(path: &Path, account: &Account) -> Result<PathBuf, Error> {
    let refuse = |problem| Err(Error::UnsafeSocketDirectory { path: path.to_owned(), problem });
    if !fits(path) {
        return refuse("its path is too long for a socket");
    }
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => account.give(path)?,
        Err(problem) if problem.kind() == io::ErrorKind::AlreadyExists => {
            let found = fs::symlink_metadata(path).map_err(Error::unwritable(path))?;
            if !found.is_dir() {
                return refuse("it is no folder; remove it");
            }
            if found.uid() != account.uid && found.uid() != geteuid().as_raw() {
                return refuse("it belongs to somebody else; remove it");
            }
            if found.mode() & 0o077 != 0 {
                return refuse("others may enter it; remove it");
            }
            account.give(path)?;
        }
        Err(source) => return Err(Error::Unwritable { path: path.to_owned(), source }),
    }
    Ok(path.to_owned())
}

pub(crate) fn fits(folder: &Path) -> bool {
    folder.as_os_str().as_bytes().len() + SOCKET_NAME <= LONGEST_PATH
}

/// Nobody but root, ourselves or the owner can replace what we create in it.
fn is_safe_base(base: &Path, us: u32) -> bool {
    fs::metadata(base).is_ok_and(|base| {
        let sticky = base.mode() & 0o1000 != 0;
        base.is_dir() && [0, us].contains(&base.uid()) && (base.mode() & 0o022 == 0 || sticky)
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn takes_its_own_folder_again_and_nothing_planted() {
        let base = tempfile::tempdir_in("/tmp").unwrap();
        let account = Account::service().unwrap();
        let good = base.path().join("good");
        prepare_at(&good, &account).unwrap();
        prepare_at(&good, &account).unwrap();
        let found = fs::metadata(&good).unwrap();
        assert_eq!((found.uid(), found.mode() & 0o777), (account.uid, 0o700));

        let link = base.path().join("link");
        symlink(&good, &link).unwrap();
        let open = base.path().join("open");
        fs::create_dir(&open).unwrap();
        fs::set_permissions(&open, fs::Permissions::from_mode(0o755)).unwrap();
        let long = base.path().join("x".repeat(90));
        for planted in [link, open, long] {
            let refused = prepare_at(&planted, &account);
            assert!(matches!(refused, Err(Error::UnsafeSocketDirectory { .. })), "{refused:?}");
        }
        if geteuid().is_root() {
            let theirs = base.path().join("theirs");
            DirBuilder::new().mode(0o700).create(&theirs).unwrap();
            std::os::unix::fs::chown(&theirs, Some(12345), None).unwrap();
            assert!(matches!(prepare_at(&theirs, &account), Err(Error::UnsafeSocketDirectory { .. })));
        }
    }
}
