//! Throttle counters, each step under the lock.

use async_trait::async_trait;
use identity::{
    Throttle,
    throttle::{Counter, Step, Verdict},
};
use kernel::{Page, PageRequest, Scope, StoreError, Timestamp};
use uuid::Uuid;

use super::rows::identity_only;
use crate::{
    MemoryStorage,
    key::RowId,
    row::{Access, Row},
};

/// Names the list for cursors.
const LOCKED: &str = "throttle";

/// What is counted under a key.
pub(super) struct KeyCounter {
    id: RowId,
    key: String,
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

fn id_of(key: &str) -> RowId {
    RowId::named(Uuid::nil(), key.as_bytes())
}

#[async_trait]
impl Throttle for MemoryStorage {
    async fn step(&self, key: &str, step: &Step, now: Timestamp) -> Result<Verdict, StoreError> {
        let tables = &mut self.shared.write().tables;
        let id = id_of(key);
        let counted = tables.get::<KeyCounter>(id).map(|counted| counted.counter.clone());
        let mut counter = counted.unwrap_or_else(|| Counter::fresh(now));
        let verdict = counter.step(step, now);
        tables.put(KeyCounter { id, key: key.to_owned(), counter });
        Ok(verdict)
    }

    async fn locked(
        &self,
        now: Timestamp,
        page: &PageRequest,
    ) -> Result<Page<(String, Counter)>, StoreError> {
        let after = page.key::<String>(&LOCKED)?.unwrap_or_default();
        let tables = &self.shared.read().tables;
        let found = tables.find(|row: &KeyCounter| row.key > after && row.counter.locked_at(now).is_some());
        let listed = found.iter().filter_map(|id| tables.get::<KeyCounter>(*id));
        let mut listed: Vec<_> = listed.map(|row| (row.key.clone(), row.counter.clone())).collect();
        listed.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(Page::cut(listed, page, &LOCKED, |(key, _)| key.clone()))
    }

    async fn lift(&self, key: &str) -> Result<bool, StoreError> {
        let tables = &mut self.shared.write().tables;
        let id = id_of(key);
        let is_there = tables.get::<KeyCounter>(id).is_some();
        tables.remove::<KeyCounter>(&[id]);
        Ok(is_there)
    }
}
