//! A cluster's ordinary life.
use std::{fs, os::unix::fs::MetadataExt as _, time::Instant};

use embedded_postgres::{Cluster, Error, testing::TemporaryCluster};

use crate::{TestFolder, is_alive, quiet};

#[tokio::test]
async fn starts_stops_and_keeps_its_data() {
    let test_folder = TestFolder::new();
    let begun = Instant::now();
    let cluster = test_folder.start().await;
    println!("cold start {:?}", begun.elapsed());
    let (pid, socket_dir) = (cluster.pid(), cluster.socket_dir().to_owned());
    cluster
        .sql("postgres", "CREATE TABLE kept (word text); INSERT INTO kept VALUES ('wörter')")
        .await
        .unwrap();
    let begun = Instant::now();
    cluster.stop().await.unwrap();
    println!("stop {:?}", begun.elapsed());
    assert!(!is_alive(pid));
    assert!(!socket_dir.exists());
    assert_eq!(test_folder.names(), ["postgres", "postgres.lock"]);

    let begun = Instant::now();
    let cluster = test_folder.start().await;
    println!("warm start {:?}", begun.elapsed());
    assert_eq!(cluster.sql("postgres", "SELECT upper(word) FROM kept").await.unwrap(), "WÖRTER");
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn is_durable_private_and_without_tcp() {
    let test_folder = TestFolder::new();
    let cluster = test_folder.start().await;
    let shown = cluster
        .sql(
            "postgres",
            "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit',
             'full_page_writes', 'listen_addresses', 'max_connections', 'data_checksums') ORDER BY 1;
             SELECT datcollate, datctype, pg_encoding_to_char(encoding) FROM pg_database WHERE datname = 'postgres';
             SELECT type, auth_method FROM pg_hba_file_rules",
        )
        .await
        .unwrap();
    let expected = "data_checksums|on\nfsync|on\nfull_page_writes|on\nlisten_addresses|\nmax_connections|20\n\
                    synchronous_commit|on\nC|C.utf8|UTF8\nlocal|trust";
    assert_eq!(shown, expected);
    for folder in [cluster.socket_dir(), cluster.data()] {
        let found = fs::metadata(folder).unwrap();
        assert_eq!(found.mode() & 0o777, 0o700, "{}", folder.display());
        let server = fs::metadata(format!("/proc/{}", cluster.pid())).unwrap();
        assert_eq!(found.uid(), server.uid());
        assert_ne!(found.uid(), 0);
    }
    let url = cluster.url("app", "touchstone");
    let host = cluster.socket_dir().to_str().unwrap().replace('/', "%2F");
    assert_eq!(url, format!("postgres://app@localhost:5432/touchstone?host={host}&sslmode=disable"));
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn others_attach_to_it_while_it_runs() {
    let test_folder = TestFolder::new();
    assert_eq!(Cluster::attach(&test_folder.data()).await.unwrap(), None);
    let cluster = test_folder.start().await;
    let running = Cluster::attach(&test_folder.data()).await.unwrap().unwrap();
    assert_eq!((running.pid, &*running.socket_dir), (cluster.pid(), cluster.socket_dir()));
    let access = running.access(cluster.access().installation().clone());
    assert_eq!(access.sql("postgres", "SELECT 1").await.unwrap(), "1");
    cluster.stop().await.unwrap();
    assert_eq!(Cluster::attach(&test_folder.data()).await.unwrap(), None);
}

#[tokio::test]
async fn sql_fails_with_what_psql_said() {
    let cluster = TemporaryCluster::start().await.unwrap();
    let failed = cluster.sql("postgres", "SELECT 1; SELECT nonsense; SELECT 2").await;
    let Err(Error::Sql { database, stderr }) = failed else { panic!("{failed:?}") };
    assert_eq!(database, "postgres");
    assert!(stderr.contains(r#"column "nonsense" does not exist"#), "{stderr}");
    let long = format!("SELECT length('{}'); SELECT repeat('y', 300000)", "x".repeat(300_000));
    assert_eq!(cluster.sql("postgres", &long).await.unwrap().len(), 300_007);
}

#[tokio::test]
async fn a_temporary_cluster_is_removed_when_dropped() {
    let begun = Instant::now();
    let cluster = TemporaryCluster::start_with(|settings| settings.max_connections = 7).await.unwrap();
    println!("temporary start {:?}", begun.elapsed());
    let shown = cluster.sql("postgres", "SHOW fsync; SHOW max_connections").await.unwrap();
    assert_eq!(shown, "off\n7");
    let (pid, folder) = (cluster.pid(), cluster.folder().to_owned());
    assert!(folder.exists());
    let begun = Instant::now();
    drop(cluster);
    println!("temporary drop {:?}", begun.elapsed());
    assert!(!folder.exists());
    assert!(!is_alive(pid));
}

#[tokio::test]
async fn extra_settings_win() {
    let test_folder = TestFolder::new();
    let mut settings = test_folder.settings();
    settings.durable = false;
    settings.extra = vec![("fsync".into(), "on".into()), ("work_mem".into(), "7MB".into())];
    let cluster = Cluster::start(&settings, &quiet).await.unwrap();
    assert_eq!(cluster.sql("postgres", "SHOW fsync; SHOW work_mem").await.unwrap(), "on\n7MB");
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_large_log_is_set_aside_at_the_next_start() {
    let test_folder = TestFolder::new();
    let cluster = test_folder.start().await;
    let log = cluster.log_file().to_owned();
    cluster.stop().await.unwrap();
    fs::OpenOptions::new().write(true).open(&log).unwrap().set_len(11 << 20).unwrap();
    let cluster = test_folder.start().await;
    assert_eq!(fs::metadata(log.with_extension("log.1")).unwrap().len(), 11 << 20);
    assert!(fs::metadata(&log).unwrap().len() < 10_000);
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn what_killed_tests_left_is_swept() {
    let owner = {
        let cluster = TemporaryCluster::start().await.unwrap();
        fs::metadata(cluster.folder()).unwrap().uid()
    };
    // No system gives out a number as high as this.
    let left = std::env::temp_dir().join("touchstone-test-2147483647-0badcafe");
    fs::create_dir_all(left.join("postgres/base")).unwrap();
    std::os::unix::fs::chown(&left, Some(owner), None).unwrap();
    let _young = TemporaryCluster::start().await.unwrap();
    assert!(left.exists(), "it may be in the making");
    let long_ago = std::time::UNIX_EPOCH;
    fs::File::open(&left).unwrap().set_modified(long_ago).unwrap();
    let _old = TemporaryCluster::start().await.unwrap();
    assert!(!left.exists());
}
