//! The sender: looks for queues that are due, and keeps many attempts going without letting what hangs fill its room.

use std::{
    collections::{HashMap, HashSet},
    future::{Future, poll_fn},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    task::Poll,
    time::Duration,
};

use futures_util::{FutureExt as _, StreamExt as _, future::BoxFuture, stream::FuturesUnordered};
use kernel::{StoreError, Timestamp};

use crate::{
    EndpointId, Ports,
    ports::{DueQueue, QueueRoom},
    sending::{RoundOutcome, Sending},
};

/// The pause after storage failed.
const ERROR_PAUSE: Duration = Duration::from_secs(2);
/// So many endpoints are remembered to have received something.
const MOST_TRUSTED: usize = 100_000;

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
    Ended(EndpointId, RoundOutcome),
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
    pub async fn run(&self, stop: impl Future<Output = ()> + Send) {
        let mut stop = pin!(stop.fuse());
        let (mut work, mut load) = (Work::new(), Load::new(self.settings));
        let (mut wants_look, mut is_looking, mut is_stopping) = (true, false, false);
        while !is_stopping || !work.is_empty() {
            let room = load.room(self.now());
            if wants_look && !is_looking && !is_stopping && room.sound + room.failing > 0 {
                (wants_look, is_looking) = (false, true);
                work.push(self.look(room).boxed());
            }
            match self.next(&mut work, stop.as_mut(), is_stopping).await {
                Happened::Looked(_) if is_stopping => is_looking = false,
                Happened::Looked(due) => {
                    is_looking = false;
                    for queue in due {
                        if let Some((most, in_flight)) = load.begin(queue, self.now()) {
                            work.push(self.round(queue, most, in_flight).boxed());
                        }
                    }
                }
                Happened::Ended(endpoint, outcome) => {
                    load.end(endpoint, outcome);
                    wants_look = true;
                }
                Happened::Woken => wants_look = true,
                Happened::Stopping => is_stopping = true,
            }
        }
    }

    fn now(&self) -> Timestamp {
        self.sending.ports.clock.now()
    }

    /// Waits for whatever comes first; for no longer than the pause between looks, for a round may have become slow.
    async fn next(
        &self,
        work: &mut Work<'_>,
        mut stop: impl Future<Output = ()> + Unpin,
        is_stopping: bool,
    ) -> Happened {
        let wakeup = &self.sending.ports.wakeup;
        let (mut woken, mut pause) = (wakeup.woken(), wakeup.sleep(self.settings.poll));
        poll_fn(|cx| {
            if !is_stopping && stop.poll_unpin(cx).is_ready() {
                return Poll::Ready(Happened::Stopping);
            }
            if let Poll::Ready(Some(happened)) = work.poll_next_unpin(cx) {
                return Poll::Ready(happened);
            }
            let is_woken = woken.poll_unpin(cx).is_ready() || pause.poll_unpin(cx).is_ready();
            if is_woken { Poll::Ready(Happened::Woken) } else { Poll::Pending }
        })
        .await
    }

    async fn look(&self, room: QueueRoom) -> Happened {
        let due = self.sending.ports.deliveries.due(self.now(), room).await;
        Happened::Looked(self.after_a_pause(due).await.unwrap_or_default())
    }

    async fn round(&self, queue: DueQueue, most: u32, in_flight: Arc<AtomicU32>) -> Happened {
        let outcome = self.sending.round(queue, most, &in_flight).await;
        in_flight.store(0, Ordering::Relaxed);
        Happened::Ended(queue.endpoint, self.after_a_pause(outcome).await.unwrap_or(RoundOutcome::Failed))
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

/// What goes on, and what there is room for.
struct Load {
    settings: SenderSettings,
    rounds: HashMap<EndpointId, Round>,
    /// Endpoints whose last round was received.
    trusted: HashSet<EndpointId>,
}

struct Round {
    in_flight: Arc<AtomicU32>,
    began_at: Timestamp,
    is_failing: bool,
}

impl Load {
    fn new(settings: SenderSettings) -> Self {
        Self { settings, rounds: HashMap::new(), trusted: HashSet::new() }
    }

    /// The attempts there is room for. What goes on for long counts among what fails, as far as there is room, so that
    /// endpoints that hang leave theirs to others.
    fn room(&self, now: Timestamp) -> QueueRoom {
        let SenderSettings { at_once, slow_at_once, slow_after, .. } = self.settings;
        let (mut sound, mut slow) = (0, 0);
        for round in self.rounds.values() {
            let is_slow = round.is_failing || now.since(round.began_at) > slow_after;
            *(if is_slow { &mut slow } else { &mut sound }) += round.in_flight.load(Ordering::Relaxed);
        }
        let beyond = slow.saturating_sub(slow_at_once);
        QueueRoom {
            sound: at_once.saturating_sub(sound + beyond),
            failing: slow_at_once.saturating_sub(slow),
        }
    }

    /// Begins a round at an endpoint, if there is room: of so many attempts, which count as going on until it tells how
    /// many they are.
    fn begin(&mut self, queue: DueQueue, now: Timestamp) -> Option<(u32, Arc<AtomicU32>)> {
        let room = self.room(now);
        let left = if queue.is_failing { room.failing } else { room.sound };
        if left == 0 || self.rounds.contains_key(&queue.endpoint) {
            return None;
        }
        let is_trusted = !queue.is_failing && self.trusted.contains(&queue.endpoint);
        let most = if is_trusted { self.settings.at_once_an_endpoint.clamp(1, left) } else { 1 };
        let in_flight = Arc::new(AtomicU32::new(most));
        let round = Round { in_flight: in_flight.clone(), began_at: now, is_failing: queue.is_failing };
        self.rounds.insert(queue.endpoint, round);
        Some((most, in_flight))
    }

    fn end(&mut self, endpoint: EndpointId, outcome: RoundOutcome) {
        self.rounds.remove(&endpoint);
        match outcome {
            RoundOutcome::Nothing => {}
            RoundOutcome::Received => {
                if self.trusted.len() >= MOST_TRUSTED {
                    self.trusted.clear();
                }
                self.trusted.insert(endpoint);
            }
            RoundOutcome::Failed => {
                self.trusted.remove(&endpoint);
            }
        }
    }
}

#[cfg(test)]
mod tests;
