//! Who may serve, and what wakes workers of other processes.

use std::time::Duration;

use contracts::fixture::recorder;
use kernel::{Change, Outbox as _, Scope, Target};
use sqlx::Executor as _;
use storage_postgres::{ConnectError, Listen, PostgresStorage, Settings, testing::fresh_database};

use crate::support::{begin, noon, storage, superuser};

async fn refusal(url: &str) -> (String, &'static str) {
    match PostgresStorage::connect(&Settings::new(url), recorder()).await {
        Err(ConnectError::Privileged { role, reason }) => (role, reason),
        other => panic!("{url} is refused: {other:?}"),
    }
}

#[tokio::test]
async fn roles_that_row_level_security_does_not_bind_are_refused() {
    let database = fresh_database().await;
    assert_eq!(refusal(&database.superuser_url).await, ("postgres".to_owned(), "is a superuser"));
    assert_eq!(refusal(&database.owner_url).await, ("touchstone_owner".to_owned(), "owns tables"));
    let mut admin = superuser(&database).await;
    let setup = "
        CREATE ROLE test_bypass LOGIN BYPASSRLS; CREATE ROLE test_heir LOGIN NOINHERIT;
        GRANT touchstone_owner TO test_heir;
        DO $$ BEGIN EXECUTE format('GRANT CONNECT ON DATABASE %I TO test_bypass, test_heir', current_database()); END $$";
    admin.execute(setup).await.expect("roles");
    let url = |role| database.app_url.replace("touchstone_app@", &format!("{role}@"));
    assert_eq!(refusal(&url("test_bypass")).await.1, "may bypass it");
    assert_eq!(refusal(&url("test_heir")).await.1, "owns tables", "by SET ROLE");
}

#[tokio::test]
async fn a_wrong_address_is_told_from_a_server_that_is_away() {
    let wrong = PostgresStorage::connect(&Settings::new("no address"), recorder()).await;
    assert!(matches!(wrong, Err(ConnectError::Url(_))), "{wrong:?}");
    let away =
        PostgresStorage::connect(&Settings::new("postgres://x@localhost/x?host=%2Fnowhere"), recorder())
            .await;
    assert!(matches!(away, Err(ConnectError::Unreachable(_))), "{away:?}");
}

/// A process hears of its own commits without listening, and where it listens at another address, of all.
#[tokio::test]
async fn a_process_listens_where_it_is_told() {
    let database = fresh_database().await;
    let mut watcher = superuser(&database).await;
    let listens = async |listen| {
        let mut settings = Settings::new(&database.app_url);
        settings.listen = listen;
        PostgresStorage::connect(&settings, recorder()).await.expect("connected")
    };
    let deaf = listens(Listen::Off).await;
    let mut unit = begin(&deaf, Scope::Identity).await;
    unit.record(Change::new("test.happen", Target::new::<()>("test", crate::support::id(1)), noon()));
    unit.commit().await.expect("committed");
    deaf.notified().await;
    let listening = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND query LIKE 'LISTEN %'";
    let count: i64 = sqlx::query_scalar(listening).fetch_one(&mut watcher).await.expect("counted");
    assert_eq!(count, 0);
    let elsewhere = listens(Listen::At(database.app_url.clone())).await;
    // Heard for the first time once it listens.
    elsewhere.notified().await;
    let count: i64 = sqlx::query_scalar(listening).fetch_one(&mut watcher).await.expect("counted");
    assert_eq!(count, 1);
}

#[tokio::test]
async fn a_commit_wakes_workers_of_another_process() {
    let database = fresh_database().await;
    let (here, there) = (storage(&database, 2).await, storage(&database, 2).await);
    let waiting = tokio::spawn(async move { there.notified().await });
    for _ in 0..100 {
        let mut unit = begin(&here, Scope::Identity).await;
        unit.record(Change::new("test.happen", Target::new::<()>("test", crate::support::id(1)), noon()));
        unit.commit().await.expect("committed");
        tokio::time::sleep(Duration::from_millis(50)).await;
        if waiting.is_finished() {
            return;
        }
    }
    panic!("the other process was never told");
}
