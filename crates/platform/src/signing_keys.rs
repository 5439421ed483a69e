//! The keys access tokens are signed with: made, rotated, and loaded again and again.

use std::{sync::Arc, time::Duration};

use credentials::{JwtTokens, KeySet, SigningKeyPair};
use identity::credentials::SigningKeys;
use kernel::{Clock, Sealing, Timestamp};
use tracing::warn;

use crate::{Error, shutdown::Stopping};

/// How long a new signing key is published before it signs: long enough for every process to have loaded it.
const SIGNS_AFTER: Duration = Duration::from_secs(5 * 60);
/// How long the keys before it still verify: until after the last token they signed has expired.
const VERIFIES_FOR: Duration = Duration::from_secs(20 * 60);
const RELOAD: Duration = Duration::from_secs(30);

/// Makes the first signing key if there is none.
pub(crate) async fn ensure(
    store: &dyn SigningKeys,
    sealing: &dyn Sealing,
    now: Timestamp,
) -> Result<(), Error> {
    let existing = store.signing_keys(now).await?;
    if existing.is_empty() {
        let key = SigningKeyPair::generate(sealing, now, now);
        store.add_signing_key(&key, now, true).await?;
    }
    Ok(())
}

/// Adds a signing key that takes over after [`SIGNS_AFTER`], and tells from when it signs.
pub(crate) async fn rotate(
    store: &dyn SigningKeys,
    sealing: &dyn Sealing,
    now: Timestamp,
) -> Result<(String, Timestamp), Error> {
    let signs_from = now.plus(SIGNS_AFTER);
    let key = SigningKeyPair::generate(sealing, signs_from, now);
    store.add_signing_key(&key, now.plus(VERIFIES_FOR), false).await?;
    Ok((key.kid, signs_from))
}

/// The keys as they are kept now.
pub(crate) async fn load(
    store: &dyn SigningKeys,
    sealing: &dyn Sealing,
    now: Timestamp,
) -> Result<KeySet, Error> {
    let records = store.signing_keys(now).await?;
    Ok(KeySet::load(&records, sealing, now)?)
}

/// Loads the keys again and again, since another process may have rotated them.
pub(crate) async fn keep_fresh(
    tokens: Arc<JwtTokens>,
    store: Arc<dyn SigningKeys>,
    sealing: Arc<dyn Sealing>,
    clock: Arc<dyn Clock>,
    mut stopping: Stopping,
) {
    while stopping.sleep(RELOAD).await {
        match load(&*store, &*sealing, clock.now()).await {
            Ok(keys) => tokens.replace_keys(keys),
            Err(error) => {
                warn!(%error, "signing keys could not be loaded; the ones at hand stay");
            }
        }
    }
}
