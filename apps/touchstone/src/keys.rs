//! The file of the key-encryption keys.

use std::{
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};

use credentials::KeyEncryptionKeys;
use kernel::Random;
use tracing::warn;

use crate::{
    data_folder::unusable,
    exit::{Exit, Failure},
};

/// Reads a key file.
pub fn read(path: &Path) -> Result<KeyEncryptionKeys, Failure> {
    let bad = |what: String| Failure::new(Exit::Keys, format!("key file {}: {what}", path.display()));
    let text = fs::read_to_string(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => {
            bad("there is none; restore it, for nothing sealed with it opens without".into())
        }
        _ => bad(error.to_string()),
    })?;
    let keys = KeyEncryptionKeys::parse(&text).map_err(|error| bad(error.to_string()))?;
    let mode = fs::metadata(path).map_err(|error| bad(error.to_string()))?.permissions().mode();
    if mode & 0o077 != 0 {
        warn!(path = %path.display(), mode = format!("{:o}", mode & 0o777), "the key file is open to others; chmod 600 it");
    }
    Ok(keys)
}

/// Makes a key file that only its owner can read. The file is there whole and lasting, or not at all; where two
/// do this at once, the first wins and both read theirs.
pub fn create(path: &Path, random: &dyn Random) -> Result<(), Failure> {
    let draft = path.with_extension(format!("new-{}", std::process::id()));
    let written = write(&draft, random).and_then(|()| match fs::hard_link(&draft, path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    });
    let removed = fs::remove_file(&draft);
    written.and(removed).map_err(unusable(path))?;
    let folder = path.parent().unwrap_or(Path::new("/"));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(unusable(folder))
}

fn write(draft: &Path, random: &dyn Random) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(draft)?;
    let note =
        "# Touchstone's key-encryption keys. Keep a copy apart from the database: neither is of use alone.\n";
    file.write_all(note.as_bytes())?;
    file.write_all(KeyEncryptionKeys::generate(random).to_text().as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use system::SystemRandom;

    use super::*;

    #[test]
    fn a_made_file_is_read_again_and_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        assert_eq!(read(&path).unwrap_err().exit, Exit::Keys);
        create(&path, &SystemRandom).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let first = read(&path).unwrap().to_text();
        create(&path, &SystemRandom).unwrap();
        assert_eq!(read(&path).unwrap().to_text(), first);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no drafts are left");
    }

    #[test]
    fn what_is_wrong_with_a_file_is_told_without_its_content() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        fs::write(&path, "k1:canary").unwrap();
        let failure = read(&path).unwrap_err();
        assert!(failure.message.contains("line 1") && !failure.message.contains("canary"));
    }
}
