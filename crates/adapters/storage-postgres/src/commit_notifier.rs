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

use kernel::StoreError;
use tokio::{
    sync::Notify,
    time::{Instant, sleep, sleep_until},
};

use crate::{
    driver::{Address, Pool, listen, said},
    error::store_error,
};

const CHANNEL: &str = "touchstone_outbox";
const MIN_INTERVAL: Duration = Duration::from_millis(50);
const POLL_INTERVAL: Duration = Duration::from_secs(5);

pub(crate) struct CommitNotifier {
    pool: Arc<Pool>,
    /// Where commits of other processes are heard of, if anywhere.
    listening_at: Option<Address>,
    committed: Notify,
    pending: AtomicBool,
    notifying: AtomicBool,
    listening: AtomicBool,
}

impl CommitNotifier {
    pub(crate) fn new(pool: Arc<Pool>, listening_at: Option<Address>) -> Self {
        let [pending, notifying, listening] = [(); 3].map(|()| AtomicBool::new(false));
        Self { pool, listening_at, committed: Notify::new(), pending, notifying, listening }
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
        if let Some(address) = &self.listening_at
            && !self.listening.swap(true, Ordering::AcqRel)
        {
            tokio::spawn(hear(Arc::downgrade(self), address.clone()));
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
                if let Err(error) = self.notify_channel().await {
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

    async fn notify_channel(&self) -> Result<(), StoreError> {
        let lease = self.pool.lease().await?;
        let connection = lease.connection().ok_or(StoreError::Failed)?;
        connection.script(&format!("NOTIFY {CHANNEL}")).await.map_err(|error| store_error(&error))
    }
}

/// Passes on what other processes tell, over a connection of its own, until the storage is gone.
async fn hear(notifier: Weak<CommitNotifier>, address: Address) {
    let is_over = || notifier.upgrade().is_none_or(|notifier| notifier.pool.is_closed());
    let heard = || {
        if let Some(notifier) = notifier.upgrade() {
            notifier.notify_local();
        }
    };
    while !is_over() {
        let over = async {
            while !is_over() {
                sleep(POLL_INTERVAL).await;
            }
        };
        tokio::select! {
            () = over => return,
            ended = listen(&address, CHANNEL, heard) => if let Err(error) = ended {
                tracing::debug!(error = said(&error), "listening for commits of other processes was interrupted");
            },
        }
        sleep(POLL_INTERVAL).await;
    }
}
