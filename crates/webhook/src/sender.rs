//! The sender: looks for queues that are due, and keeps many attempts going without letting what hangs fill its room.

mod load;

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
    time::Duration,
};

use futures_util::{FutureExt as _, StreamExt as _, future::BoxFuture, stream::FuturesUnordered};
use kernel::{OrganizationId, StoreError, Timestamp};

use self::load::Load;
use crate::{
    Ports, WebhookDelivery,
    ports::{DueQueue, QueueRoom, WantedQueue},
    sending::{Attempted, Round, Sending},
};

/// The pause after storage failed.
const ERROR_PAUSE: Duration = Duration::from_secs(2);
/// Of so many organisations queues are taken at a time.
const TAKES_AT_ONCE: usize = 4;

/// How much goes on at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SenderSettings {
    /// Attempts at a time, of endpoints that answer; 128.
    pub at_once: u32,
    /// As many beside them, of endpoints that fail, or are slow to answer; 128.
    pub slow_at_once: u32,
    /// Attempts at a time at one endpoint; 4. At one of which it is not known that it receives there is one.
    pub at_once_an_endpoint: u32,
    /// A round of attempts is slow when it goes on for longer; one second.
    pub slow_after: Duration,
    /// The pause between looks when nothing wakes it; one second.
    pub poll: Duration,
}

impl Default for SenderSettings {
    fn default() -> Self {
        Self {
            at_once: 128,
            slow_at_once: 128,
            at_once_an_endpoint: 4,
            slow_after: Duration::from_secs(1),
            poll: Duration::from_secs(1),
        }
    }
}

/// The worker that sends. It knows no runtime: whoever drives it gives it a [`Wakeup`](crate::ports::Wakeup), and may
/// run one in each process.
#[derive(Debug, Clone)]
pub struct Sender {
    sending: Sending,
    settings: SenderSettings,
}

/// What the loop goes on with.
enum Happened {
    Looked(Vec<DueQueue>),
    Taken(Vec<WantedQueue>, Vec<(Round, Vec<WebhookDelivery>)>),
    Attempted(Box<Attempted>),
    Settled,
    Woken,
    Stopping,
}

type Work<'a> = FuturesUnordered<BoxFuture<'a, Happened>>;

impl Sender {
    /// Over these ports.
    pub const fn new(ports: Ports, settings: SenderSettings) -> Self {
        Self { sending: Sending { ports }, settings }
    }

    /// Sends until `stop` resolves, and then ends what it began: some 15 seconds later at most, if storage answers.
    /// Dropping it instead loses nothing; what it held is sent once more when its lease ends.
    ///
    /// It looks, and settles, once at a time: what becomes ready meanwhile is taken, and settled, together with the
    /// next look and the next settlement. So the more there is to do, the less each costs.
    pub async fn run(&self, stop: impl Future<Output = ()> + Send) {
        let mut stop = pin!(stop.fuse());
        let (mut work, mut load) = (Work::new(), Load::new(self.settings));
        let (mut wanted, mut taking) = (Vec::new(), 0);
        let (mut wants_look, mut is_looking, mut is_settling, mut is_stopping) = (true, false, false, false);
        loop {
            let room = load.room(self.now());
            if wants_look && !is_looking && !is_stopping && room.sound + room.failing > 0 {
                (wants_look, is_looking) = (false, true);
                work.push(self.look(room).boxed());
            }
            while !is_stopping
                && taking < TAKES_AT_ONCE
                && let Some((organization, queues)) = wanted.pop()
            {
                taking += 1;
                work.push(self.take(organization, queues).boxed());
            }
            let outcomes = if is_settling { Vec::new() } else { load.outcomes(self.now()) };
            if !outcomes.is_empty() {
                is_settling = true;
                work.push(self.sending.settle(outcomes).map(|()| Happened::Settled).boxed());
            }
            if is_stopping && work.is_empty() {
                break;
            }
            for happened in self.next(&mut work, stop.as_mut(), is_stopping).await {
                match happened {
                    Happened::Looked(due) => {
                        wanted = if is_stopping { Vec::new() } else { load.want(due, self.now()) };
                        is_looking = !wanted.is_empty();
                    }
                    Happened::Taken(queues, taken) => {
                        taking -= 1;
                        is_looking = taking > 0 || !wanted.is_empty();
                        load.taken(&queues, taken, |round, delivery| {
                            let attempt = self.sending.attempt(round, delivery);
                            work.push(attempt.map(|ended| Happened::Attempted(Box::new(ended))).boxed());
                        });
                    }
                    Happened::Attempted(attempted) => load.ended(*attempted),
                    Happened::Settled => {
                        load.settled();
                        (is_settling, wants_look) = (false, true);
                    }
                    Happened::Woken => wants_look = true,
                    Happened::Stopping => is_stopping = true,
                }
            }
        }
    }

    fn now(&self) -> Timestamp {
        self.sending.ports.clock.now()
    }

    /// Waits for whatever comes first, and tells all that is there by then; waits for no longer than the pause between
    /// looks, for a round may have become slow.
    async fn next(
        &self,
        work: &mut Work<'_>,
        mut stop: impl Future<Output = ()> + Unpin,
        is_stopping: bool,
    ) -> Vec<Happened> {
        let wakeup = &self.sending.ports.wakeup;
        let (mut woken, mut pause) = (wakeup.woken(), wakeup.sleep(self.settings.poll));
        poll_fn(|cx| {
            let mut happened = Vec::new();
            if !is_stopping && stop.poll_unpin(cx).is_ready() {
                happened.push(Happened::Stopping);
            }
            while let Poll::Ready(Some(ended)) = work.poll_next_unpin(cx) {
                happened.push(ended);
            }
            if happened.is_empty() && (woken.poll_unpin(cx).is_ready() || pause.poll_unpin(cx).is_ready()) {
                happened.push(Happened::Woken);
            }
            if happened.is_empty() { Poll::Pending } else { Poll::Ready(happened) }
        })
        .await
    }

    async fn look(&self, room: QueueRoom) -> Happened {
        let due = self.sending.ports.deliveries.due(self.now(), room).await;
        Happened::Looked(self.after_a_pause(due).await.unwrap_or_default())
    }

    async fn take(&self, organization: OrganizationId, wanted: Vec<WantedQueue>) -> Happened {
        let taken = self.sending.take(organization, &wanted).await;
        let taken = self.after_a_pause(taken).await.unwrap_or_default();
        Happened::Taken(wanted, taken)
    }

    /// What storage gave; where it failed, that is told, and nothing is asked of it for a while.
    async fn after_a_pause<T>(&self, given: Result<T, StoreError>) -> Option<T> {
        match given {
            Ok(given) => Some(given),
            Err(error) => {
                self.sending.ports.observer.store_failed(&error);
                self.sending.ports.wakeup.sleep(ERROR_PAUSE).await;
                None
            }
        }
    }
}

#[cfg(test)]
mod tests;
