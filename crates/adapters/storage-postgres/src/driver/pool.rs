//! Connections that wait for work, and the limit on how many there are.

use std::{
    collections::HashMap,
    io::ErrorKind,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use kernel::StoreError;
use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep, timeout_at},
};
use tokio_postgres::error::SqlState;

use super::{
    address::Address,
    connection::{Connection, Home, io_error, said},
};

/// A connection that rested for longer is closed, unless it is among the few that are kept.
const RESTS: Duration = Duration::from_secs(600);

/// How long a thread waits for a connection of its own while one of another's rests.
const SOON: Duration = Duration::from_millis(1);

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
    /// Tells that a connection rests again.
    returned: Notify,
    /// How often somebody waited for an answer, by the threads they did it on, for the test that counts what operations
    /// cost.
    #[cfg(feature = "testing")]
    pub(crate) flights: Mutex<HashMap<std::thread::ThreadId, u64>>,
}

#[derive(Default)]
struct Connections {
    /// How many there are, or are being opened, whether they rest or work; by whose they are.
    open: HashMap<Home, usize>,
    /// Those that rest, the last used at the end.
    resting: Vec<(Arc<Connection>, Instant)>,
}

impl Connections {
    fn count(&self) -> usize {
        self.open.values().sum()
    }

    fn add(&mut self, home: Home) {
        *self.open.entry(home).or_default() += 1;
    }

    fn subtract(&mut self, home: Home) {
        if let Some(count) = self.open.get_mut(&home) {
            *count -= 1;
            if *count == 0 {
                self.open.remove(&home);
            }
        }
    }

    fn forget(&mut self, is_over: impl Fn(&(Arc<Connection>, Instant)) -> bool, kept: usize) {
        let mut surplus = self.count().saturating_sub(kept);
        let over = self.resting.extract_if(.., |rested| {
            let goes = surplus > 0 && is_over(rested);
            surplus -= usize::from(goes);
            goes
        });
        for (connection, _) in over.collect::<Vec<_>>() {
            self.subtract(connection.home);
        }
    }

    /// Makes room for a thread that has less than its share: one that rests and is no thread's, or of a thread that has
    /// more, is closed.
    fn make_room(&mut self, home: Home, most: usize) -> bool {
        let threads = self.open.keys().filter(|other| **other != home && **other != Home::Shared).count() + 1;
        let (share, open) = ((most / threads).max(1), &self.open);
        let count = |of: Home| open.get(&of).copied().unwrap_or_default();
        if home == Home::Shared || count(home) >= share {
            return false;
        }
        let spare = |of: Home| of == Home::Shared || count(of) > share;
        let Some(spare) = self.resting.iter().position(|(connection, _)| spare(connection.home)) else {
            return false;
        };
        let (closed, _) = self.resting.remove(spare);
        self.subtract(closed.home);
        true
    }
}

/// What there is for somebody who wants a connection.
enum Found {
    Resting(Arc<Connection>),
    /// Room to open one, which is counted already.
    Room,
    /// All of the caller's thread work, and one of them will soon rest.
    Soon,
}

impl Pool {
    /// A pool without any connection yet.
    pub(crate) fn new(address: Address, most: u32, kept: u32, patience: Duration) -> Arc<Self> {
        let (most, kept) = (most.max(1) as usize, kept as usize);
        let permits = Arc::new(Semaphore::new(most));
        Arc::new(Self {
            address,
            most,
            kept,
            patience,
            permits,
            connections: Mutex::default(),
            returned: Notify::new(),
            #[cfg(feature = "testing")]
            flights: Mutex::default(),
        })
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
        let home = Home::of_caller();
        let soon = Instant::now() + SOON;
        let connection = loop {
            match self.take(home, Instant::now() < soon) {
                Found::Resting(connection) => break Some(connection),
                Found::Room => break None,
                Found::Soon => {
                    let _ = timeout_at(soon, self.returned.notified()).await;
                }
            }
        };
        let home = connection.as_ref().map_or(home, |connection| connection.home);
        let mut lease = Lease { pool: Arc::clone(self), connection, home, _permit: permit };
        if lease.connection.is_none() {
            lease.connection = Some(self.open(deadline).await?);
        }
        Ok(lease)
    }

    /// Whoever holds a permit and finds all connections open finds one that rests. One of another thread is slower,
    /// since each answer wakes that thread too: a thread opens its share, and then rather waits a moment for its own.
    fn take(&self, home: Home, is_patient: bool) -> Found {
        let mut connections = self.connections();
        connections.forget(|(connection, _)| connection.is_closed(), 0);
        if let Some(own) = connections.resting.iter().rposition(|(connection, _)| connection.home == home) {
            return Found::Resting(connections.resting.remove(own).0);
        }
        if connections.count() < self.most || connections.make_room(home, self.most) {
            connections.add(home);
            Found::Room
        } else if is_patient && connections.open.contains_key(&home) && home != Home::Shared {
            Found::Soon
        } else {
            Found::Resting(connections.resting.remove(0).0)
        }
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
    /// Under whose connections it is counted.
    home: Home,
    _permit: OwnedSemaphorePermit,
}

impl Lease {
    pub(crate) fn connection(&self) -> Option<&Arc<Connection>> {
        self.connection.as_ref()
    }

    #[cfg(feature = "testing")]
    pub(crate) fn count_flight(&self) {
        let mut flights = self.pool.flights.lock().unwrap_or_else(PoisonError::into_inner);
        *flights.entry(std::thread::current().id()).or_default() += 1;
    }

    /// The most connections there are.
    pub(crate) fn most(&self) -> usize {
        self.pool.most
    }

    /// Closes the connection and takes another: one that rests, else a new one.
    pub(crate) async fn replace(&mut self) -> Result<(), StoreError> {
        self.discard();
        self.pool.connections().subtract(self.home);
        self.home = Home::of_caller();
        if let Found::Resting(connection) = self.pool.take(self.home, false) {
            self.home = connection.home;
            self.connection = Some(connection);
        } else {
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
                drop(connections);
                self.pool.returned.notify_waiters();
            }
            _ => connections.subtract(self.home),
        }
    }
}
