//! Forgets what is over.

use async_trait::async_trait;
use identity::{AccountStatus, Housekeeping};
use kernel::{StoreError, Timestamp};
use uuid::Uuid;

use crate::{
    MemoryStorage,
    table::{Row, Table},
};

#[async_trait]
impl Housekeeping for MemoryStorage {
    async fn forget_before(&self, before: Timestamp) -> Result<u64, StoreError> {
        let state = &mut *self.shared.write();
        let nobody = forget(&mut state.tables.registrations, |row| row.expires_at < before);
        state.trail.forget(&nobody);
        let erased = state.tables.accounts.rows().filter(|row| row.status == AccountStatus::Erased);
        let erased: Vec<Uuid> = erased.map(Row::id).collect();
        state.trail.forget(&erased);
        let tokens = forget(&mut state.tables.one_time_tokens, |row| row.expires_at < before).len();
        let counters = state.counters.len();
        state.counters.retain(|_, counter| counter.last_at >= before);
        let count = nobody.len() + tokens + counters - state.counters.len();
        Ok(u64::try_from(count).unwrap_or(u64::MAX))
    }
}

fn forget<T: Row>(table: &mut Table<T>, is_over: impl Fn(&T) -> bool) -> Vec<T::Id> {
    let over: Vec<T::Id> = table.rows().filter(|row| is_over(row)).map(Row::id).collect();
    for id in &over {
        table.remove(*id);
    }
    over
}
