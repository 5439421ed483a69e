//! One connection, and the statements prepared on it.

use std::{
    error::Error as _,
    io,
    pin::pin,
    sync::{Mutex, MutexGuard, PoisonError},
    thread::{self, ThreadId},
};

use futures_util::{StreamExt as _, future, stream};
use hashlink::LruCache;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio_postgres::{AsyncMessage, Client, Error, RowStream, Statement, error::SqlState};

use super::{address::Address, query::Query};

/// The most statements that stay prepared on one connection: more than the program has, unless many rows are inserted
/// at once, where each number of rows makes a statement.
const MOST_PREPARED: usize = 500;

/// A connection, driven by a task of the runtime that opened it.
pub(crate) struct Connection {
    client: Client,
    pub(super) home: Home,
    prepared: Mutex<LruCache<String, Statement>>,
}

/// Which callers a connection serves without waking another thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Home {
    /// Those of one thread, whose runtime drives the connection.
    Thread(ThreadId),
    /// Those of a runtime with several threads.
    Shared,
}

impl Home {
    pub(super) fn of_caller() -> Self {
        match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
            Ok(RuntimeFlavor::CurrentThread) => Self::Thread(thread::current().id()),
            _ => Self::Shared,
        }
    }
}

impl Connection {
    pub(super) async fn open(address: &Address) -> Result<Self, Error> {
        let (client, connection) = address.config.connect(address.tls.clone()).await?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(error = said(&error), "a connection to PostgreSQL ended");
            }
        });
        let prepared = Mutex::new(LruCache::new(MOST_PREPARED));
        Ok(Self { client, home: Home::of_caller(), prepared })
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Sends statements without parameters as one message. It is sent when this is first polled.
    pub(crate) async fn script(&self, sql: &str) -> Result<(), Error> {
        self.client.batch_execute(sql).await
    }

    /// Prepares a statement unless it is. Once it is, this does not wait.
    async fn prepare(&self, query: &Query<'_>) -> Result<Statement, Error> {
        if let Some(known) = self.prepared().get(query.sql()) {
            return Ok(known.clone());
        }
        let statement = self.client.prepare_typed(query.sql(), &query.types()).await?;
        self.prepared().insert(query.sql().to_owned(), statement.clone());
        Ok(statement)
    }

    /// Sends a prepared statement when this is first polled; its rows and its errors come by the stream.
    async fn send(&self, statement: &Statement, query: &Query<'_>) -> Result<RowStream, Error> {
        let sent = self.client.query_raw(statement, query.parameters()).await;
        sent.inspect_err(|error| {
            // A migration changed what the statement returns, or a pooler lost it.
            if [Some(&SqlState::FEATURE_NOT_SUPPORTED), Some(&SqlState::INVALID_SQL_STATEMENT_NAME)]
                .contains(&error.code())
            {
                self.prepared().clear();
            }
        })
    }

    /// Prepares a statement if it must, and sends it.
    pub(crate) async fn query(&self, query: &Query<'_>) -> Result<RowStream, Error> {
        let statement = self.prepare(query).await?;
        self.send(&statement, query).await
    }

    /// Sends statements whose rows nobody reads, and then something else, all in one flight. The first error tells.
    pub(crate) async fn execute_all_with<T>(
        &self,
        queries: &[Query<'_>],
        then: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let mut statements = Vec::with_capacity(queries.len());
        for query in queries {
            statements.push(self.prepare(query).await?);
        }
        let sent = queries.iter().zip(&statements).map(|(query, statement)| self.execute(statement, query));
        let (sent, then) = future::join(future::join_all(sent), then).await;
        sent.into_iter().collect::<Result<Vec<_>, _>>()?;
        then
    }

    /// Whether a statement is prepared here.
    pub(crate) fn knows(&self, query: &Query<'_>) -> bool {
        self.prepared().get(query.sql()).is_some()
    }

    /// Sends a statement between BEGIN and COMMIT, all in one flight; tells how many rows it touched. It must be known:
    /// the role that logged in may not prepare it.
    pub(crate) async fn transact(&self, begin: &str, query: &Query<'_>) -> Result<u64, Error> {
        let statement = self.prepare(query).await?;
        let touched = self.execute(&statement, query);
        let (begun, touched, committed) =
            future::join3(self.script(begin), touched, self.script("COMMIT")).await;
        begun?;
        let touched = touched?;
        committed.map(|()| touched)
    }

    async fn execute(&self, statement: &Statement, query: &Query<'_>) -> Result<u64, Error> {
        let mut rows = pin!(self.send(statement, query).await?);
        while let Some(row) = rows.next().await {
            row?;
        }
        Ok(rows.rows_affected().unwrap_or(0))
    }

    fn prepared(&self) -> MutexGuard<'_, LruCache<String, Statement>> {
        self.prepared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Listens to a channel over a connection of its own until that ends. `heard` runs with the text of each notification,
/// and once in the beginning without one.
pub(crate) async fn listen(
    address: &Address,
    channel: &str,
    heard: impl Fn(Option<&str>),
) -> Result<(), Error> {
    let (client, mut connection) = address.config.connect(address.tls.clone()).await?;
    let mut messages = stream::poll_fn(move |context| connection.poll_message(context));
    let listen = format!("LISTEN {channel}");
    let listening = async {
        client.batch_execute(&listen).await?;
        heard(None);
        future::pending::<Result<(), Error>>().await
    };
    let hearing = async {
        while let Some(message) = messages.next().await {
            if let AsyncMessage::Notification(told) = message? {
                heard(Some(told.payload()));
            }
        }
        Ok(())
    };
    future::select(pin!(listening), pin!(hearing)).await.factor_first().0
}

/// Whether the connection is gone, so that nothing sent on it was done.
pub(crate) fn is_lost(error: &Error) -> bool {
    let at_server =
        error.code().is_some_and(|state| ["57P", "08"].iter().any(|class| state.code().starts_with(class)));
    at_server || error.is_closed() || io_error(error).is_some()
}

pub(super) fn io_error(error: &Error) -> Option<&io::Error> {
    error.source()?.downcast_ref()
}

/// An error with its cause, without values of rows.
pub(crate) fn said(error: &Error) -> String {
    if let Some(server) = error.as_db_error() {
        return format!("{} ({})", server.message(), server.code().code());
    }
    error.source().map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}
