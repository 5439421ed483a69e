//! Each failure: one clear line, and an exit code of its own.

use std::{fs, net::TcpListener, process::Output};

use embedded_postgres::{Access, Cluster, Installation};

use crate::run::{Place, last_words, stderr};

#[track_caller]
fn refused(place: &Place, arguments: &[&str], code: i32, words: &[&str]) {
    let output = place.run(arguments);
    let line = last_words(&output);
    assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
    assert!(line.starts_with("touchstone: "), "{line}");
    for word in words {
        assert!(line.contains(word), "{word} is missing from: {line}");
    }
}

#[test]
fn a_folder_in_use() {
    let place = Place::new();
    let server = place.serve();
    refused(&place, &["serve"], 6, &["in use", "--data"]);
    refused(&place, &["restore", "/proc/self/exe"], 6, &["in use"]);
    assert!(server.is_live(), "the first one is not disturbed");
}

#[test]
fn a_port_in_use() {
    let place = Place::new();
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut command = crate::run::bare(&place.path(""));
    command.args(["serve", "--admin-listen", "off", "--listen", &holder.local_addr().unwrap().to_string()]);
    let output = command.arg("--data").arg(place.data()).output().unwrap();
    assert_eq!(output.status.code(), Some(8));
    assert!(last_words(&output).contains("--listen"), "{}", last_words(&output));
    assert!(!place.data().join("postgres").exists(), "it fails before anything is made");
}

#[test]
fn a_folder_that_cannot_be_used() {
    let place = Place::new();
    fs::write(place.data(), "a file").unwrap();
    refused(&place, &["serve"], 7, &["cannot use"]);
}

#[test]
fn no_postgres() {
    let place = Place::new();
    let empty = place.path("bin");
    fs::create_dir(&empty).unwrap();
    let mut command = place.command(&["serve"]);
    let output = command.env("TOUCHSTONE_POSTGRES_BIN", &empty).output().unwrap();
    assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
}

#[test]
fn lost_and_broken_keys() {
    let place = Place::new();
    assert!(place.serve().stop().success());
    let keys = place.data().join("keys");
    let kept = fs::read_to_string(&keys).unwrap();
    fs::remove_file(&keys).unwrap();
    refused(&place, &["serve"], 13, &["keys", "restore it"]);
    fs::write(&keys, "k1:short").unwrap();
    refused(&place, &["serve"], 13, &["line 1"]);
    fs::write(&keys, "other:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").unwrap();
    refused(&place, &["serve"], 13, &["does not open"]);
    fs::write(&keys, kept).unwrap();
    assert!(place.serve().is_live());
}

#[test]
fn a_database_of_ones_own_needs_keys_and_must_be_there() {
    let place = Place::new();
    let url = "postgres://touchstone_app:canary@127.0.0.1:1/touchstone";
    let run = |keys: Option<&str>| {
        let mut command = place.command(&["serve"]);
        command.env("DATABASE_URL", url);
        keys.map(|keys| command.env("TOUCHSTONE_KEY_FILE", keys));
        let output = command.output().unwrap();
        assert!(!stderr(&output).contains("canary"), "{}", stderr(&output));
        output
    };
    let output = run(None);
    assert_eq!(output.status.code(), Some(13));
    assert!(last_words(&output).contains("TOUCHSTONE_KEY_FILE"));
    let keys = place.path("keys");
    fs::write(&keys, "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").unwrap();
    let output = run(keys.to_str());
    assert_eq!(output.status.code(), Some(9), "{}", stderr(&output));
}

/// The database of a running server, as if it were somebody's own.
async fn access(place: &Place) -> Access {
    let running = Cluster::attach(&place.data().join("postgres")).await.unwrap().unwrap();
    running.access(Installation::find(None).unwrap())
}

fn external(place: &Place, access: &Access, role: &str, arguments: &[&str]) -> Output {
    let mut command = place.command(arguments);
    command.env("DATABASE_URL", access.url(role, "touchstone"));
    command.env("TOUCHSTONE_KEY_FILE", place.data().join("keys")).output().unwrap()
}

#[tokio::test]
async fn a_role_with_too_much_power() {
    let place = Place::new();
    let _server = place.serve();
    let access = access(&place).await;
    for role in ["postgres", "touchstone_owner", "touchstone_backup"] {
        let output = external(&place, &access, role, &["serve"]);
        assert_eq!(output.status.code(), Some(12), "{role}: {}", stderr(&output));
        assert!(last_words(&output).contains("touchstone_app"), "{}", last_words(&output));
    }
    let output = external(&place, &access, "touchstone_app", &["outbox", "list"]);
    assert!(output.status.success(), "{}", stderr(&output));
}

#[tokio::test]
async fn a_schema_of_another_version() {
    let place = Place::new();
    let server = place.serve();
    let access = access(&place).await;
    let sql = async |sql: &str| access.sql("touchstone", sql).await.unwrap();
    sql(
        "CREATE TABLE kept AS SELECT * FROM platform.seaql_migrations; DELETE FROM platform.seaql_migrations",
    )
    .await;
    let output = external(&place, &access, "touchstone_app", &["serve"]);
    assert_eq!(output.status.code(), Some(11), "{}", stderr(&output));
    assert!(last_words(&output).contains("touchstone migrate"), "{}", last_words(&output));
    let output = external(&place, &access, "touchstone_app", &["migrate"]);
    assert!(last_words(&output).contains("TOUCHSTONE_MIGRATION_URL"), "{}", last_words(&output));

    sql("INSERT INTO platform.seaql_migrations SELECT * FROM kept; DROP TABLE kept;
         INSERT INTO platform.seaql_migrations VALUES ('m99990101_000001_future', 0)")
    .await;
    assert!(server.get("/readyz").0.starts_with("HTTP/1.1 200"), "who runs already goes on");
    assert!(server.stop().success());
    for command in ["serve", "migrate"] {
        refused(&place, &[command], 10, &["m99990101_000001_future"]);
    }
}
