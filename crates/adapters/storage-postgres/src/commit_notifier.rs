//! Telling workers that something was committed: those of this process at once, others by NOTIFY.
//!
//! NOTIFY is sent after the commit and outside any transaction, because inside it would make commits queue up; and at
//! most once in 50 ms, in the background. It is a hint: workers poll all the same.

use std::{
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgListener, PgPoolOptions},
};
use tokio::{
    sync::Notify,
    time::{Instant, sleep, sleep_until},
};

const CHANNEL: &str = "touchstone_outbox";
const MIN_INTERVAL: Duration = Duration::from_millis(50);
const POLL_INTERVAL: Duration = Duration::from_secs(5);

pub(crate) struct CommitNotifier {
    pool: PgPool,
    options: PgConnectOptions,
    committed: Notify,
    pending: AtomicBool,
    notifying: AtomicBool,
    listening: AtomicBool,
}

impl CommitNotifier {
    pub(crate) fn new(pool: PgPool, options: PgConnectOptions) -> Self {
        let [pending, notifying, listening] = [(); 3].map(|()| AtomicBool::new(false));
        Self { pool, options, committed: Notify::new(), pending, notifying, listening }
    }

    /// Something was committed. Returns at once.
    pub(crate) fn notify(self: &Arc<Self>) {
        self.notify_local();
        self.pending.store(true, Ordering::Release);
        if !self.notifying.swap(true, Ordering::AcqRel) {
            let notifier = Arc::clone(self);
            tokio::spawn(async move { notifier.notify_others().await });
        }
    }

    /// Resolves when something was committed, here or elsewhere.
    pub(crate) async fn notified(self: &Arc<Self>) {
        if !self.listening.swap(true, Ordering::AcqRel) {
            tokio::spawn(listen(Arc::downgrade(self), self.options.clone()));
        }
        self.committed.notified().await;
    }

    /// Wakes who waits now, and lets the next one not wait at all.
    fn notify_local(&self) {
        self.committed.notify_waiters();
        self.committed.notify_one();
    }

    /// What is committed during a pause is told after it.
    async fn notify_others(&self) {
        loop {
            while self.pending.swap(false, Ordering::AcqRel) {
                let next = Instant::now() + MIN_INTERVAL;
                let sent = sqlx::query("SELECT pg_notify($1, '')").bind(CHANNEL).execute(&self.pool).await;
                if let Err(error) = sent {
                    tracing::debug!(%error, "other processes were not told of a commit; they will poll");
                }
                sleep_until(next).await;
            }
            self.notifying.store(false, Ordering::Release);
            let late = self.pending.load(Ordering::Acquire) && !self.notifying.swap(true, Ordering::AcqRel);
            if !late {
                return;
            }
        }
    }
}

/// Passes on what other processes tell, over a connection of its own, until the storage is gone.
async fn listen(notifier: Weak<CommitNotifier>, options: PgConnectOptions) {
    while notifier.upgrade().is_some_and(|notifier| !notifier.pool.is_closed()) {
        if let Err(error) = forward(&notifier, options.clone()).await {
            tracing::debug!(%error, "listening for commits of other processes was interrupted");
        }
        sleep(POLL_INTERVAL).await;
    }
}

async fn forward(notifier: &Weak<CommitNotifier>, options: PgConnectOptions) -> Result<(), sqlx::Error> {
    let pool = PgPoolOptions::new().max_connections(1).connect_with(options).await?;
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.listen(CHANNEL).await?;
    loop {
        let heard = tokio::time::timeout(POLL_INTERVAL, listener.recv()).await;
        let Some(notifier) = notifier.upgrade().filter(|notifier| !notifier.pool.is_closed()) else {
            return Ok(());
        };
        if let Ok(message) = heard {
            message?;
            notifier.notify_local();
        }
    }
}
