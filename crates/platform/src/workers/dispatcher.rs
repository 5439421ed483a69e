//! Works off the outbox: takes what is due, tells whoever reacts to it, and tries again what failed.
//!
//! A delivery is taken only when there is capacity for it, so that none waits in memory while its lease runs out. Some
//! of it is kept free of the lower lanes: however much waits there, what comes in an upper lane is begun at the next
//! look.
//! Logs and metrics name a delivery's id and topic, never what it carries.

use std::{collections::HashMap, sync::Arc, time::Duration};

use kernel::{
    Admitted, Clock, Delivery, EventHandler, EventHandlerError, Lane, Outbox, Random, Room, Timestamp,
};
use metrics::{counter, gauge};
use tokio::{
    task::JoinSet,
    time::{self, Instant},
};
use tracing::{debug, warn};
use uuid::Uuid;

use super::backoff::retry_after;
use crate::shutdown::Stopping;

/// For so long a taken delivery is hidden from other workers.
const LEASE: Duration = Duration::from_secs(60);
/// A handler that takes longer has failed, before another worker could take its delivery.
const HANDLER_TIMEOUT: Duration = Duration::from_secs(55);
const LAG_EVERY: Duration = Duration::from_secs(5);
/// The pause between looks while something is due, in which more gathers: each look costs transactions.
const GATHERED: Duration = Duration::from_millis(50);
/// How many deliveries of each lane are admitted or forgotten at a time.
const ADMITTED: u32 = 500;
/// After so many deliveries of the upper lanes with no room for the lowest, one of it is taken.
const PATIENCE: usize = 32;
/// The pause after the outbox itself failed.
const ERROR_PAUSE: Duration = Duration::from_secs(2);
/// How often in a row a handler is called that loses to changes made at the same time.
const CALLS_IN_A_ROW: u32 = 4;
/// How often what became of a delivery is written down before it is left to its lease.
const WRITE_ATTEMPTS: u32 = 3;

/// How fast it works.
#[derive(Debug, Clone, Copy)]
pub struct DispatcherSettings {
    /// The pause between looks into the outbox when nothing wakes it.
    pub poll: Duration,
    /// How many deliveries are worked on at one time.
    pub concurrency: usize,
}

/// The worker. [`Dispatcher::run`] goes on until it is told to stop and has finished what it took.
pub struct Dispatcher {
    shared: Arc<Shared>,
    settings: DispatcherSettings,
}

struct Shared {
    outbox: Arc<dyn Outbox>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    subscribers: HashMap<&'static str, Vec<Arc<dyn EventHandler>>>,
}

impl Dispatcher {
    /// A worker that calls these handlers.
    pub fn new(
        outbox: Arc<dyn Outbox>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        event_handlers: &[Arc<dyn EventHandler>],
        settings: DispatcherSettings,
    ) -> Self {
        let mut subscribers: HashMap<_, Vec<Arc<dyn EventHandler>>> = HashMap::new();
        for handler in event_handlers {
            for topic in handler.topics() {
                subscribers.entry(*topic).or_default().push(handler.clone());
            }
        }
        Self { shared: Arc::new(Shared { outbox, clock, random, subscribers }), settings }
    }

    /// Works until it is told to stop, then finishes what it took.
    pub async fn run(self, mut stopping: Stopping) {
        let mut running = JoinSet::new();
        let mut lag_reported: Option<Instant> = None;
        let mut passed_over = 0;
        while !stopping.is_stopping() {
            while running.try_join_next().is_some() {}
            if lag_reported.is_none_or(|at| at.elapsed() >= LAG_EVERY) {
                lag_reported = Some(Instant::now());
                self.shared.report_lag().await;
            }
            let free = self.settings.concurrency.saturating_sub(running.len());
            let room = room(free, self.settings.concurrency);
            let (admitted, taken) =
                (self.shared.admit().await, self.shared.take(free, room, &mut passed_over).await);
            let (pause, is_crowded) = match (admitted, taken) {
                (Ok(admitted), Ok(taken)) => {
                    let idle = admitted.forgotten.is_empty() && taken.is_empty();
                    let is_crowded = taken.len() >= usize::try_from(room.bulk).unwrap_or(usize::MAX);
                    let pause = match idle {
                        _ if admitted.is_more_due || taken.len() == free => Duration::ZERO,
                        true => self.settings.poll,
                        false => GATHERED.min(self.settings.poll),
                    };
                    self.shared.dispatch(taken, &mut running).await;
                    (pause, is_crowded)
                }
                _ => (ERROR_PAUSE.max(self.settings.poll), false),
            };
            let full = running.len() >= self.settings.concurrency;
            tokio::select! {
                () = stopping.stopped() => {}
                Some(_) = running.join_next(), if full || is_crowded => {}
                () = time::sleep(pause), if !full => {}
                () = self.shared.outbox.notified(), if !full && pause == self.settings.poll => {}
            }
        }
        while running.join_next().await.is_some() {}
    }
}

impl Shared {
    async fn report_lag(&self) {
        for lane in Lane::ALL {
            if let Ok(lag) = self.outbox.lag(self.clock.now(), lane).await {
                gauge!("outbox_lag_seconds", "lane" => lane.name()).set(lag.as_secs_f64());
            }
        }
    }

    /// Takes what there is room for; first one of the lowest lane, where that was passed over for long.
    async fn take(&self, free: usize, room: Room, passed_over: &mut usize) -> Result<Vec<Delivery>, ()> {
        let mut taken = Vec::new();
        if *passed_over >= PATIENCE && free > 0 {
            taken = self.take_some(Room { now: 0, soon: 0, bulk: 1 }).await?;
            *passed_over = 0;
        }
        let left = |most: u32| most.saturating_sub(u32::try_from(taken.len()).unwrap_or(u32::MAX));
        let rest = Room { now: left(room.now), soon: left(room.soon), bulk: left(room.bulk) };
        let upper = self.take_some(rest).await?;
        if upper.len() < usize::try_from(rest.bulk).unwrap_or(usize::MAX) {
            *passed_over = 0;
        } else {
            *passed_over += upper.iter().filter(|delivery| delivery.lane != Lane::Bulk).count();
        }
        taken.extend(upper);
        Ok(taken)
    }

    async fn take_some(&self, room: Room) -> Result<Vec<Delivery>, ()> {
        if room.now.max(room.bulk) == 0 {
            return Ok(Vec::new());
        }
        let taken = self.outbox.take(self.clock.now(), room, LEASE).await;
        taken.map_err(|error| warn!(%error, "the outbox cannot be read"))
    }

    /// Lets what is due into its lane, and forgets what nobody waits for.
    async fn admit(&self) -> Result<Admitted, ()> {
        let wanted: Vec<&str> = self.subscribers.keys().copied().collect();
        let admitted = self.outbox.admit(self.clock.now(), Some(&wanted), ADMITTED).await;
        let admitted = admitted.map_err(|error| warn!(%error, "the outbox cannot be read"))?;
        for topic in &admitted.forgotten {
            count(topic, "unwanted");
        }
        Ok(admitted)
    }

    /// Each is handled in a task of its own. What nobody waits for was admitted by a process of another version.
    async fn dispatch(self: &Arc<Self>, taken: Vec<Delivery>, running: &mut JoinSet<()>) {
        let mut unwanted = Vec::new();
        for delivery in taken {
            if let Some(event_handlers) = self.subscribers.get(delivery.topic.as_str()) {
                let (shared, event_handlers) = (self.clone(), event_handlers.clone());
                running.spawn(async move { shared.deliver(delivery, event_handlers).await });
            } else {
                count(&delivery.topic, "unwanted");
                unwanted.push(delivery.id);
            }
        }
        if !unwanted.is_empty() {
            self.done(&unwanted).await;
        }
    }

    async fn deliver(&self, delivery: Delivery, event_handlers: Vec<Arc<dyn EventHandler>>) {
        let delivery = Arc::new(delivery);
        let (id, topic) = (delivery.id, delivery.topic.clone());
        for handler in event_handlers {
            if let Err(error) = run_handler(handler, delivery.clone()).await {
                return self.failed(&delivery, error).await;
            }
        }
        self.done(&[id]).await;
        count(&topic, "done");
        debug!(%id, topic, "delivered");
    }

    async fn failed(&self, delivery: &Delivery, error: EventHandlerError) {
        let (id, topic, attempt) = (delivery.id, &delivery.topic, delivery.attempts + 1);
        let (message, pause) = match error {
            EventHandlerError::TooEarly { until, why } => return self.put_off(delivery, until, why).await,
            EventHandlerError::Stale(message) | EventHandlerError::Retry(message) => {
                (message, retry_after(delivery.attempts, &*self.random))
            }
            EventHandlerError::GiveUp(message) => (message, None),
        };
        let retry_at = pause.map(|pause| self.clock.now().plus(pause));
        if let Some(at) = retry_at {
            count(topic, "failed");
            warn!(%id, topic, attempt, retry_at = %at, error = message, "a delivery failed");
        } else {
            count(topic, "dead");
            warn!(%id, topic, attempt, error = message, "a delivery was given up; see `touchstone outbox list`");
        }
        for _ in 0..WRITE_ATTEMPTS {
            match self.outbox.failed(id, &message, retry_at).await {
                Ok(()) => return,
                Err(error) => warn!(%id, topic, %error, "what became of a delivery cannot be written down"),
            }
        }
    }

    async fn put_off(&self, Delivery { id, topic, .. }: &Delivery, until: Timestamp, why: &str) {
        count(topic, "put off");
        debug!(%id, topic, %until, why, "a delivery waits");
        for _ in 0..WRITE_ATTEMPTS {
            match self.outbox.put_off(*id, why, until).await {
                Ok(()) => return,
                Err(error) => warn!(%id, topic, %error, "what became of a delivery cannot be written down"),
            }
        }
    }

    async fn done(&self, ids: &[Uuid]) {
        for _ in 0..WRITE_ATTEMPTS {
            match self.outbox.done(ids).await {
                Ok(()) => return,
                Err(error) => warn!(%error, "handled deliveries cannot be taken out of the outbox"),
            }
        }
    }
}

/// Of so many that are free: a quarter is for the uppermost lane alone, half of which the middle one may have as well.
fn room(free: usize, concurrency: usize) -> Room {
    let kept = (concurrency / 4).max(1).min(concurrency.saturating_sub(1));
    let most = |kept: usize| u32::try_from(free.saturating_sub(kept)).unwrap_or(u32::MAX);
    Room { now: most(0), soon: most(kept / 2), bulk: most(kept) }
}

/// In a task of its own, so that a panic is a failure like any other.
async fn run_handler(
    handler: Arc<dyn EventHandler>,
    delivery: Arc<Delivery>,
) -> Result<(), EventHandlerError> {
    let mut task = tokio::spawn(async move {
        for _ in 1..CALLS_IN_A_ROW {
            match handler.handle(&delivery).await {
                Err(EventHandlerError::Stale(_)) => {}
                outcome => return outcome,
            }
        }
        handler.handle(&delivery).await
    });
    match time::timeout(HANDLER_TIMEOUT, &mut task).await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(EventHandlerError::Retry("the handler panicked".to_owned())),
        Err(_) => {
            task.abort();
            Err(EventHandlerError::Retry(format!(
                "it took longer than {} seconds",
                HANDLER_TIMEOUT.as_secs()
            )))
        }
    }
}

fn count(topic: &str, outcome: &'static str) {
    counter!("outbox_deliveries_total", "topic" => topic.to_owned(), "outcome" => outcome).increment(1);
}

#[cfg(test)]
mod tests;
