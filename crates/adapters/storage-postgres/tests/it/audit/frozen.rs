//! History is only ever added to, whoever asks.

use audit::{
    Hash, TileId, TreeAppender,
    ports::{Checkpoints as _, KeptCheckpoint, KeptSigner},
};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use storage_postgres::testing::{TestDatabase, fresh_database};

use super::{count, events, number, run, sequencing};
use crate::support::{noon, storage, superuser};

const HISTORY: [(&str, &str); 6] = [
    ("events", "action = 'test.forge'"),
    ("leaves", "index = index + 1"),
    ("tiles", "index = index + 1"),
    ("checkpoints", "note = ''"),
    ("signers", "verifier = ''"),
    ("log", "id = gen_random_uuid()"),
];

/// A database with something in each table.
async fn written() -> TestDatabase {
    let database = fresh_database().await;
    let storage = storage(&database, 2).await;
    events(&storage, 3).await;
    number(&storage).await;
    let mut appender = TreeAppender::empty();
    (0..256_u16).for_each(|n| appender.push(Hash::of_leaf(&n.to_be_bytes())));
    let tile = appender.take_full().pop().expect("a full tile");
    assert_eq!(tile.id(), TileId { level: 0, index: 0 });
    let mut numbering = sequencing(&storage).await;
    numbering.append(&[], &[tile]).await.expect("kept");
    numbering.commit().await.expect("committed");
    let signer = KeptSigner { verifier: "v".into(), sealed_seed: vec![1] };
    storage.put_signer(&signer).await.expect("kept");
    let checkpoint = KeptCheckpoint { size: 3, note: "note".into(), signed_at: noon() };
    storage.keep_checkpoint(&checkpoint).await.expect("kept");
    database
}

fn attempts() -> impl Iterator<Item = String> {
    HISTORY.into_iter().flat_map(|(table, set)| {
        [
            format!("UPDATE audit.{table} SET {set}"),
            format!("DELETE FROM audit.{table}"),
            format!("TRUNCATE audit.{table}"),
        ]
    })
}

#[tokio::test]
async fn no_role_of_the_program_may_change_history() {
    let database = written().await;
    let mut app = PgConnection::connect(&database.app_url).await.expect("connected");
    for role in ["app", "tenant", "account", "identity", "worker", "platform"] {
        for attempt in attempts() {
            let enter = format!(
                "BEGIN; SET LOCAL ROLE touchstone_{role}; SET LOCAL app.tenant_id = ''; SET LOCAL app.account_id = ''"
            );
            app.execute(AssertSqlSafe(enter)).await.expect("in the role");
            let refused = run(&mut app, &attempt).await;
            app.execute("ROLLBACK").await.expect("undone");
            assert!(
                refused.as_ref().is_err_and(|error| error.starts_with("42501 permission denied")),
                "{role} and {attempt}: {refused:?}"
            );
        }
    }
}

#[tokio::test]
async fn neither_the_owner_nor_a_superuser_in_replica_mode_changes_history_by_a_statement() {
    let database = written().await;
    let mut owner = PgConnection::connect(&database.owner_url).await.expect("connected");
    let mut superuser = superuser(&database).await;
    let mut replica = PgConnection::connect(&database.superuser_url).await.expect("connected");
    replica.execute("SET session_replication_role = replica").await.expect("replica mode");
    for attempt in attempts() {
        for (who, connection) in
            [("owner", &mut owner), ("superuser", &mut superuser), ("replica", &mut replica)]
        {
            let refused = run(connection, &attempt).await;
            assert!(
                refused
                    .as_ref()
                    .is_err_and(|error| error.starts_with("23001 ")
                        && error.ends_with("history is only ever added to")),
                "{who} and {attempt}: {refused:?}"
            );
        }
    }
    for (table, _) in HISTORY {
        assert_ne!(count(&mut superuser, &format!("audit.{table}")).await, 0, "{table}");
    }
}

#[tokio::test]
async fn nobody_says_which_transaction_wrote_an_event_or_adds_a_second_log() {
    let database = written().await;
    let mut app = PgConnection::connect(&database.app_url).await.expect("connected");
    let forge = |column: &str, value: &str| {
        format!(
            "INSERT INTO audit.events (id, occurred_at, actor_kind, action, outcome, target_kind, difference, secrets,
               schema, salt {column}) VALUES (gen_random_uuid(), now(), 'system', 'a.b', 'success', 't', '[]', '{{}}', 1,
               decode(repeat('00', 16), 'hex') {value})"
        )
    };
    for role in ["identity", "worker", "platform"] {
        for (column, value, works) in
            [("", "", true), (", tx", ", '7'", false), (", seq", ", 7", false), (", tx", ", DEFAULT", false)]
        {
            let enter = format!("BEGIN; SET LOCAL ROLE touchstone_{role}");
            app.execute(AssertSqlSafe(enter)).await.expect("in the role");
            let done = run(&mut app, &forge(column, value)).await;
            app.execute("ROLLBACK").await.expect("undone");
            assert_eq!(done.is_ok(), works, "{role} {column}: {done:?}");
        }
    }
    let mut superuser = superuser(&database).await;
    let refused = run(&mut superuser, &forge(", seq", ", 7")).await;
    assert!(refused.is_err_and(|error| error.starts_with("428C9")), "seq is always generated");
    let second =
        run(&mut superuser, "INSERT INTO audit.log (single, id) VALUES (false, gen_random_uuid())").await;
    assert!(second.is_err_and(|error| error.starts_with("23514")), "there is one log");
}
