//! The keys access tokens are signed with.

use async_trait::async_trait;
use identity::credentials::{SigningKeyRecord, SigningKeys};
use kernel::{StoreError, Timestamp};

use crate::MemoryStorage;

#[async_trait]
impl SigningKeys for MemoryStorage {
    async fn signing_keys(&self, now: Timestamp) -> Result<Vec<SigningKeyRecord>, StoreError> {
        let state = self.shared.read();
        let mut keys: Vec<_> = state.signing_keys.iter().filter(|key| verifies(key, now)).cloned().collect();
        keys.sort_by(|a, b| (a.created_at, &a.kid).cmp(&(b.created_at, &b.kid)));
        Ok(keys)
    }

    async fn add_signing_key(
        &self,
        key: &SigningKeyRecord,
        others_until: Timestamp,
        only_if_none: bool,
    ) -> Result<(), StoreError> {
        let now = key.created_at;
        let keys = &mut self.shared.write().signing_keys;
        if only_if_none && keys.iter().any(|key| verifies(key, now)) {
            return Ok(());
        }
        if keys.iter().any(|other| other.kid == key.kid) {
            return Err(StoreError::Stale);
        }
        keys.retain(|key| verifies(key, now));
        for other in &mut *keys {
            other.verifies_until.get_or_insert(others_until);
        }
        keys.push(key.clone());
        Ok(())
    }
}

fn verifies(key: &SigningKeyRecord, now: Timestamp) -> bool {
    key.verifies_until.is_none_or(|until| now < until)
}
