//! A cluster from start to stop.
use std::{
    fs::DirBuilder,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use rustix::process::geteuid;
use tokio::time::sleep;

use crate::{
    Access, Error, Exit, Progress, Settings,
    account::Account,
    initdb::{self, Found},
    lock::{self, Lock},
    log::Log,
    postmaster::{Postmaster, Status},
    socket,
    supervisor::{Held, State, Supervisor},
};

const POLL: Duration = Duration::from_millis(10);
/// How long a process that holds the folder may take to show that it serves, or that it ends.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long one that serves may take to hear that it must stop, before it counts as running.
const GRACE: Duration = Duration::from_millis(500);
/// Ten seconds to stop, a few more for the immediate stop after them.
const STOP_TIMEOUT: Duration = Duration::from_secs(20);

/// A running cluster, which ends when this value or this process does.
#[derive(Debug)]
pub struct Cluster {
    access: Access,
    data: PathBuf,
    pid: u32,
    log: Log,
    supervisor: Supervisor,
}

/// A cluster that another process runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// The process of PostgreSQL.
    pub pid: u32,
    /// The folder of its socket.
    pub socket_dir: PathBuf,
}

impl Running {
    /// The way into it.
    pub fn access(&self, installation: crate::Installation) -> Access {
        Access { installation, socket_dir: self.socket_dir.clone() }
    }
}

impl Cluster {
    /// Starts the cluster in `settings.data`, which is made when there is none, and waits until it answers.
    pub async fn start(settings: &Settings, progress: Progress<'_>) -> Result<Self, Error> {
        let mut settings = settings.clone();
        create_parent(&settings.data)?;
        settings.data = resolve(&settings.data)?;
        let account = Account::for_data(&settings.data)?;
        let parent = settings.data.parent().unwrap_or(Path::new("/"));
        account.check_passes(parent).await?;
        let lock = Arc::new(take_lock(&settings.data).await?);
        match initdb::look(&settings.data)? {
            Found::Cluster(version) => settings.installation = initdb::matching(&settings, &version)?,
            Found::Nothing => {
                progress(&format!("creating a database cluster in {}", settings.data.display()));
                initdb::create(&settings, &account).await?;
            }
        }
        launch(settings, &account, &lock, progress).await
    }

    /// The cluster that another process runs in `data`; waits for one that is starting or stopping.
    pub async fn attach(data: &Path) -> Result<Option<Running>, Error> {
        let data = resolve(data)?;
        let end = Instant::now() + Duration::from_mins(1);
        loop {
            match Postmaster::alive(&data)? {
                None => return Ok(None),
                Some(found) if found.status == Status::Ready => {
                    return Ok(Some(Running { pid: found.pid, socket_dir: found.socket_dir }));
                }
                Some(_) if Instant::now() < end => sleep(POLL).await,
                Some(_) => return Err(Error::Locked { path: data.join("postmaster.pid") }),
            }
        }
    }

    /// The way into it, to be kept and cloned.
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// The data directory.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The log of PostgreSQL.
    pub fn log_file(&self) -> &Path {
        self.log.path()
    }

    /// The process of PostgreSQL.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// See [`Access::socket_dir`].
    pub fn socket_dir(&self) -> &Path {
        self.access.socket_dir()
    }

    /// See [`Access::url`].
    pub fn url(&self, user: &str, database: &str) -> String {
        self.access.url(user, database)
    }

    /// See [`Access::sql`].
    pub async fn sql(&self, database: &str, sql: &str) -> Result<String, Error> {
        self.access.sql(database, sql).await
    }

    /// See [`Access::dump`].
    pub async fn dump(&self, database: &str, file: &Path) -> Result<(), Error> {
        self.access.dump(database, file).await
    }

    /// See [`Access::restore`].
    pub async fn restore(&self, database: &str, file: &Path) -> Result<(), Error> {
        self.access.restore(database, file).await
    }

    /// Ends when PostgreSQL does. It borrows nothing, so that it can wait beside everything else.
    pub fn exited(&self) -> impl Future<Output = Exit> + Send + use<> {
        let (exited, log) = (self.supervisor.exited(), self.log.clone());
        async move { Exit { code: exited.await, log: log.tail() } }
    }

    /// Ends all sessions, writes everything down and stops PostgreSQL.
    pub async fn stop(mut self) -> Result<(), Error> {
        let exited = self.supervisor.exited();
        self.supervisor.close();
        let code = tokio::time::timeout(STOP_TIMEOUT, exited).await;
        if code == Ok(Some(0)) {
            return Ok(());
        }
        Err(Error::StopFailed { path: self.data, log: self.log.tail() })
    }

    /// For `drop`, which cannot await.
    pub(crate) fn stop_blocking(&mut self) {
        self.supervisor.close();
        self.supervisor.wait_blocking(STOP_TIMEOUT);
    }
}

/// The supervisor runs in `/`, and the same folder must always get the same lock and socket.
fn resolve(data: &Path) -> Result<PathBuf, Error> {
    let data = std::path::absolute(data).map_err(Error::unwritable(data))?;
    if let Ok(real) = data.canonicalize() {
        return Ok(real);
    }
    match (data.parent().and_then(|parent| parent.canonicalize().ok()), data.file_name()) {
        (Some(parent), Some(name)) => Ok(parent.join(name)),
        _ => Ok(data),
    }
}

fn create_parent(data: &Path) -> Result<(), Error> {
    let data = std::path::absolute(data).map_err(Error::unwritable(data))?;
    let parent = data.parent().unwrap_or(Path::new("/"));
    let mode = if geteuid().is_root() { 0o711 } else { 0o700 };
    DirBuilder::new().recursive(true).mode(mode).create(parent).map_err(Error::unwritable(parent))
}

/// A lock that is free beside a living PostgreSQL means that its server died just now and that it is stopping, even
/// when it does not say so yet: one that was told to stop while it starts hears of it late on a busy machine.
async fn take_lock(data: &Path) -> Result<Lock, Error> {
    let begun = Instant::now();
    let mut stopping = false;
    loop {
        let lock = Lock::try_take(data)?;
        let running = Postmaster::alive(data)?;
        stopping |= running.as_ref().is_some_and(|found| found.status == Status::Stopping);
        let patience = match (lock, &running) {
            (Some(lock), None) => return Ok(lock),
            (Some(_), Some(_)) => STOP_TIMEOUT + PATIENCE,
            _ if stopping => STOP_TIMEOUT + PATIENCE,
            (None, Some(found)) if found.status == Status::Ready => GRACE,
            _ => PATIENCE,
        };
        if begun.elapsed() >= patience {
            return Err(match running {
                Some(found) => Error::AlreadyRunning { pid: found.pid, socket_dir: found.socket_dir },
                None => Error::Locked { path: lock::path(data) },
            });
        }
        sleep(POLL).await;
    }
}

async fn launch(
    settings: Settings,
    account: &Account,
    lock: &Arc<Lock>,
    progress: Progress<'_>,
) -> Result<Cluster, Error> {
    let postgres = settings.installation.program("postgres");
    let begun = Instant::now();
    let mut told = false;
    loop {
        Postmaster::remove_stale(&settings.data)?;
        let temporary = settings.temporary.as_deref();
        let socket_dir = match temporary {
            Some(base) => socket::prepare_at(&base.join("s"), account)?,
            None => socket::prepare(&settings.data, account)?,
        };
        let mut arguments = vec!["-D".into(), settings.data.clone().into_os_string()];
        arguments.extend(settings.arguments(&socket_dir));
        let log = Log::of(&settings.data);
        let held = Held { socket_dir: socket_dir.clone(), _lock: Arc::clone(lock) };
        let supervisor = Supervisor::spawn(account, &postgres, &arguments, &log, temporary, held)?;
        loop {
            match supervisor.state() {
                State::Exited(_) => break,
                State::Running(pid) if is_ready(&settings.data, pid) => {
                    let access = Access { installation: settings.installation, socket_dir };
                    return Ok(Cluster { access, data: settings.data, pid, log, supervisor });
                }
                State::Starting | State::Running(_) => {}
            }
            if begun.elapsed() > settings.start_timeout {
                let seconds = settings.start_timeout.as_secs();
                return Err(Error::StartTimeout { path: settings.data.clone(), seconds, log: log.tail() });
            }
            if !told && begun.elapsed() > Duration::from_secs(2) {
                told = true;
                progress("PostgreSQL is still starting (it recovers when it was not stopped cleanly)");
            }
            sleep(POLL).await;
        }
        let log = log.tail();
        if !is_passing(&log) || begun.elapsed() > PATIENCE {
            return Err(Error::StartFailed { path: settings.data.clone(), log });
        }
        sleep(10 * POLL).await;
    }
}

/// The file of an earlier run may still say "ready": the process must be ours.
fn is_ready(data: &Path, pid: u32) -> bool {
    let found = Postmaster::read(data).ok().flatten();
    found.is_some_and(|found| found.pid == pid && found.status == Status::Ready)
}

/// Children of a killed postmaster take a moment to notice and to let go.
fn is_passing(log: &str) -> bool {
    ["pre-existing shared memory block", "lock file \"postmaster.pid\" already exists"]
        .iter()
        .any(|said| log.contains(said))
}
