//! The contracts of all storage ports, kept by storage in memory.

use std::sync::Arc;

use contracts::{
    StorageUnderTest,
    fixture::{FixedClock, SequentialIds, recorder},
};
use storage_memory::MemoryStorage;

async fn fresh() -> StorageUnderTest {
    let (clock, ids) = (FixedClock::default(), SequentialIds::series(2));
    StorageUnderTest::of(MemoryStorage::new(Arc::new(clock), Arc::new(ids), recorder()))
}

contracts::suite!(fresh);
