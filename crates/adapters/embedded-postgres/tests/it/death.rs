//! What happens when PostgreSQL, its supervisor's parent, or initdb is killed.
use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use embedded_postgres::Cluster;
use rustix::process::Signal;

use crate::{TestFolder, is_alive, kill, quiet, wait_until};

/// Our example in a process of its own: the process, PostgreSQL's number, and the folder it names.
fn hold(data: Option<&Path>) -> (Child, u32, PathBuf) {
    let test = std::env::current_exe().unwrap();
    let program = test.parent().unwrap().parent().unwrap().join("examples/hold");
    let mut command = Command::new(program);
    command.args(data).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || lines.next().unwrap().unwrap();
    let (pid, folder) = (next().parse().unwrap(), next().into());
    (child, pid, folder)
}

#[tokio::test]
async fn a_killed_postgres_is_noticed_and_loses_nothing_committed() {
    let test_folder = TestFolder::new();
    let cluster = test_folder.start().await;
    let exited = cluster.exited();
    cluster.sql("postgres", "CREATE TABLE kept (n int); INSERT INTO kept VALUES (42)").await.unwrap();
    kill(Signal::KILL, cluster.pid());
    let exit = tokio::time::timeout(Duration::from_secs(5), exited).await.unwrap();
    assert_eq!(exit.code, Some(128 + 9));
    assert!(exit.log.contains("ready to accept connections"), "{}", exit.log);
    assert!(cluster.stop().await.is_err());

    let begun = Instant::now();
    let cluster = test_folder.start().await;
    println!("start after kill -9 {:?}", begun.elapsed());
    assert_eq!(cluster.sql("postgres", "SELECT n FROM kept").await.unwrap(), "42");
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn postgres_never_outlives_a_killed_parent() {
    let test_folder = TestFolder::new();
    let (mut parent, pid, _) = hold(Some(&test_folder.data()));
    assert!(is_alive(pid));
    parent.kill().unwrap();
    parent.wait().unwrap();
    // At once, while the old one is still stopping: the start waits for it.
    let cluster = test_folder.start().await;
    assert!(!is_alive(pid));
    let log = fs::read_to_string(cluster.log_file()).unwrap();
    assert!(log.contains("received fast shutdown request"), "{log}");
    assert!(!log.contains("was not properly shut down"), "{log}");
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_session_that_never_ends_does_not_hold_it_up() {
    let test_folder = TestFolder::new();
    let (mut parent, pid, socket_dir) = hold(Some(&test_folder.data()));
    let running = Cluster::attach(&test_folder.data()).await.unwrap().unwrap();
    assert_eq!(running.socket_dir, socket_dir);
    let access = running.access(test_folder.settings().installation);
    let endless = tokio::spawn(async move { access.sql("postgres", "SELECT pg_sleep(1000)").await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    parent.kill().unwrap();
    parent.wait().unwrap();
    wait_until("postgres ended", || !is_alive(pid)).await;
    assert!(endless.await.unwrap().is_err());
}

#[tokio::test]
async fn a_temporary_cluster_is_removed_when_its_process_is_killed() {
    let (mut parent, pid, folder) = hold(None);
    assert!(folder.exists());
    parent.kill().unwrap();
    parent.wait().unwrap();
    wait_until("postgres ended", || !is_alive(pid)).await;
    wait_until("folder removed", || !folder.exists()).await;
}

#[tokio::test]
async fn dropping_a_cluster_stops_it() {
    let test_folder = TestFolder::new();
    let cluster = test_folder.start().await;
    let pid = cluster.pid();
    drop(cluster);
    wait_until("postgres ended", || !is_alive(pid)).await;

    let cluster = test_folder.start().await;
    drop(cluster);
    test_folder.start().await.stop().await.unwrap();
}

#[tokio::test]
async fn a_postgres_stopped_by_hand_is_noticed() {
    let test_folder = TestFolder::new();
    let cluster = test_folder.start().await;
    kill(Signal::INT, cluster.pid());
    let exit = cluster.exited().await;
    assert_eq!(exit.code, Some(0));
    assert!(exit.log.contains("database system is shut down"), "{}", exit.log);
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn an_interrupted_initdb_leaves_nothing_half_made() {
    let test_folder = TestFolder::new();
    let leftover = test_folder.folder.path().join("postgres.initdb-0123456789abcdef");
    fs::create_dir_all(leftover.join("base")).unwrap();
    fs::write(leftover.join("PG_VERSION"), "15\n").unwrap();
    let settings = test_folder.settings();
    let soon = Duration::from_millis(150);
    assert!(
        tokio::time::timeout(soon, Cluster::start(&settings, &quiet)).await.is_err(),
        "too fast to interrupt"
    );
    assert!(!test_folder.data().exists());
    let cluster = test_folder.start().await;
    assert_eq!(test_folder.names(), ["postgres", "postgres.lock"]);
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_stale_pid_file_is_no_obstacle() {
    let test_folder = TestFolder::new();
    test_folder.start().await.stop().await.unwrap();
    // The number of a living process that is no PostgreSQL, with every line of a ready server.
    let pid = std::process::id();
    let stale = format!("{pid}\n{}\n1\n5432\n/nowhere\n\n  1  1\nready   \n", test_folder.data().display());
    fs::write(test_folder.data().join("postmaster.pid"), stale).unwrap();
    if rustix::process::geteuid().is_root() {
        let owner = std::os::unix::fs::MetadataExt::uid(&fs::metadata(test_folder.data()).unwrap());
        std::os::unix::fs::chown(test_folder.data().join("postmaster.pid"), Some(owner), Some(owner))
            .unwrap();
    }
    assert_eq!(Cluster::attach(&test_folder.data()).await.unwrap(), None);
    test_folder.start().await.stop().await.unwrap();
}

/// What a service manager does when it ends a service: the signal goes to every process at once.
#[tokio::test]
async fn the_supervisor_does_its_work_after_a_signal_to_its_whole_group() {
    let test_folder = TestFolder::new();
    let cluster = test_folder.start().await;
    let stat = fs::read_to_string(format!("/proc/{}/stat", cluster.pid())).unwrap();
    let group: i32 = stat.rsplit(") ").next().unwrap().split(' ').nth(2).unwrap().parse().unwrap();
    let access = cluster.access().clone();
    let endless = tokio::spawn(async move { access.sql("postgres", "SELECT pg_sleep(1000)").await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    let group = rustix::process::Pid::from_raw(group).unwrap();
    for signal in [Signal::TERM, Signal::HUP] {
        rustix::process::kill_process_group(group, signal).unwrap();
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(is_alive(cluster.pid()), "it waits for the session");
    cluster.stop().await.unwrap();
    assert!(endless.await.unwrap().is_err());
}
