//! Keys: the file of the key-encryption keys, and the keys access tokens are signed with.

use std::{
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
    sync::Arc,
    time::Duration,
};

use credentials::{JwtTokens, KeyEncryptionKeys, KeySet, SigningKeyPair};
use identity::credentials::{SigningKeys, Vault};
use kernel::{Clock, Random, Timestamp};
use tracing::warn;

use crate::{
    data_folder::unusable,
    exit::{Exit, Failure},
    shutdown::Stopping,
};

/// How long a new signing key is published before it signs: long enough for every process to have loaded it.
pub const SIGNS_AFTER: Duration = Duration::from_secs(5 * 60);
/// How long the keys before it still verify: until after the last token they signed has expired.
pub const VERIFIES_FOR: Duration = Duration::from_secs(20 * 60);
const RELOAD: Duration = Duration::from_secs(30);

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
/// do this at once, the first wins and both read his.
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

/// Makes the first signing key if there is none.
pub async fn ensure_signing_key(
    store: &dyn SigningKeys,
    vault: &dyn Vault,
    now: Timestamp,
) -> Result<(), Failure> {
    let existing = store.signing_keys(now).await.map_err(Failure::fault)?;
    if existing.is_empty() {
        let key = SigningKeyPair::generate(vault, now, now);
        store.add_signing_key(&key, now, true).await.map_err(Failure::fault)?;
    }
    Ok(())
}

/// Adds a signing key that takes over after [`SIGNS_AFTER`], and tells from when it signs.
pub async fn rotate(
    store: &dyn SigningKeys,
    vault: &dyn Vault,
    now: Timestamp,
) -> Result<(String, Timestamp), Failure> {
    let signs_from = now.plus(SIGNS_AFTER);
    let key = SigningKeyPair::generate(vault, signs_from, now);
    store.add_signing_key(&key, now.plus(VERIFIES_FOR), false).await.map_err(Failure::fault)?;
    Ok((key.kid, signs_from))
}

/// The keys as they are kept now.
pub async fn load(store: &dyn SigningKeys, vault: &dyn Vault, now: Timestamp) -> Result<KeySet, Failure> {
    let records = store.signing_keys(now).await.map_err(Failure::fault)?;
    KeySet::load(&records, vault, now).map_err(|error| Failure::new(Exit::Keys, error.to_string()))
}

/// Loads the keys again and again, since another process may have rotated them.
pub async fn keep_fresh(
    tokens: Arc<JwtTokens>,
    store: Arc<dyn SigningKeys>,
    vault: Arc<dyn Vault>,
    clock: Arc<dyn Clock>,
    mut stopping: Stopping,
) {
    while stopping.sleep(RELOAD).await {
        match load(&*store, &*vault, clock.now()).await {
            Ok(keys) => tokens.replace_keys(keys),
            Err(failure) => {
                warn!(error = %failure, "signing keys could not be loaded; the ones at hand stay");
            }
        }
    }
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
