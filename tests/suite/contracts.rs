//! The contracts of all storage ports, adapter by adapter.

/// Storage in memory.
mod memory {
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
}

/// Storage in PostgreSQL: a database for each rule.
mod postgres {
    use contracts::{Subject, fixture::scribe};
    use storage_postgres::testing::fresh_database;

    async fn fresh() -> Subject {
        let database = fresh_database().await;
        let storage = database.storage(scribe()).await;
        Subject::of(storage).holding(database)
    }

    contracts::suite!(fresh);
}
