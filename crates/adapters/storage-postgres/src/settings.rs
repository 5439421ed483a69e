//! How to reach PostgreSQL, and with how many connections.

use std::{sync::Arc, time::Duration};

use crate::{
    ConnectError,
    driver::{Address, Pool},
};

/// A statement, the wait for a lock and an idle transaction end by themselves. No statement runs long enough to be
/// worth compiling, which takes 150 ms where the planner expects too much.
const SESSION: [(&str, &str); 4] = [
    ("statement_timeout", "5s"),
    ("lock_timeout", "2s"),
    ("idle_in_transaction_session_timeout", "10s"),
    ("jit", "off"),
];

/// How to reach PostgreSQL. Start from [`Settings::new`] and change what you need.
#[derive(Clone)]
#[non_exhaustive]
pub struct Settings {
    /// `postgres://touchstone_app@host/database`; a socket's folder goes into `?host=%2Ffolder`.
    pub url: String,
    /// The most connections; 10 unless set.
    pub max_connections: u32,
    /// Connections kept open; 1 unless set.
    pub min_connections: u32,
    /// How long a unit may wait for a connection; 3 seconds unless set.
    pub acquire_timeout: Duration,
    /// Where commits of other processes are heard of; at `url` unless set.
    pub listen: Listen,
}

/// Where commits of other processes are heard of.
#[derive(Clone)]
pub enum Listen {
    /// At the database's own address.
    Same,
    /// Nowhere: whoever waits for work looks for it.
    Off,
    /// At this address. A pooler in transaction mode cannot pass on what is heard: it leads past one.
    At(String),
}

impl Settings {
    /// Ten connections at most, one kept open, three seconds of patience.
    pub fn new(url: impl Into<String>) -> Self {
        let acquire_timeout = Duration::from_secs(3);
        let listen = Listen::Same;
        Self { url: url.into(), max_connections: 10, min_connections: 1, acquire_timeout, listen }
    }

    fn address(url: &str) -> Result<Address, ConnectError> {
        Address::new(url, &SESSION).map_err(ConnectError::Url)
    }

    /// Where to listen, if anywhere.
    pub(crate) fn listening(&self) -> Result<Option<Address>, ConnectError> {
        match &self.listen {
            Listen::Same => Self::address(&self.url).map(Some),
            Listen::Off => Ok(None),
            Listen::At(url) => Self::address(url).map(Some),
        }
    }

    pub(crate) fn pool(&self) -> Result<Arc<Pool>, ConnectError> {
        let address = Self::address(&self.url)?;
        Ok(Pool::new(address, self.max_connections, self.min_connections, self.acquire_timeout))
    }
}

/// The address may hold a password.
impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("max_connections", &self.max_connections)
            .field("min_connections", &self.min_connections)
            .field("acquire_timeout", &self.acquire_timeout)
            .finish_non_exhaustive()
    }
}
