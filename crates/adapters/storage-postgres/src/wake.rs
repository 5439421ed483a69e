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
const PAUSE: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) struct Wake {
    pool: PgPool,
    options: PgConnectOptions,
    committed: Notify,
    news: AtomicBool,
    telling: AtomicBool,
    listening: AtomicBool,
}

impl Wake {
    pub(crate) fn new(pool: PgPool, options: PgConnectOptions) -> Self {
        let [news, telling, listening] = [(); 3].map(|()| AtomicBool::new(false));
        Self { pool, options, committed: Notify::new(), news, telling, listening }
    }

    /// Something was committed. Returns at once.
    pub(crate) fn tell(self: &Arc<Self>) {
        self.wake();
        self.news.store(true, Ordering::Release);
        if !self.telling.swap(true, Ordering::AcqRel) {
            let wake = Arc::clone(self);
            tokio::spawn(async move { wake.tell_others().await });
        }
    }

    /// Resolves when something was committed, here or elsewhere.
    pub(crate) async fn woken(self: &Arc<Self>) {
        if !self.listening.swap(true, Ordering::AcqRel) {
            tokio::spawn(listen(Arc::downgrade(self), self.options.clone()));
        }
        self.committed.notified().await;
    }

    /// Wakes who waits now, and lets the next one not wait at all.
    fn wake(&self) {
        self.committed.notify_waiters();
        self.committed.notify_one();
    }

    /// What is committed during a pause is told after it.
    async fn tell_others(&self) {
        loop {
            while self.news.swap(false, Ordering::AcqRel) {
                let next = Instant::now() + PAUSE;
                let sent = sqlx::query("SELECT pg_notify($1, '')").bind(CHANNEL).execute(&self.pool).await;
                if let Err(error) = sent {
                    tracing::debug!(%error, "other processes were not told of a commit; they will poll");
                }
                sleep_until(next).await;
            }
            self.telling.store(false, Ordering::Release);
            let late = self.news.load(Ordering::Acquire) && !self.telling.swap(true, Ordering::AcqRel);
            if !late {
                return;
            }
        }
    }
}

/// Passes on what other processes tell, over a connection of its own, until the storage is gone.
async fn listen(wake: Weak<Wake>, options: PgConnectOptions) {
    while wake.upgrade().is_some_and(|wake| !wake.pool.is_closed()) {
        if let Err(error) = pass_on(&wake, options.clone()).await {
            tracing::debug!(%error, "listening for commits of other processes was interrupted");
        }
        sleep(PATIENCE).await;
    }
}

async fn pass_on(wake: &Weak<Wake>, options: PgConnectOptions) -> Result<(), sqlx::Error> {
    let pool = PgPoolOptions::new().max_connections(1).connect_with(options).await?;
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.listen(CHANNEL).await?;
    loop {
        let heard = tokio::time::timeout(PATIENCE, listener.recv()).await;
        let Some(wake) = wake.upgrade().filter(|wake| !wake.pool.is_closed()) else { return Ok(()) };
        if let Ok(message) = heard {
            message?;
            wake.wake();
        }
    }
}
