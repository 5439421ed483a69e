//! The audit trail on PostgreSQL: what the database itself refuses, and what only a database does to a sequencer.

mod frozen;
mod reading;
mod recording;
mod restoring;
mod sequencing;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use audit::{
    Event, Sequencer, Step,
    ports::{Entry, Ledger as _, Sequencing},
};
use kernel::{Change, Ctx, Scope, Store, StoreError, Target, UnitOfWork};
use sqlx::{AssertSqlSafe, Executor as _, PgConnection};
use storage_postgres::PostgresStorage;
use tokio::time::sleep;
use uuid::Uuid;

use crate::support::{ctx, noon};

/// A change of a target.
fn change(target: Uuid) -> Change {
    Change::new("test.happen", Target { kind: "test", id: target }, noon())
}

/// Targets of changes that are nobody else's.
fn new_targets(count: usize) -> Vec<Uuid> {
    static LAST: AtomicU64 = AtomicU64::new(0);
    (0..count)
        .map(|_| Uuid::from_u128((0xDEED << 64) + u128::from(LAST.fetch_add(1, Ordering::Relaxed))))
        .collect()
}

/// Records a change of each target, in one unit.
async fn record_changes(storage: &PostgresStorage, ctx: &Ctx, targets: &[Uuid]) -> Result<(), StoreError> {
    let store: &dyn Store<dyn UnitOfWork> = storage;
    let mut unit = store.begin(ctx).await?;
    for target in targets {
        unit.record(change(*target));
    }
    unit.commit().await
}

/// Lets something happen so many times, in a unit each.
async fn events(storage: &PostgresStorage, count: usize) {
    for _ in 0..count {
        record_changes(storage, &ctx(Scope::Worker), &new_targets(1)).await.expect("an event");
    }
}

/// Numbers all there is, and tells how much it was. The oldest transaction of the whole cluster sets the pace, and
/// other tests have theirs.
async fn number(storage: &PostgresStorage) -> u64 {
    let sequencer = Sequencer::new(Arc::new(storage.clone()));
    let mut numbered = 0;
    for _ in 0..1000 {
        if let Step::Numbered { events, .. } = sequencer.step().await.expect("numbered") {
            numbered += events;
            let later = noon().plus(Duration::from_secs(1));
            if storage.sequencing_lag(later).await.expect("a lag").is_zero() {
                return numbered;
            }
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("something waits for ever");
}

/// Begins to number. One that was just dropped may still be on its way out.
async fn sequencing(storage: &PostgresStorage) -> Box<dyn Sequencing> {
    for _ in 0..100 {
        if let Some(sequencing) = storage.sequence().await.expect("asked") {
            return sequencing;
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("somebody else is always at work");
}

/// So many events that wait.
async fn waiting(numbering: &mut dyn Sequencing, count: usize) -> Vec<Event> {
    let mut found = Vec::new();
    for _ in 0..1000 {
        let wanted = u32::try_from(count - found.len()).expect("a few");
        found.extend(numbering.waiting(wanted).await.expect("read"));
        if found.len() == count {
            return found;
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("only {} of {count} come", found.len());
}

/// Every leaf with its event, as it must be: numbers without a gap, each event readable and of its leaf's hash.
async fn sound(storage: &PostgresStorage) -> Vec<Entry> {
    let entries = storage.entries(0, 1_000_000).await.expect("read");
    for (place, entry) in (0..).zip(&entries) {
        assert_eq!(entry.leaf.index, place, "numbers have no gap");
        let event = entry.event.as_ref().expect("its event is there");
        assert_eq!(event.leaf().expect("readable"), entry.leaf.hash);
    }
    assert_eq!(storage.passed_over().await.expect("counted"), 0);
    entries
}

/// Adds an event with a transaction's number of another cluster, which only a superuser can.
fn foreign(tx: &str) -> String {
    format!(
        "INSERT INTO audit.events (id, tx, occurred_at, actor_kind, action, outcome, target_kind, difference, secrets,
           schema, salt) VALUES (gen_random_uuid(), '{tx}', now(), 'system', 'test.happen', 'success', 't', '[]', '{{}}', 1,
           decode(repeat('00', 16), 'hex'))"
    )
}

async fn run(connection: &mut PgConnection, sql: &str) -> Result<u64, String> {
    let done = connection.execute(AssertSqlSafe(sql.to_owned())).await;
    done.map(|done| done.rows_affected()).map_err(|error| {
        let database = error.as_database_error().expect("the database says no");
        format!("{} {}", database.code().unwrap_or_default(), database.message())
    })
}

async fn count(connection: &mut PgConnection, what: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM {what}");
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(connection).await.expect("counted")
}
