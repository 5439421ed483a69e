//! Word of what was committed: who waits for it in this process hears it at once, other processes by NOTIFY.
//!
//! NOTIFY is sent after the commit and outside any transaction, because inside it would make commits queue up; and at
//! most once in 50 ms, in the background. It is a hint: whoever waits looks all the same.

use std::{
    mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use kernel::StoreError;
use tokio::{
    sync::Notify,
    time::{Instant, sleep, sleep_until},
};

use uuid::Uuid;

use crate::{
    driver::{Address, Pool, listen, said},
    error::store_error,
};

const MIN_INTERVAL: Duration = Duration::from_millis(50);
const POLL_INTERVAL: Duration = Duration::from_secs(5);

/// What is told. Several are told as one.
pub(crate) trait Message: Default + Clone + Send + 'static {
    /// The channel it goes by.
    const CHANNEL: &'static str;

    /// Adds what else is to be told.
    fn add(&mut self, other: Self);

    /// As texts without quotation marks, of less than 7,900 octets each; none where there is nothing to be told.
    fn payloads(self) -> Vec<String>;

    /// What a text says; without one, whatever may have been missed.
    fn heard(payload: Option<&str>) -> Self;
}

pub(crate) struct Broadcast<W> {
    /// Begins every text this process sends, so that it does not hear itself.
    sender: Uuid,
    pool: Arc<Pool>,
    /// Where other processes are heard, if anywhere.
    listening_at: Option<Address>,
    unheard: Mutex<W>,
    unsent: Mutex<W>,
    told: Notify,
    sending: AtomicBool,
    listening: AtomicBool,
}

fn held<W>(word: &Mutex<W>) -> MutexGuard<'_, W> {
    word.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<W: Message> Broadcast<W> {
    #[expect(clippy::disallowed_methods, reason = "it names a process while it runs, and is stored nowhere")]
    pub(crate) fn new(pool: Arc<Pool>, listening_at: Option<Address>) -> Self {
        let [unheard, unsent] = [(); 2].map(|()| Mutex::default());
        let [sending, listening] = [(); 2].map(|()| AtomicBool::new(false));
        let sender = Uuid::new_v4();
        Self { sender, pool, listening_at, unheard, unsent, told: Notify::new(), sending, listening }
    }

    /// Whether other processes are heard.
    pub(crate) const fn hears_others(&self) -> bool {
        self.listening_at.is_some()
    }

    /// Tells everybody. Returns at once.
    pub(crate) fn tell(self: &Arc<Self>, word: W) {
        held(&self.unsent).add(word.clone());
        self.tell_here(word);
        if !self.sending.swap(true, Ordering::AcqRel) {
            let broadcast = Arc::clone(self);
            tokio::spawn(async move { broadcast.send_all().await });
        }
    }

    /// Waits for word, from here or elsewhere.
    pub(crate) async fn heard(self: &Arc<Self>) -> W {
        if let Some(address) = &self.listening_at
            && !self.listening.swap(true, Ordering::AcqRel)
        {
            tokio::spawn(hear(Arc::downgrade(self), address.clone()));
        }
        self.told.notified().await;
        mem::take(&mut *held(&self.unheard))
    }

    /// Wakes who waits now, and lets the next one not wait at all.
    fn tell_here(&self, word: W) {
        held(&self.unheard).add(word);
        self.told.notify_waiters();
        self.told.notify_one();
    }

    /// What is told during a pause is sent after it.
    async fn send_all(&self) {
        loop {
            loop {
                let payloads = mem::take(&mut *held(&self.unsent)).payloads();
                if payloads.is_empty() {
                    break;
                }
                let next = Instant::now() + MIN_INTERVAL;
                if let Err(error) = self.send(&payloads).await {
                    tracing::debug!(%error, channel = W::CHANNEL, "other processes were not told; they will look");
                }
                sleep_until(next).await;
            }
            self.sending.store(false, Ordering::Release);
            let is_late = !held(&self.unsent).clone().payloads().is_empty();
            if !is_late || self.sending.swap(true, Ordering::AcqRel) {
                return;
            }
        }
    }

    async fn send(&self, payloads: &[String]) -> Result<(), StoreError> {
        let lease = self.pool.lease().await?;
        let connection = lease.connection().ok_or(StoreError::Failed)?;
        let notify =
            payloads.iter().map(|payload| format!("NOTIFY {}, '{} {payload}';", W::CHANNEL, self.sender));
        connection.script(&notify.collect::<String>()).await.map_err(|error| store_error(&error))
    }
}

/// Passes on what other processes tell, over a connection of its own, until the storage is gone.
async fn hear<W: Message>(broadcast: Weak<Broadcast<W>>, address: Address) {
    let is_over = || broadcast.upgrade().is_none_or(|broadcast| broadcast.pool.is_closed());
    let heard = |payload: Option<&str>| {
        let Some(broadcast) = broadcast.upgrade() else { return };
        let sent = payload.and_then(|text| text.split_once(' '));
        if sent.is_none_or(|(sender, _)| sender != broadcast.sender.to_string()) {
            broadcast.tell_here(W::heard(sent.map(|(_, payload)| payload)));
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
            ended = listen(&address, W::CHANNEL, heard) => if let Err(error) = ended {
                tracing::debug!(error = said(&error), channel = W::CHANNEL, "listening was interrupted");
            },
        }
        sleep(POLL_INTERVAL).await;
    }
}

/// That something was committed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Committed(bool);

impl Committed {
    pub(crate) const SOMETHING: Self = Self(true);
}

impl Message for Committed {
    const CHANNEL: &'static str = "touchstone_outbox";

    fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    fn payloads(self) -> Vec<String> {
        if self.0 { vec![String::new()] } else { Vec::new() }
    }

    fn heard(_: Option<&str>) -> Self {
        Self::SOMETHING
    }
}
