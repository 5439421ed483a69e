//! What can go wrong: each variant says what is wrong, where, and how to mend it.
use std::{io, path::PathBuf};

/// Why a cluster could not be found, started, used or stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No installation of PostgreSQL on this machine, and no way to install one from here.
    #[error("no PostgreSQL 15 or newer found; {hint}, or name its bin folder in TOUCHSTONE_POSTGRES_BIN")]
    NotFound {
        /// The command to run.
        hint: &'static str,
    },
    /// It could be installed from here, but the caller forbade it.
    #[error("no PostgreSQL 15 or newer found and installing it is not allowed; run `{command}`")]
    WouldNeedInstall {
        /// The command to run.
        command: &'static str,
    },
    /// The package manager failed.
    #[error("installing PostgreSQL failed: `{command}` said: {detail}")]
    InstallFailed {
        /// The command that failed.
        command: String,
        /// The end of what it said.
        detail: String,
    },
    /// An installation is there, but older than version 15.
    #[error("PostgreSQL {found} in {} is too old; install version 15 or newer", path.display())]
    TooOld {
        /// The folder of its binaries.
        path: PathBuf,
        /// The version found.
        found: String,
    },
    /// The folder the caller named holds no usable installation.
    #[error("{} is no bin folder of PostgreSQL: {problem}", path.display())]
    BadInstallation {
        /// The folder named.
        path: PathBuf,
        /// What is missing or broken.
        problem: String,
    },
    /// Run by root, and there is no user PostgreSQL could run as.
    #[error("PostgreSQL refuses to run as root and there is no user `postgres` or `nobody`; create one")]
    NoAccount,
    /// The data directory belongs to somebody else.
    #[error("{} belongs to uid {owner}, but PostgreSQL would run as {account}; run as its owner or chown it",
        path.display())]
    WrongOwner {
        /// The data directory.
        path: PathBuf,
        /// Who owns it.
        owner: u32,
        /// Who would have to.
        account: String,
    },
    /// The user PostgreSQL runs as cannot pass a folder above the data directory.
    #[error("the user {account} cannot pass {}; run `chmod o+x` on it", path.display())]
    Unreachable {
        /// The first folder that cannot be passed.
        path: PathBuf,
        /// The user.
        account: String,
    },
    /// A file or folder cannot be read or written.
    #[error("cannot use {}: {source}; check its permissions and the space left", path.display())]
    Unwritable {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The data directory holds something else.
    #[error("{} is not empty and holds no PostgreSQL cluster; name another folder", path.display())]
    NotACluster {
        /// The folder.
        path: PathBuf,
    },
    /// The data directory was made by another major version.
    #[error(
        "{} was made by PostgreSQL {found}, but {installed} is installed; install PostgreSQL {found}, or dump \
         the data with it and restore the dump into a new folder", path.display())]
    WrongVersion {
        /// The data directory.
        path: PathBuf,
        /// The major version that made it.
        found: String,
        /// The major version at hand.
        installed: u32,
    },
    /// No safe place for the socket.
    #[error("{} cannot hold the socket: {problem}", path.display())]
    UnsafeSocketDirectory {
        /// The folder.
        path: PathBuf,
        /// What makes it unsafe.
        problem: &'static str,
    },
    /// Another process uses the data directory, and no PostgreSQL answers there (yet).
    #[error("another process holds {}; wait for it to start or end", path.display())]
    Locked {
        /// The lock file.
        path: PathBuf,
    },
    /// A PostgreSQL already serves the data directory.
    #[error("already running as process {pid} with its socket in {}; stop it first", socket_dir.display())]
    AlreadyRunning {
        /// Its process.
        pid: u32,
        /// Where its socket lies.
        socket_dir: PathBuf,
    },
    /// `initdb` failed.
    #[error("creating the database cluster {} failed: {output}", path.display())]
    InitFailed {
        /// The data directory that was to be made.
        path: PathBuf,
        /// The end of what `initdb` said.
        output: String,
    },
    /// PostgreSQL ended while starting.
    #[error("PostgreSQL did not start on {}; its log ends with:\n{log}", path.display())]
    StartFailed {
        /// The data directory.
        path: PathBuf,
        /// The last lines of its log.
        log: String,
    },
    /// PostgreSQL was not ready in time.
    #[error("PostgreSQL on {} was not ready within {seconds} seconds; its log ends with:\n{log}", path.display())]
    StartTimeout {
        /// The data directory.
        path: PathBuf,
        /// How long was waited.
        seconds: u64,
        /// The last lines of its log.
        log: String,
    },
    /// PostgreSQL did not end cleanly; its next start will recover from the write-ahead log.
    #[error("PostgreSQL on {} did not stop cleanly (its next start recovers); its log ends with:\n{log}",
        path.display())]
    StopFailed {
        /// The data directory.
        path: PathBuf,
        /// The last lines of its log.
        log: String,
    },
    /// A program could not be run at all.
    #[error("cannot run {}: {source}", program.display())]
    Run {
        /// The program.
        program: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A statement failed.
    #[error("SQL failed on database {database}: {stderr}")]
    Sql {
        /// The database.
        database: String,
        /// What `psql` said.
        stderr: String,
    },
    /// `pg_dump` failed; no file was left.
    #[error("dumping database {database} failed: {stderr}")]
    DumpFailed {
        /// The database.
        database: String,
        /// What `pg_dump` said.
        stderr: String,
    },
    /// `pg_restore` failed; the database is as it was.
    #[error("restoring database {database} from {} failed, nothing was changed: {stderr}", file.display())]
    RestoreFailed {
        /// The database.
        database: String,
        /// The dump.
        file: PathBuf,
        /// What `pg_restore` said.
        stderr: String,
    },
}

impl Error {
    pub(crate) fn unwritable(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Unwritable { path, source }
    }

    pub(crate) fn run(program: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let program = program.into();
        move |source| Self::Run { program, source }
    }
}
