//! The contracts of all storage ports, adapter by adapter.

/// Storage in memory.
mod memory {
    use std::sync::Arc;

    use contracts::{
        Subject,
        fixture::{FixedClock, SequentialIds},
    };
    use storage_memory::MemoryStorage;

    async fn fresh() -> Subject {
        let (clock, ids) = (FixedClock::default(), SequentialIds::series(2));
        Subject::of(MemoryStorage::new(Arc::new(clock), Arc::new(ids)))
    }

    contracts::suite!(fresh);
}
