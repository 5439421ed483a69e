//! Transactions that are cut off, fail or change threads, against a real server.

use std::time::Duration;

use super::*;
use crate::driver::Address;

async fn pool() -> Arc<Pool> {
    let database = crate::testing::fresh_database().await;
    let address = Address::new(&database.app_url, &[]).expect("an address");
    Pool::new(address, 1, 1, Duration::from_secs(10))
}

fn identity(message: &str) -> BeginStatement {
    BeginStatement {
        role: "touchstone_identity",
        tenant: None,
        access: Access::Write,
        message: message.to_owned(),
    }
}

const WELL: &str = "BEGIN; SELECT set_config('role', 'touchstone_identity', true)";

async fn role(pool: &Arc<Pool>) -> String {
    let tx = Tx::begin(pool, identity("BEGIN")).await.expect("a connection");
    let row = tx.fetch_optional(query("SELECT current_user::text AS role")).await.expect("read");
    tx.get(&row.expect("a row"), "role").expect("a text")
}

/// The role of whoever gets the connection after one whose first flight came to nothing.
async fn role_after(message: &str, patience: Duration) -> String {
    let pool = pool().await;
    let tx = Tx::begin(&pool, identity(message)).await.expect("a connection");
    let begun = tokio::time::timeout(patience, tx.execute(query("SELECT 1"))).await;
    assert!(!matches!(begun, Ok(Ok(_))), "it was not begun");
    drop(tx);
    role(&pool).await
}

#[tokio::test]
async fn a_cancelled_begin_leaves_no_role_behind() {
    let slow = "BEGIN; SELECT set_config('role', 'touchstone_identity', true), pg_sleep(0.3)";
    assert_eq!(role_after(slow, Duration::from_millis(100)).await, "touchstone_app");
}

#[tokio::test]
async fn a_begin_that_fails_half_way_leaves_no_transaction_behind() {
    let wrong = "BEGIN; SELECT set_config('role', 'touchstone_nobody', true)";
    assert_eq!(role_after(wrong, Duration::from_secs(5)).await, "touchstone_app");
}

#[tokio::test]
async fn a_flight_that_fails_in_any_part_leaves_nothing() {
    let pool = pool().await;
    let put = || {
        query("INSERT INTO identity.auth_throttle (key, count, since, last_at) VALUES ('a', 1, now(), now())")
    };
    let wrong = || query("SELECT 1 / count(*) FROM identity.auth_throttle WHERE key = 'nobody'");
    for last in [vec![put(), wrong()], vec![wrong(), put()], vec![put(), wrong(), put()], vec![put(), put()]]
    {
        let tx = Tx::begin(&pool, identity(WELL)).await.expect("a connection");
        tx.execute(query("SELECT 1")).await.expect("begun");
        assert!(tx.commit_with(last).await.is_err());
        let tx = Tx::begin(&pool, identity(WELL)).await.expect("a connection");
        let there = tx.fetch_all(query("SELECT FROM identity.auth_throttle")).await.expect("read");
        assert!(there.is_empty());
    }
    let tx = Tx::begin(&pool, identity(WELL)).await.expect("a connection");
    tx.commit_with(vec![put()]).await.expect("committed");
    assert_eq!(role(&pool).await, "touchstone_app");
}

/// Polls `work` so many times, then drops it; tells whether it was done by then.
async fn cut_off(work: impl Future<Output = ()>, polls: u32) -> bool {
    let (mut work, mut left) = (pin!(work), polls);
    std::future::poll_fn(|context| {
        if work.as_mut().poll(context).is_ready() {
            return std::task::Poll::Ready(true);
        }
        left = left.saturating_sub(1);
        if left == 0 { std::task::Poll::Ready(false) } else { std::task::Poll::Pending }
    })
    .await
}

/// The server processes behind so many transactions, one after the other, on a thread with a runtime of its own.
fn backends(pool: Arc<Pool>, count: usize) -> std::thread::JoinHandle<Vec<i32>> {
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let mut backends = Vec::new();
            for _ in 0..count {
                let tx = Tx::begin(&pool, identity("BEGIN")).await.expect("a connection");
                let row = tx.fetch_optional(query("SELECT pg_backend_pid() AS id")).await.expect("read");
                backends.push(tx.get(&row.expect("a row"), "id").expect("a number"));
            }
            backends
        })
    })
}

#[tokio::test]
async fn a_thread_keeps_to_connections_of_its_own() {
    let database = crate::testing::fresh_database().await;
    let address = Address::new(&database.app_url, &[]).expect("an address");
    let pool = Pool::new(address, 2, 2, Duration::from_secs(10));
    let both = [(); 2].map(|()| backends(Arc::clone(&pool), 300));
    let both = both.map(|thread| thread.join().expect("it ends"));
    let last = both.map(|backends| backends[200..].to_vec());
    for backends in &last {
        assert!(backends.iter().all(|backend| *backend == backends[0]), "{backends:?}");
    }
    assert_ne!(last[0][0], last[1][0]);
}

#[tokio::test]
async fn work_that_is_cancelled_at_any_await_leaves_its_connection_clean() {
    let pool = pool().await;
    let touch = || {
        query(
            "INSERT INTO identity.auth_throttle (key, count, since, last_at)
        VALUES ('a', 1, now(), now()) ON CONFLICT (key) DO UPDATE SET count = 2",
        )
    };
    for polls in 1.. {
        let work = async {
            let tx = Tx::begin(&pool, identity(WELL)).await.expect("a connection");
            tx.execute(touch()).await.expect("done");
            tx.fetch_all(query("SELECT key FROM identity.auth_throttle")).await.expect("read");
            tx.commit_with(vec![touch(), touch()]).await.expect("committed");
        };
        let done = cut_off(work, polls).await;
        assert_eq!(role(&pool).await, "touchstone_app", "cut off after {polls} polls");
        if done {
            assert!(polls > 3, "it had to wait {polls} times");
            break;
        }
    }
}
