//! Forgets what is over.

use async_trait::async_trait;
use identity::Housekeeping;
use kernel::{StoreError, Timestamp};

use crate::{
    MemoryStorage,
    table::{Row, Table},
};

#[async_trait]
impl Housekeeping for MemoryStorage {
    async fn forget_before(&self, before: Timestamp) -> Result<u64, StoreError> {
        let state = &mut *self.shared.write();
        let registrations = forget(&mut state.tables.registrations, |row| row.expires_at < before);
        let tokens = forget(&mut state.tables.one_time_tokens, |row| row.expires_at < before);
        let counters = state.counters.len();
        state.counters.retain(|_, counter| counter.last_at >= before);
        let count = registrations + tokens + counters - state.counters.len();
        Ok(u64::try_from(count).unwrap_or(u64::MAX))
    }
}

fn forget<T: Row>(table: &mut Table<T>, is_over: impl Fn(&T) -> bool) -> usize {
    let over: Vec<T::Id> = table.rows().filter(|row| is_over(row)).map(Row::id).collect();
    for id in &over {
        table.remove(*id);
    }
    over.len()
}
