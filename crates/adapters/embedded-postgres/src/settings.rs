//! How a cluster is to be run.
use std::{ffi::OsString, path::PathBuf, time::Duration};

use crate::Installation;

/// The one port number, which only names the socket file: nothing listens on TCP.
pub(crate) const PORT: &str = "5432";

/// How a cluster is to be run. Start from [`Settings::new`] and change what you need.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Settings {
    /// The binaries to run.
    pub installation: Installation,
    /// The folder of the cluster; created at the first start. Folders missing above it are created too,
    /// passable for everybody but readable only for their owner when started by root.
    pub data: PathBuf,
    /// `true`: an acknowledged commit survives a power cut. `false`: fast and fit for tests only.
    pub durable: bool,
    /// The most connections at one time.
    pub max_connections: u16,
    /// More settings of `postgresql.conf`; they win over ours.
    pub extra: Vec<(String, String)>,
    /// How long a start may take, crash recovery included.
    pub start_timeout: Duration,
    pub(crate) temporary: Option<PathBuf>,
}

impl Settings {
    /// A durable cluster with 100 connections and 60 seconds to start.
    pub fn new(installation: Installation, data: impl Into<PathBuf>) -> Self {
        Self {
            installation,
            data: data.into(),
            durable: true,
            max_connections: 100,
            extra: Vec::new(),
            start_timeout: Duration::from_mins(1),
            temporary: None,
        }
    }

    /// On the command line they win over `postgresql.conf` and over `ALTER SYSTEM`.
    pub(crate) fn arguments(&self, socket_dir: &std::path::Path) -> Vec<OsString> {
        let switch = if self.durable { "on" } else { "off" };
        let mut sockets = OsString::from("unix_socket_directories=");
        sockets.push(socket_dir);
        let mut pairs: Vec<OsString> = vec![
            sockets,
            "unix_socket_permissions=0700".into(),
            "listen_addresses=".into(),
            format!("port={PORT}").into(),
            format!("max_connections={}", self.max_connections).into(),
            format!("fsync={switch}").into(),
            format!("synchronous_commit={switch}").into(),
            format!("full_page_writes={switch}").into(),
            "logging_collector=off".into(),
            "log_destination=stderr".into(),
            "log_line_prefix=%m [%p] ".into(),
        ];
        pairs.extend(self.extra.iter().map(|(name, value)| format!("{name}={value}").into()));
        pairs.into_iter().flat_map(|pair| ["-c".into(), pair]).collect()
    }
}
