//! Throttle counters, each step under the lock.

use async_trait::async_trait;
use identity::{
    Throttle,
    throttle::{Counter, Step, Verdict},
};
use kernel::{Scope, StoreError, Timestamp};
use uuid::Uuid;

use super::rows::identity_only;
use crate::{
    MemoryStorage,
    key::RowId,
    row::{Access, Row},
};

/// What is counted under a key.
pub(super) struct KeyCounter {
    id: RowId,
    pub(super) counter: Counter,
}

impl Row for KeyCounter {
    fn row_id(&self) -> RowId {
        self.id
    }
    fn access(&self, scope: Scope) -> Access {
        identity_only(scope)
    }
}

#[async_trait]
impl Throttle for MemoryStorage {
    async fn step(&self, key: &str, step: &Step, now: Timestamp) -> Result<Verdict, StoreError> {
        let tables = &mut self.shared.write().tables;
        let id = RowId::named(Uuid::nil(), key.as_bytes());
        let counted = tables.get::<KeyCounter>(id).map(|counted| counted.counter.clone());
        let mut counter = counted.unwrap_or_else(|| Counter::fresh(now));
        let verdict = counter.step(step, now);
        tables.put(KeyCounter { id, counter });
        Ok(verdict)
    }
}
