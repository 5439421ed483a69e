//! Several processes at once, each with a pool of its own.

use std::sync::Arc;

use identity::{
    Lifetime, NewSession, RefreshRotation as _, Rotation, Session, Throttle as _,
    throttle::{AddressLimits, Step, ThrottleRule, Verdict},
};
use kernel::{Assurance, Scope, SessionId};
use storage_postgres::testing::fresh_database;
use tokio::task::JoinSet;

use crate::support::{account, begin, id, noon, storage};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_attempts_at_two_processes_all_take_a_place() {
    let database = fresh_database().await;
    let storages = [Arc::new(storage(&database, 8).await), Arc::new(storage(&database, 8).await)];
    let mut tasks = JoinSet::new();
    for guess in 0..50 {
        let storage = storages[guess % 2].clone();
        let rule = ThrottleRule::Address { account: guess.to_string(), limits: AddressLimits::default() };
        tasks.spawn(async move { storage.step("address:test", &Step::Reserve(rule), noon()).await });
    }
    let verdicts = tasks.join_all().await;
    let free = verdicts.iter().filter(|verdict| matches!(verdict, Ok(Verdict::Free))).count();
    assert_eq!(free, 30, "thirty are free: {verdicts:?}");
    assert!(verdicts.iter().all(Result::is_ok), "none is lost: {verdicts:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_refreshes_of_two_processes_leave_one_lineage() {
    let database = fresh_database().await;
    let storages = [Arc::new(storage(&database, 8).await), Arc::new(storage(&database, 8).await)];
    let hour = std::time::Duration::from_secs(3600);
    let new = NewSession {
        id: id(9),
        account: id(1),
        assurance: Assurance::Aal1,
        lifetime: Lifetime { absolute: 24 * hour, idle: hour },
        user_agent: None,
        address: None,
        on_new_device: false,
    };
    let mut unit = begin(&storages[0], Scope::Identity).await;
    unit.save_account(&mut account(1)).await.expect("saved");
    unit.save_session(&mut Session::begin(new, noon())).await.expect("saved");
    unit.commit().await.expect("committed");
    let session: SessionId = id(9);
    let mut tasks = JoinSet::new();
    for refresh in 0..50 {
        let storage = storages[refresh % 2].clone();
        tasks.spawn(async move { storage.rotate(session, 0, noon()).await.expect("a verdict") });
    }
    let verdicts = tasks.join_all().await;
    let rotated = verdicts.iter().filter(|verdict| matches!(verdict, Rotation::Rotated(_))).count();
    let same = |verdict: &&Rotation| matches!(verdict, Rotation::Reissued(session) if session.counter == 1);
    assert_eq!((rotated, verdicts.iter().filter(same).count()), (1, 49), "{verdicts:?}");
}
