//! The `sh` process between us and PostgreSQL, which stops PostgreSQL when we end, however we end.
use std::{
    ffi::{OsStr, OsString},
    io::{BufRead as _, BufReader},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ExitStatus, Stdio},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use tokio::sync::watch;

use crate::{Error, account::Account, lock::Lock, log::Log};

const SCRIPT: &str = include_str!("supervisor.sh");

/// How PostgreSQL ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exit {
    /// Its exit code, 128 and more for a signal; `None` when even the supervisor was killed.
    pub code: Option<i32>,
    /// The last lines of its log.
    pub log: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Starting,
    Running(u32),
    Exited(Option<i32>),
}

/// What must stay until PostgreSQL has ended.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) socket_dir: PathBuf,
    pub(crate) _lock: Arc<Lock>,
}

impl Drop for Held {
    /// The fields go after this: nobody can take the lock and lose the folder.
    fn drop(&mut self) {
        // Goes only when it is empty.
        let _ = std::fs::remove_dir(&self.socket_dir);
    }
}

/// Dropping it stops PostgreSQL, without waiting.
#[derive(Debug)]
pub(crate) struct Supervisor {
    pipe: Option<ChildStdin>,
    state: watch::Receiver<State>,
}

impl Supervisor {
    /// `temporary` names a folder to stop without care and to remove afterwards.
    pub(crate) fn spawn(
        account: &Account,
        postgres: &Path,
        arguments: &[OsString],
        log: &Log,
        temporary: Option<&Path>,
        holds: Held,
    ) -> Result<Self, Error> {
        let mut child = account
            .command("sh")
            .args(["-c", SCRIPT, "touchstone-postgres"])
            .arg(log.path())
            .arg(if temporary.is_some() { "QUIT" } else { "INT" })
            .arg(temporary.map_or(OsStr::new(""), Path::as_os_str))
            .arg(postgres)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(Error::run("sh"))?;
        let pipe = child.stdin.take();
        let (sender, state) = watch::channel(State::Starting);
        // A thread, not a task: it must outlast the runtime that started it, as tests share one cluster.
        thread::spawn(move || {
            if let Some(pid) = announced_pid(&mut child) {
                sender.send_replace(State::Running(pid));
            }
            let code = child.wait().ok().as_ref().and_then(ExitStatus::code);
            drop(holds);
            sender.send_replace(State::Exited(code));
        });
        Ok(Self { pipe, state })
    }

    pub(crate) fn state(&self) -> State {
        match *self.state.borrow() {
            state @ State::Exited(_) => state,
            _ if self.state.has_changed().is_err() => State::Exited(None),
            state => state,
        }
    }

    /// Asks PostgreSQL to stop.
    pub(crate) fn close(&mut self) {
        self.pipe = None;
    }

    pub(crate) fn exited(&self) -> impl Future<Output = Option<i32>> + Send + use<> {
        let mut state = self.state.clone();
        async move {
            match state.wait_for(|state| matches!(state, State::Exited(_))).await.as_deref() {
                Ok(State::Exited(code)) => *code,
                _ => None,
            }
        }
    }

    /// For `drop`, which cannot await.
    pub(crate) fn wait_blocking(&self, at_most: Duration) {
        let end = Instant::now() + at_most;
        while !matches!(self.state(), State::Exited(_)) && Instant::now() < end {
            thread::sleep(Duration::from_millis(5));
        }
    }
}

fn announced_pid(child: &mut Child) -> Option<u32> {
    let mut line = String::new();
    BufReader::new(child.stdout.take()?).read_line(&mut line).ok()?;
    line.trim().parse().ok()
}
