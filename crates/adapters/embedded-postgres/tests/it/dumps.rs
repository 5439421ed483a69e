//! Dump and restore.
use std::{fs, os::unix::fs::MetadataExt as _};

use embedded_postgres::{Error, testing::TemporaryCluster};

use crate::TestFolder;

const ODD: &str = "o'dd =\\ \"name\"";

#[tokio::test]
async fn a_dump_brings_everything_back() {
    let test_folder = TestFolder::new();
    let file = test_folder.folder.path().join("backup.dump");
    let cluster = TemporaryCluster::start().await.unwrap();
    let make = r#"
        CREATE ROLE owner; CREATE ROLE app;
        CREATE DATABASE :"odd" OWNER owner;
        REVOKE CONNECT ON DATABASE :"odd" FROM PUBLIC;
        GRANT CONNECT ON DATABASE :"odd" TO app;
        ALTER DATABASE :"odd" SET search_path = one, two;"#;
    cluster.access().script("postgres", &[("odd", ODD)], make).await.unwrap();
    let properties = "SELECT pg_get_userbyid(datdba), datacl, setconfig FROM pg_database
                      JOIN pg_db_role_setting ON setdatabase = pg_database.oid WHERE datname LIKE 'o''dd%'";
    let before = cluster.sql("postgres", properties).await.unwrap();
    let people = "CREATE TABLE public.people (id int PRIMARY KEY, name text); ALTER TABLE public.people OWNER TO owner;
                GRANT SELECT ON public.people TO app; INSERT INTO public.people VALUES (1, 'Zoë'), (2, NULL)";
    cluster.sql(ODD, people).await.unwrap();
    cluster.dump(ODD, &file).await.unwrap();
    assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
    assert_eq!(test_folder.names(), ["backup.dump"]);

    cluster.sql(ODD, "DELETE FROM public.people; CREATE TABLE public.later ()").await.unwrap();
    let access = cluster.access().clone();
    let session = tokio::spawn(async move { access.sql(ODD, "SELECT pg_sleep(1000)").await });
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    cluster.restore(ODD, &file).await.unwrap();
    assert!(session.await.unwrap().is_err(), "sessions on the old database end");

    let rows = cluster.sql(ODD, "SET ROLE app; SELECT * FROM public.people ORDER BY id").await.unwrap();
    assert_eq!(rows, "1|Zoë\n2|");
    assert_eq!(cluster.sql(ODD, "SELECT to_regclass('public.later')").await.unwrap(), "");
    let after = cluster.sql("postgres", properties).await.unwrap();
    let sorted = |line: &str| {
        let mut parts: Vec<_> = line.split([',', '{', '}', '|']).map(str::to_owned).collect();
        parts.sort();
        parts
    };
    assert_eq!(sorted(&after), sorted(&before), "owner, grants and settings");
    assert_eq!(databases(&cluster).await, format!("{ODD}\npostgres\ntemplate0\ntemplate1"));
}

#[tokio::test]
async fn a_database_that_is_gone_comes_back() {
    let test_folder = TestFolder::new();
    let file = test_folder.folder.path().join("backup.dump");
    let cluster = TemporaryCluster::start().await.unwrap();
    cluster.sql("postgres", "CREATE DATABASE one").await.unwrap();
    cluster.sql("one", "CREATE TABLE t AS SELECT 7 AS n").await.unwrap();
    cluster.dump("one", &file).await.unwrap();
    cluster.sql("postgres", "DROP DATABASE one").await.unwrap();
    cluster.restore("one", &file).await.unwrap();
    assert_eq!(cluster.sql("one", "SELECT n FROM t").await.unwrap(), "7");
}

#[tokio::test]
async fn a_failed_dump_leaves_no_file_and_a_failed_restore_changes_nothing() {
    let test_folder = TestFolder::new();
    let file = test_folder.folder.path().join("backup.dump");
    let cluster = TemporaryCluster::start().await.unwrap();
    let failed = cluster.dump("nowhere", &file).await;
    assert!(matches!(&failed, Err(Error::DumpFailed { stderr, .. }) if stderr.contains("does not exist")));
    assert!(test_folder.names().is_empty());

    cluster.sql("postgres", "CREATE ROLE passing; CREATE DATABASE one").await.unwrap();
    cluster.sql("one", "CREATE TABLE t (); ALTER TABLE t OWNER TO passing").await.unwrap();
    cluster.dump("one", &file).await.unwrap();
    cluster
        .sql("one", "ALTER TABLE t OWNER TO postgres; DROP ROLE passing; ALTER TABLE t ADD n int")
        .await
        .unwrap();
    let failed = cluster.restore("one", &file).await;
    assert!(
        matches!(&failed, Err(Error::RestoreFailed { stderr, .. }) if stderr.contains("passing")),
        "{failed:?}"
    );
    fs::write(&file, "no dump").unwrap();
    assert!(matches!(cluster.restore("one", &file).await, Err(Error::RestoreFailed { .. })));
    assert_eq!(cluster.sql("one", "SELECT n FROM t").await.unwrap(), "");
    assert_eq!(databases(&cluster).await, "one\npostgres\ntemplate0\ntemplate1");
}

async fn databases(cluster: &TemporaryCluster) -> String {
    cluster.sql("postgres", "SELECT datname FROM pg_database ORDER BY datname COLLATE \"C\"").await.unwrap()
}
