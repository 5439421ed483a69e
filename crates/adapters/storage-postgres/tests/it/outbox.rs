//! The outbox among very many rows: admitting and taking read by index what they look at, and no more.

use kernel::{Lane, Outbox as _, Room, Scope};
use sqlx::{Executor as _, PgConnection, Row as _};
use storage_postgres::testing::fresh_database;
use tokio::task::JoinSet;

use crate::support::{begin, gone, id, noon, storage, superuser};

/// So many of three organisations in each lane wait for their turn, and as many timers for their time.
const CROWD: &str = "
INSERT INTO platform.outbox (organization_id, topic, target_kind, target_id, data, occurred_at, due_at, lane, turn)
SELECT ('00000000-0000-7000-8000-00000000000' || n % 3)::uuid, 'test.told', 'thing', gen_random_uuid(), '{}',
  timestamptz '2026-11-20 11:00Z', timestamptz '2026-11-20 11:00Z' + CASE WHEN n % 2 = 0 THEN interval '0' ELSE interval '1 day' END,
  lane, CASE WHEN n % 2 = 0 THEN n END
FROM generate_series(1, 10000) AS rows (n), generate_series(0, 2) AS lanes (lane)";

/// How many entries of which index were read, and rows one after the other.
async fn read(admin: &mut PgConnection) -> (i64, i64) {
    let sql = "
SELECT (SELECT sum(idx_tup_read) FROM pg_stat_all_indexes WHERE relname = 'outbox')::bigint AS entries, seq_tup_read AS rows
FROM pg_stat_all_tables WHERE relname = 'outbox'";
    let row = sqlx::query(sql).fetch_one(admin).await.expect("statistics");
    (row.get("entries"), row.get("rows"))
}

#[tokio::test]
async fn what_waits_is_not_read() {
    let database = fresh_database().await;
    let mut admin = superuser(&database).await;
    admin.execute(CROWD).await.expect("a crowd");
    // The plan a statement gets once it was used for a while, which knows nothing of its parameters.
    let generic = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET plan_cache_mode = force_generic_plan', current_database()); END $$";
    admin.execute(generic).await.expect("set");
    let first = storage(&database, 2).await;
    let mut unit = begin(&first, Scope::Identity).await;
    for lane in Lane::ALL {
        let target = kernel::Target::new::<()>("thing", id(1));
        unit.record(kernel::Change::new("test.told", target, noon()).lane(lane));
    }
    unit.commit().await.expect("committed");
    gone(&first, &mut admin).await;
    admin.execute("SELECT pg_stat_force_next_flush()").await.expect("told");
    admin.execute("SELECT pg_stat_reset()").await.expect("from nothing");

    let storage = storage(&database, 2).await;
    let admitted = storage.admit(noon(), Some(&["test.told"]), 500).await.expect("admitted");
    assert!(!admitted.is_more_due, "the timers are of tomorrow");
    let taken =
        storage.take(noon(), Room::of_any(8), std::time::Duration::from_secs(60)).await.expect("taken");
    assert_eq!(taken.len(), 8);
    assert!(taken.iter().any(|delivery| delivery.organization.is_none()), "who comes late is in the round");
    for lane in Lane::ALL {
        assert!(storage.lag(noon(), lane).await.expect("a time") >= std::time::Duration::from_secs(3600));
    }
    gone(&storage, &mut admin).await;
    let (entries, rows) = read(&mut admin).await;
    assert!(entries < 500, "{entries} entries of 30,000 were read");
    assert_eq!(rows, 0, "the table is not read as a whole");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_share_a_lane_and_keep_its_turns() {
    let database = fresh_database().await;
    let storages = [storage(&database, 8).await, storage(&database, 8).await].map(std::sync::Arc::new);
    let mut admin = superuser(&database).await;
    admin.execute(CROWD).await.expect("a crowd");
    let late = CROWD
        .replace("'00000000-0000-7000-8000-00000000000' || n % 3", "'00000000-0000-7000-8000-000000000009'");
    let late = late.replace("CASE WHEN n % 2 = 0 THEN n END", "NULL").replace("10000", "200");
    admin.execute(sqlx::AssertSqlSafe(late)).await.expect("some more");
    let mut tasks = JoinSet::new();
    for worker in 0..8 {
        let storage = storages[worker % 2].clone();
        tasks.spawn(async move {
            let mut all = Vec::new();
            for _ in 0..10 {
                storage.admit(noon(), None, 10).await.expect("admitted");
                let taken = storage.take(noon(), Room::of_any(10), std::time::Duration::from_secs(60)).await;
                all.extend(taken.expect("taken"));
            }
            all
        });
    }
    let mut taken: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
    let count = taken.len();
    taken.sort_by_key(|delivery| delivery.id);
    taken.dedup_by_key(|delivery| delivery.id);
    assert_eq!(taken.len(), count, "none has two takers");
    assert!(count >= 400, "{count}: nobody stands in another's way for long");
    let late = taken.iter().filter(|of| of.organization == Some(id(0x7000_8000_0000_0000_0009))).count();
    assert_eq!(late, 100, "all of the organisation that came late, of {count} taken");
}
