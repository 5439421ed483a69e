//! The contracts of all storage ports, kept by storage in memory.

use std::sync::Arc;

use contracts::{
    Subject,
    fixture::{FixedClock, SequentialIds, scribe},
};
use storage_memory::MemoryStorage;

async fn fresh() -> Subject {
    let (clock, ids) = (FixedClock::default(), SequentialIds::series(2));
    Subject::of(MemoryStorage::new(Arc::new(clock), Arc::new(ids), scribe()))
}

contracts::suite!(fresh);
