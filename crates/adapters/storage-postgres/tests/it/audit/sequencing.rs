//! Every committed event gets one number, whatever happens to writers, connections and other sequencers.

use std::{
    collections::{BTreeSet, hash_map::RandomState},
    hash::{BuildHasher as _, Hasher as _},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use audit::{Sequencer, Step, ports::Ledger as _};
use kernel::{Scope, Store, UnitOfWork};
use sqlx::Executor as _;
use storage_postgres::{PostgresStorage, testing::fresh_database};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{change, count, events, new_targets, number, sequencing, sound, waiting};
use crate::support::{ctx, noon, storage, superuser};

/// A number from 0 to below `end`.
fn random(end: usize) -> usize {
    usize::try_from(RandomState::new().build_hasher().finish()).expect("64 bits") % end
}

async fn pause(most: usize) {
    tokio::time::sleep(Duration::from_millis(random(most) as u64)).await;
}

/// Writes until it is told to stop, and tells what was committed.
async fn write(storage: PostgresStorage, stop: Arc<AtomicBool>) -> Vec<Uuid> {
    let mut committed = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let store: &dyn Store<dyn UnitOfWork> = &storage;
        let Ok(mut unit) = store.begin(&ctx(Scope::Identity)).await else { continue };
        let targets = new_targets(1 + random(3));
        for target in &targets {
            unit.record(change(*target));
        }
        if random(5) == 0 {
            drop(unit);
        } else if unit.commit().await.is_ok() {
            committed.extend(targets);
        }
        pause(4).await;
    }
    committed
}

async fn sequence(storage: PostgresStorage, stop: Arc<AtomicBool>) -> u64 {
    let sequencer = Sequencer::new(Arc::new(storage));
    let mut numbered = 0;
    while !stop.load(Ordering::Relaxed) {
        numbered += sequencer.catch_up().await.unwrap_or(0);
        pause(8).await;
    }
    numbered
}

/// Holds a transaction open behind others' backs: what began before may commit after what began later.
async fn hold(url: String, stop: Arc<AtomicBool>) -> Vec<Uuid> {
    use sqlx::Connection as _;
    let mut committed = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let Ok(mut connection) = sqlx::PgConnection::connect(&url).await else { continue };
        let target = new_targets(1)[0];
        let write = format!(
            "BEGIN; SET LOCAL ROLE touchstone_worker;
             INSERT INTO audit.events (id, occurred_at, actor_kind, action, outcome, target_kind, target_id, difference,
               secrets, schema, salt)
             VALUES (gen_random_uuid(), now(), 'system', 'test.hold', 'success', 't', '{target}', '[]', '{{}}', 1,
               decode(repeat('00', 16), 'hex'));
             SELECT pg_sleep(0.00{})",
            random(1000)
        );
        let end = if random(4) == 0 { "ROLLBACK" } else { "COMMIT" };
        if connection.execute(sqlx::AssertSqlSafe(write)).await.is_ok()
            && connection.execute(end).await.is_ok()
            && end == "COMMIT"
        {
            committed.push(target);
        }
    }
    committed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixteen_writers_with_rollbacks_and_kills_lose_nothing() {
    let database = fresh_database().await;
    let stop = Arc::new(AtomicBool::new(false));
    let (mut writers, mut sequencers) = (JoinSet::new(), JoinSet::new());
    let writing = storage(&database, 16).await;
    for _ in 0..12 {
        writers.spawn(write(writing.clone(), stop.clone()));
    }
    for _ in 0..4 {
        writers.spawn(hold(database.app_url.clone(), stop.clone()));
    }
    for _ in 0..2 {
        sequencers.spawn(sequence(storage(&database, 2).await, stop.clone()));
    }
    let mut admin = superuser(&database).await;
    for _ in 0..40 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        admin
            .execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = current_database() AND usename = 'touchstone_app' ORDER BY random() LIMIT 1",
            )
            .await
            .expect("a connection is killed");
    }
    stop.store(true, Ordering::Relaxed);
    let committed: Vec<Uuid> = writers.join_all().await.into_iter().flatten().collect();
    let numbered: u64 = sequencers.join_all().await.into_iter().sum();

    let calm = storage(&database, 2).await;
    number(&calm).await;
    let entries = sound(&calm).await;
    assert!(numbered > 0 && committed.len() > 100, "it was a storm: {numbered} of {}", committed.len());
    let events = usize::try_from(count(&mut admin, "audit.events").await).expect("a count");
    assert_eq!(entries.len(), events, "each event has one leaf");
    let there: BTreeSet<Uuid> =
        entries.iter().filter_map(|entry| entry.event.as_ref().ok()?.target.id).collect();
    assert_eq!(there.len(), entries.len(), "none is there twice");
    assert!(committed.iter().all(|target| there.contains(target)), "what was committed is there");
    assert_eq!(
        calm.sequencing_lag(noon().plus(Duration::from_secs(1))).await.expect("a lag"),
        Duration::ZERO
    );
}

#[tokio::test]
async fn an_event_waits_for_transactions_that_began_before_it() {
    let database = fresh_database().await;
    let storage = storage(&database, 4).await;
    number(&storage).await;
    let mut slow = superuser(&database).await;
    slow.execute("BEGIN; SELECT pg_current_xact_id()").await.expect("it has its number");
    events(&storage, 2).await;
    let step = Sequencer::new(Arc::new(storage.clone())).step().await.expect("numbered");
    assert_eq!(
        step,
        Step::Numbered { events: 0, more: false },
        "the slow one may still write an event before them"
    );
    let lag = storage.sequencing_lag(noon().plus(Duration::from_secs(9))).await.expect("a lag");
    assert_eq!(lag, Duration::from_secs(9));
    slow.execute("ROLLBACK").await.expect("over");
    assert_eq!(number(&storage).await, 2);
    sound(&storage).await;
    assert_eq!(
        storage.sequencing_lag(noon().plus(Duration::from_secs(9))).await.expect("a lag"),
        Duration::ZERO
    );
}

#[tokio::test]
async fn of_two_sequencers_one_works_and_dropping_it_undoes() {
    let database = fresh_database().await;
    let (here, there) = (storage(&database, 2).await, storage(&database, 2).await);
    events(&here, 300).await;
    let mut first = sequencing(&here).await;
    assert!(there.sequence().await.expect("asked").is_none(), "the other is told");
    assert_eq!(waiting(&mut *first, 300).await.len(), 300);
    drop(first);
    assert_eq!(number(&there).await, 300);
    assert_eq!(sound(&here).await.len(), 300);
}

#[tokio::test]
async fn batches_go_on_where_the_one_before_ended() {
    let database = fresh_database().await;
    let storage = storage(&database, 2).await;
    events(&storage, 10).await;
    let mut numbering = sequencing(&storage).await;
    let mut seen = Vec::new();
    for max in [3, 4, 3] {
        seen.extend(waiting(&mut *numbering, max).await.into_iter().map(|event| event.id));
    }
    let distinct: BTreeSet<_> = seen.iter().copied().collect();
    assert_eq!((seen.len(), distinct.len()), (10, 10));
}
