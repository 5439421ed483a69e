//! Throttle counters, each step under the lock.

use async_trait::async_trait;
use identity::{
    Throttle,
    throttle::{Counter, Step, Verdict},
};
use kernel::{StoreError, Timestamp};

use crate::MemoryStorage;

#[async_trait]
impl Throttle for MemoryStorage {
    async fn step(&self, key: &str, step: &Step, now: Timestamp) -> Result<Verdict, StoreError> {
        let counters = &mut self.shared.write().counters;
        let counter = counters.entry(key.to_owned()).or_insert_with(|| Counter::fresh(now));
        Ok(counter.step(step, now))
    }
}
