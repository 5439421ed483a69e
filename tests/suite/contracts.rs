//! The contracts of all storage ports, adapter by adapter.

/// Storage in memory.
mod memory {
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
}

/// Storage in PostgreSQL: a database for each rule.
mod postgres {
    use contracts::{StorageUnderTest, fixture::recorder};
    use storage_postgres::testing::fresh_database;

    async fn fresh() -> StorageUnderTest {
        let database = fresh_database().await;
        let storage = database.storage(recorder()).await;
        StorageUnderTest::of(storage).holding(database)
    }

    contracts::suite!(fresh);
}
