//! The keys access tokens are signed with.

use async_trait::async_trait;
use identity::credentials::{SigningKeyRecord, SigningKeys};
use kernel::{Scope, StoreError, Timestamp};
use uuid::Uuid;

use super::rows::identity_only;
use crate::{
    MemoryStorage,
    key::{Key, RowId},
    row::{Access, Row},
    tables::Tables,
};

impl Row for SigningKeyRecord {
    fn row_id(&self) -> RowId {
        RowId::named(Uuid::nil(), self.kid.as_bytes())
    }
    fn made_at(&self) -> Timestamp {
        self.created_at
    }
    fn keys(&self) -> Vec<Key> {
        vec![Key::ALL]
    }
    fn access(&self, scope: Scope) -> Access {
        identity_only(scope)
    }
}

/// The keys that verify at this time.
fn verifying(tables: &Tables, now: Timestamp) -> Vec<SigningKeyRecord> {
    let verifies = |key: &&SigningKeyRecord| key.verifies_until.is_none_or(|until| now < until);
    tables.under(&Key::ALL).filter(verifies).cloned().collect()
}

#[async_trait]
impl SigningKeys for MemoryStorage {
    async fn signing_keys(&self, now: Timestamp) -> Result<Vec<SigningKeyRecord>, StoreError> {
        let mut keys = verifying(&self.shared.read().tables, now);
        keys.sort_by(|a, b| (a.created_at, &a.kid).cmp(&(b.created_at, &b.kid)));
        Ok(keys)
    }

    async fn add_signing_key(
        &self,
        key: &SigningKeyRecord,
        others_until: Timestamp,
        only_if_none: bool,
    ) -> Result<(), StoreError> {
        let tables = &mut self.shared.write().tables;
        let others = verifying(tables, key.created_at);
        if only_if_none && !others.is_empty() {
            return Ok(());
        }
        if tables.get::<SigningKeyRecord>(key.row_id()).is_some() {
            return Err(StoreError::Stale);
        }
        let over = tables.find(|other: &SigningKeyRecord| !others.contains(other));
        tables.remove::<SigningKeyRecord>(&over);
        for mut other in others {
            other.verifies_until.get_or_insert(others_until);
            tables.put(other);
        }
        tables.put(key.clone());
        Ok(())
    }
}
