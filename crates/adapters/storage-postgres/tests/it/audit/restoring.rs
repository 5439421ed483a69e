//! A trail that is restored in another place goes on without losing an event.

use audit::{TileId, Tiles as _, ports::Ledger as _, root_at};
use embedded_postgres::testing::TemporaryCluster;
use kernel::Scope;
use sqlx::{Executor as _, Row as _};
use storage_postgres::{
    bootstrap_sql,
    testing::{TestDatabase, cluster, fresh_database},
};

use super::{count, events, foreign, new_targets, number, record_changes, run, sequencing, sound, waiting};
use crate::support::{ctx, storage, superuser};

/// As if its cluster had counted far more transactions.
const ELSEWHERE: &str = "UPDATE audit.sequencer SET home = 'elsewhere', tx = '9000000000', seq = 5";

#[tokio::test]
async fn a_cursor_of_another_cluster_moves_in_after_all_that_waited_there_and_here() {
    let database = fresh_database().await;
    let storage = storage(&database, 2).await;
    let mut admin = superuser(&database).await;
    events(&storage, 3).await;
    number(&storage).await;
    // Two events were waiting there when the dump was made: one before the cursor of today, one far after.
    for statement in [ELSEWHERE, &foreign("8999999999"), &foreign("9000000007")] {
        run(&mut admin, statement).await.expect("restored");
    }
    events(&storage, 2).await;
    assert_eq!(storage.passed_over().await.expect("counted"), 0, "nothing was passed in this place");
    assert_eq!(number(&storage).await, 4, "new events stand far below the cursor");
    events(&storage, 2).await;
    assert_eq!(number(&storage).await, 2, "and it goes on");
    assert_eq!(sound(&storage).await.len(), 9);
    let state =
        sqlx::query("SELECT tx < '9000000000' AS near, home <> 'elsewhere' AS here FROM audit.sequencer");
    let state = state.fetch_one(&mut admin).await.expect("the sequencer");
    assert!(state.get("near") && state.get("here"));
}

/// Numbers grow in the new cluster, too, and come to where events of the old one stand.
#[tokio::test]
async fn events_that_have_their_number_are_not_numbered_again_when_the_cursor_meets_them() {
    let database = fresh_database().await;
    let storage = storage(&database, 2).await;
    let mut admin = superuser(&database).await;
    events(&storage, 30).await;
    number(&storage).await;
    run(&mut admin, "UPDATE audit.sequencer SET tx = '0', seq = 0").await.expect("behind all of them");
    assert_eq!(number(&storage).await, 0);
    let mut numbering = sequencing(&storage).await;
    events(&storage, 2).await;
    assert_eq!(waiting(&mut *numbering, 2).await.len(), 2, "in batches smaller than what is skipped");
    drop(numbering);
    assert_eq!(number(&storage).await, 2);
    assert_eq!(sound(&storage).await.len(), 32);
}

#[tokio::test]
async fn a_dump_restored_into_another_cluster_goes_on() {
    let old = fresh_database().await;
    let storage = storage(&old, 2).await;
    // The old cluster is far ahead.
    let mut admin = superuser(&old).await;
    let burn = "DO $$ BEGIN FOR n IN 1..5000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$";
    admin.execute(burn).await.expect("transactions go by");
    record_changes(&storage, &ctx(Scope::Identity), &new_targets(600)).await.expect("events");
    number(&storage).await;
    let root = root_at(&storage, 600).await.expect("a root");
    events(&storage, 3).await;

    let name: String =
        sqlx::query_scalar("SELECT current_database()::text").fetch_one(&mut admin).await.expect("a name");
    let fresh = TemporaryCluster::start().await.expect("another cluster");
    let file = std::env::temp_dir().join(format!("touchstone-audit-{}.dump", std::process::id()));
    cluster().await.dump(&name, &file).await.expect("dumped");
    fresh.sql("postgres", &format!("CREATE DATABASE {name}")).await.expect("a database");
    fresh.sql(&name, &bootstrap_sql(&name)).await.expect("roles");
    let restored = fresh.restore(&name, &file).await;
    std::fs::remove_file(&file).expect("a dump");
    restored.expect("restored");

    let [app_url, owner_url, superuser_url] =
        ["touchstone_app", "touchstone_owner", "postgres"].map(|role| fresh.url(role, &name));
    let new = TestDatabase { app_url, owner_url, superuser_url };
    let storage = crate::support::storage(&new, 2).await;
    events(&storage, 4).await;
    let mut admin = superuser(&new).await;
    let before = "audit.events e, audit.sequencer s WHERE e.tx < s.tx
        AND NOT EXISTS (SELECT FROM audit.leaves l WHERE l.event_id = e.id)";
    assert_eq!(count(&mut admin, before).await, 4, "a cursor alone would pass over these");
    assert_eq!(number(&storage).await, 7, "three that waited in the dump, four that came after");
    assert_eq!(sound(&storage).await.len(), 607);
    assert_eq!(root_at(&storage, 600).await.expect("a root"), root, "it is the same log");
    let tile = storage.tile(TileId { level: 0, index: 1 }, 256).await.expect("a tile");
    assert!(tile.is_full());
    let refused = run(&mut admin, "SET session_replication_role = replica; TRUNCATE audit.events").await;
    assert!(refused.is_err_and(|error| error.starts_with("23001")), "it is still frozen");
    storage.close().await;
}
