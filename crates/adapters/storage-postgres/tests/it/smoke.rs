//! A unit from begin to delivery.

use contracts::Subject;
use storage_postgres::testing::fresh_database;

#[tokio::test]
async fn smoke() {
    let database = fresh_database().await;
    let subject = Subject::of(database.storage().await);
    contracts::unit::a_unit_reads_what_it_saved(&subject).await;
}
