//! Starts that must fail, each with its own variant and a message that helps.
use std::{fs, os::unix::fs::PermissionsExt as _};

use embedded_postgres::{Cluster, Error, Installation};
use rustix::process::geteuid;

use crate::{TestFolder, quiet};

async fn refusal(settings: &embedded_postgres::Settings) -> Error {
    Cluster::start(settings, &quiet).await.unwrap_err()
}

#[tokio::test]
async fn a_second_start_on_the_same_folder() {
    let test_folder = TestFolder::new();
    let cluster = test_folder.start().await;
    let refused = refusal(&test_folder.settings()).await;
    let Error::AlreadyRunning { pid, socket_dir } = refused else { panic!("{refused:?}") };
    assert_eq!((pid, &*socket_dir), (cluster.pid(), cluster.socket_dir()));
    assert_eq!(cluster.sql("postgres", "SELECT 1").await.unwrap(), "1");
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_folder_of_another_version_or_of_something_else() {
    let test_folder = TestFolder::new();
    fs::create_dir(test_folder.data()).unwrap();
    if geteuid().is_root() {
        std::os::unix::fs::chown(test_folder.data(), Some(65534), Some(65534)).unwrap();
    }
    fs::write(test_folder.data().join("PG_VERSION"), "12\n").unwrap();
    let refused = refusal(&test_folder.settings()).await;
    assert!(matches!(&refused, Error::WrongVersion { found, .. } if found == "12"), "{refused:?}");
    fs::rename(test_folder.data().join("PG_VERSION"), test_folder.data().join("holiday.jpg")).unwrap();
    let refused = refusal(&test_folder.settings()).await;
    assert!(matches!(refused, Error::NotACluster { .. }), "{refused:?}");
    fs::remove_file(test_folder.data().join("holiday.jpg")).unwrap();
    test_folder.start().await.stop().await.unwrap();
}

#[tokio::test]
async fn a_setting_postgres_does_not_take() {
    let test_folder = TestFolder::new();
    let mut settings = test_folder.settings();
    settings.extra = vec![("work_mem".into(), "plenty".into())];
    let refused = refusal(&settings).await;
    let Error::StartFailed { log, .. } = &refused else { panic!("{refused:?}") };
    assert!(log.contains("work_mem"), "{log}");
    // Nothing is held: the next start goes through.
    test_folder.start().await.stop().await.unwrap();
}

#[tokio::test]
async fn a_folder_that_cannot_be_passed_or_written() {
    let test_folder = TestFolder::new();
    let shut = test_folder.folder.path().join("shut");
    fs::create_dir(&shut).unwrap();
    fs::set_permissions(&shut, fs::Permissions::from_mode(if geteuid().is_root() { 0o700 } else { 0o500 }))
        .unwrap();
    let mut settings = test_folder.settings();
    settings.data = shut.join("postgres");
    match refusal(&settings).await {
        Error::Unreachable { path, .. } if geteuid().is_root() => {
            assert_eq!(path, shut.canonicalize().unwrap());
        }
        Error::Unwritable { .. } if !geteuid().is_root() => {}
        other => panic!("{other:?}"),
    }
    settings.data = "/proc/nowhere/postgres".into();
    assert!(matches!(refusal(&settings).await, Error::Unwritable { .. }));
}

#[tokio::test]
async fn a_cluster_of_another_user() {
    let test_folder = TestFolder::new();
    test_folder.start().await.stop().await.unwrap();
    if geteuid().is_root() {
        std::os::unix::fs::chown(test_folder.data(), Some(0), Some(0)).unwrap();
        let refused = refusal(&test_folder.settings()).await;
        assert!(matches!(refused, Error::WrongOwner { owner: 0, .. }), "{refused:?}");
    }
}

#[tokio::test]
async fn too_little_time() {
    let test_folder = TestFolder::new();
    let mut settings = test_folder.settings();
    settings.start_timeout = std::time::Duration::ZERO;
    let refused = refusal(&settings).await;
    assert!(matches!(refused, Error::StartTimeout { seconds: 0, .. }), "{refused:?}");
    // The one given up is stopped and waited for.
    test_folder.start().await.stop().await.unwrap();
}

#[tokio::test]
async fn an_initdb_that_fails() {
    let test_folder = TestFolder::new();
    let bin = test_folder.folder.path().join("bin");
    fs::create_dir(&bin).unwrap();
    for name in ["initdb", "postgres", "psql", "pg_dump", "pg_restore"] {
        let script = "#!/bin/sh\n[ \"$1\" = --version ] && echo 'postgres (PostgreSQL) 15.1' && exit\n\
                      echo 'no space left' >&2; exit 1\n";
        fs::write(bin.join(name), script).unwrap();
        fs::set_permissions(bin.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut settings = test_folder.settings();
    settings.installation = Installation::find(Some(&bin)).unwrap();
    let refused = refusal(&settings).await;
    assert!(matches!(&refused, Error::InitFailed { output, .. } if output == "no space left"), "{refused:?}");
    assert_eq!(test_folder.names(), ["bin", "postgres.lock"]);
}
