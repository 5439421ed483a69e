//! Forgets what is over.

use async_trait::async_trait;
use identity::{Account, AccountStatus, Housekeeping, OneTimeToken, Registration};
use kernel::{StoreError, Timestamp};
use uuid::Uuid;

use super::throttle::KeyCounter;
use crate::MemoryStorage;

#[async_trait]
impl Housekeeping for MemoryStorage {
    async fn forget_before(&self, before: Timestamp) -> Result<u64, StoreError> {
        let state = &mut *self.shared.write();
        let tables = &mut state.tables;
        let nobody = tables.find(|row: &Registration| row.expires_at < before);
        let tokens = tables.find(|row: &OneTimeToken| row.expires_at < before);
        let counters = tables.find(|row: &KeyCounter| row.counter.last_at < before);
        tables.remove::<Registration>(&nobody);
        tables.remove::<OneTimeToken>(&tokens);
        tables.remove::<KeyCounter>(&counters);
        let erased = tables.find(|row: &Account| row.status == AccountStatus::Erased);
        let subjects: Vec<Uuid> = nobody.iter().chain(&erased).map(|id| id.thing()).collect();
        state.trail.forget(&subjects);
        Ok(u64::try_from(nobody.len() + tokens.len() + counters.len()).unwrap_or(u64::MAX))
    }
}
