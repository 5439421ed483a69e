//! What is PostgreSQL's own about this adapter. The contract suite runs in the workspace's `tests/`.

mod contract {
    use contracts::Subject;
    use storage_postgres::testing::fresh_database;

    async fn fresh() -> Subject {
        Subject::of(fresh_database().await.storage().await)
    }

    contracts::suite!(fresh);
}
