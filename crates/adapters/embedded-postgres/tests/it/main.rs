//! The cluster on this machine's PostgreSQL: nothing here is simulated.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod death;
mod dumps;
mod life;
mod refusals;

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use embedded_postgres::{Cluster, Installation, Settings};
use tempfile::TempDir;

/// A folder every user may pass, as an operator's data folder is.
struct TestFolder {
    folder: TempDir,
}

impl TestFolder {
    fn new() -> Self {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir_in("/tmp").unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711)).unwrap();
        Self { folder }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("postgres")
    }

    fn settings(&self) -> Settings {
        let mut settings = Settings::new(Installation::find_named().unwrap(), self.data());
        settings.max_connections = 20;
        settings
    }

    async fn start(&self) -> Cluster {
        Cluster::start(&self.settings(), &quiet).await.unwrap()
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn quiet(_: &str) {}

fn kill(signal: rustix::process::Signal, pid: u32) {
    let pid = rustix::process::Pid::from_raw(pid.try_into().unwrap()).unwrap();
    rustix::process::kill_process(pid, signal).unwrap();
}

fn is_alive(pid: u32) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
        && fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

async fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(20), "still not: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
