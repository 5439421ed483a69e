//! Connections that wait for work, and the limit on how many there are.

use std::{
    io::ErrorKind,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use kernel::StoreError;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep, timeout_at},
};
use tokio_postgres::error::SqlState;

use super::{
    address::Address,
    connection::{Connection, Home, io_error, said},
};

/// A connection that rested for longer is closed, unless it is among the few that are kept.
const RESTS: Duration = Duration::from_secs(600);

/// How long to wait before a server that does not answer yet is tried again.
const AGAIN_AFTER: Duration = Duration::from_millis(50);

/// A pool. Whoever waits for a connection is served in the order of asking.
pub(crate) struct Pool {
    address: Address,
    most: usize,
    kept: usize,
    patience: Duration,
    permits: Arc<Semaphore>,
    connections: Mutex<Connections>,
}

#[derive(Default)]
struct Connections {
    /// Those that are or are being opened, whether they rest or work.
    open: usize,
    /// Those that rest, the last used at the end.
    resting: Vec<(Arc<Connection>, Instant)>,
}

impl Connections {
    fn forget(&mut self, is_over: impl Fn(&(Arc<Connection>, Instant)) -> bool, kept: usize) {
        let mut open = self.open;
        self.resting.retain(|rested| {
            let goes = open > kept && is_over(rested);
            open -= usize::from(goes);
            !goes
        });
        self.open = open;
    }
}

impl Pool {
    /// A pool without any connection yet.
    pub(crate) fn new(address: Address, most: u32, kept: u32, patience: Duration) -> Arc<Self> {
        let (most, kept) = (most.max(1) as usize, kept as usize);
        let permits = Arc::new(Semaphore::new(most));
        Arc::new(Self { address, most, kept, patience, permits, connections: Mutex::default() })
    }

    /// A connection: one of the caller's thread that rests, or a new one, or, when there are enough, one of another
    /// thread. Whoever waited in vain is told that the database is busy.
    pub(crate) async fn lease(self: &Arc<Self>) -> Result<Lease, StoreError> {
        let deadline = Instant::now() + self.patience;
        let permit = match timeout_at(deadline, Arc::clone(&self.permits).acquire_owned()).await {
            Ok(Ok(permit)) => permit,
            Ok(Err(_)) => return Err(StoreError::Unavailable("the database's pool is closed".to_owned())),
            Err(_) => return Err(StoreError::Unavailable("no database connection became free".to_owned())),
        };
        let rested = self.take();
        let mut lease = Lease { pool: Arc::clone(self), connection: rested, _permit: permit };
        if lease.connection.is_none() {
            lease.connection = Some(self.open(deadline).await?);
        }
        Ok(lease)
    }

    /// A connection that rests. Where there is none, the caller has room to open one.
    fn take(&self) -> Option<Arc<Connection>> {
        let home = Home::of_caller();
        let mut connections = self.connections();
        connections.forget(|(connection, _)| connection.is_closed(), 0);
        let own = connections.resting.iter().rposition(|(connection, _)| connection.home == home);
        if own.is_none() && connections.open < self.most {
            connections.open += 1;
            return None;
        }
        // Whoever holds a permit and finds all connections open finds one that rests.
        let at = own.unwrap_or_default();
        Some(connections.resting.remove(at).0)
    }

    async fn open(&self, deadline: Instant) -> Result<Arc<Connection>, StoreError> {
        loop {
            // Boxed: whoever begins a transaction would hold the room for opening a connection too.
            let opening = Box::pin(Connection::open(&self.address));
            let error = match timeout_at(deadline, opening).await {
                Ok(Ok(connection)) => return Ok(Arc::new(connection)),
                Ok(Err(error)) => error,
                Err(_) => return Err(StoreError::Unavailable("PostgreSQL does not answer".to_owned())),
            };
            if !is_starting(&error) || Instant::now() + AGAIN_AFTER > deadline {
                return Err(StoreError::Unavailable(said(&error)));
            }
            sleep(AGAIN_AFTER).await;
        }
    }

    /// Waits for running work, and closes all connections. Nobody gets one any more.
    pub(crate) async fn close(&self) {
        let all = u32::try_from(self.most).unwrap_or(u32::MAX);
        let waited = self.permits.acquire_many(all).await;
        self.permits.close();
        drop(waited);
        mem::take(&mut self.connections().resting);
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.permits.is_closed()
    }

    fn connections(&self) -> MutexGuard<'_, Connections> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a server is on its way up or down, or has no place for the moment.
fn is_starting(error: &tokio_postgres::Error) -> bool {
    let (now, full) = (SqlState::CANNOT_CONNECT_NOW, SqlState::TOO_MANY_CONNECTIONS);
    error.code().is_some_and(|state| [now, full].contains(state))
        || io_error(error).is_some_and(|error| {
            matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset)
        })
}

/// A connection on loan, which goes back to the pool when this is dropped.
pub(crate) struct Lease {
    pool: Arc<Pool>,
    connection: Option<Arc<Connection>>,
    _permit: OwnedSemaphorePermit,
}

impl Lease {
    pub(crate) fn connection(&self) -> Option<&Arc<Connection>> {
        self.connection.as_ref()
    }

    /// The most connections there are.
    pub(crate) fn most(&self) -> usize {
        self.pool.most
    }

    /// Closes the connection and takes another: one that rests, else a new one.
    pub(crate) async fn replace(&mut self) -> Result<(), StoreError> {
        self.discard();
        self.pool.connections().open -= 1;
        self.connection = self.pool.take();
        if self.connection.is_none() {
            self.connection = Some(self.pool.open(Instant::now() + self.pool.patience).await?);
        }
        Ok(())
    }

    /// Closes the connection.
    pub(crate) fn discard(&mut self) {
        self.connection = None;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut connections = self.pool.connections();
        match self.connection.take() {
            Some(connection) if !connection.is_closed() && !self.pool.permits.is_closed() => {
                let now = Instant::now();
                connections.forget(|(_, since)| now - *since > RESTS, self.pool.kept);
                connections.resting.push((connection, now));
            }
            _ => connections.open -= 1,
        }
    }
}
