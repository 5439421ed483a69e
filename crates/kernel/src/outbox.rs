//! The outbox: changes waiting to be told to whoever reacts to them.

use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;
use uuid::Uuid;

use crate::{Kind, MailError, OrganizationId, Page, PageRequest, Refusal, StoreError, Timestamp};

kernel::named! {
    /// How soon a change is to be told: deliveries of an upper lane go before those of a lower one, and within a lane
    /// organisations take turns.
    pub enum Lane {
        /// A person waits for it, in front of their letters, or is warned by it: a link that was asked for, one
        /// invitation, a sign-in from a new device.
        Now = "now",
        /// What has to happen after a change.
        Soon = "soon",
        /// Many at a time, which nobody waits for: letters of a campaign, parts of a task.
        Bulk = "bulk",
    }
}

/// How many deliveries may be taken at a time: of each lane so many, together with those of the lanes above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Of the uppermost lane.
    pub now: u32,
    /// Of this lane and the one above it.
    pub soon: u32,
    /// Of all lanes.
    pub bulk: u32,
}

impl Room {
    /// So many of whatever lane.
    pub const fn of_any(most: u32) -> Self {
        Self { now: most, soon: most, bulk: most }
    }

    /// How many deliveries of this lane and those above it.
    pub const fn down_to(self, lane: Lane) -> u32 {
        match lane {
            Lane::Now => self.now,
            Lane::Soon => self.soon,
            Lane::Bulk => self.bulk,
        }
    }
}

/// A committed change on its way to its handlers.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// Identifies it; handlers see one id again when it is delivered again.
    pub id: Uuid,
    /// What happened, such as `registration.open`.
    pub topic: String,
    /// How soon it is to be told. It keeps its lane when it is tried again.
    pub lane: Lane,
    /// The kind of thing it happened to.
    pub target_kind: String,
    /// Which one.
    pub target_id: Uuid,
    /// The version it had then; `None` where nothing was saved with the change.
    pub target_version: Option<i64>,
    /// The organisation it belongs to, if any.
    pub organization: Option<OrganizationId>,
    /// What the change recorded for handlers.
    pub data: Value,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// How often it was tried before, 0 at first.
    pub attempts: u32,
}

kernel::named! {
    /// How far a delivery has come.
    pub enum DeliveryState {
        /// Waits for its turn or its next attempt.
        Waiting = "waiting",
        /// Given up; waits for a person.
        Dead = "dead",
    }
}

/// A delivery as an operator sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct OutboxEntry {
    /// The delivery.
    pub delivery: Delivery,
    /// How far it has come.
    pub state: DeliveryState,
    /// When it is tried next.
    pub due_at: Timestamp,
    /// What the last attempt said.
    pub last_error: Option<String>,
}

/// What became of deliveries that were due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted {
    /// The topics of those that were forgotten.
    pub forgotten: Vec<String>,
    /// Whether more may be due than were looked at.
    pub is_more_due: bool,
}

/// The queue workers take deliveries from: at least once, several workers and processes at a time.
///
/// A delivery waits until it is due, is then admitted to its lane, and taken from there in its turn. What was taken
/// waits again, until its lease ends; what failed, until it is tried again. Neither admitting nor taking reads through
/// what waits: either costs the same however much that is.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Looks at up to `max` deliveries of each lane that are due, oldest first. Those whose topic is none of `wanted`
    /// are forgotten, nobody being told of them; without a list all are wanted. The others are admitted to their lane,
    /// where each organisation has its deliveries in their order, and one of each has its turn in every round; what
    /// belongs to none counts as one more. Whoever comes late joins the round that is being taken.
    async fn admit(&self, now: Timestamp, wanted: Option<&[&str]>, max: u32) -> Result<Admitted, StoreError>;

    /// Takes as many deliveries that were admitted as there is room for, those of upper lanes first and within a lane
    /// by turns, and hides each for `lease` from other workers. MUST NOT give one delivery to two takers within its
    /// lease.
    async fn take(&self, now: Timestamp, room: Room, lease: Duration) -> Result<Vec<Delivery>, StoreError>;

    /// Handled: forget it.
    async fn done(&self, ids: &[Uuid]) -> Result<(), StoreError>;

    /// Failed: try again at `retry_at`, or give up without one. MUST count the attempt.
    async fn failed(&self, id: Uuid, error: &str, retry_at: Option<Timestamp>) -> Result<(), StoreError>;

    /// Cannot be handled yet, though nothing went wrong: try again then. MUST NOT count an attempt.
    async fn put_off(&self, id: Uuid, why: &str, until: Timestamp) -> Result<(), StoreError>;

    /// How long the oldest delivery of the lane that is due has waited; zero when none is. Of those admitted it
    /// suffices to look at the ten whose turn is next.
    async fn lag(&self, now: Timestamp, lane: Lane) -> Result<Duration, StoreError>;

    /// What waits or was given up, oldest first.
    async fn list(&self, state: DeliveryState, page: &PageRequest) -> Result<Page<OutboxEntry>, StoreError>;

    /// Puts dead deliveries back into the queue with no attempt counted, all without an id, and tells how many.
    async fn retry(&self, id: Option<Uuid>, now: Timestamp) -> Result<u64, StoreError>;

    /// Resolves when something was committed, or never: a hint that spares workers their polling pause.
    async fn notified(&self);
}

/// Why an event was not handled.
#[derive(Debug, thiserror::Error)]
pub enum EventHandlerError {
    /// Lost to a change made at the same time: the handler is called again at once.
    #[error("{0}")]
    Stale(String),
    /// May succeed later.
    #[error("{0}")]
    Retry(String),
    /// Will never succeed: the delivery is dead at once.
    #[error("{0}")]
    GiveUp(String),
    /// Nothing went wrong, but it is too early: the handler is called again then, however often that happens.
    #[error("{why}")]
    TooEarly {
        /// When it may be handled.
        until: Timestamp,
        /// What it waits for.
        why: &'static str,
    },
}

impl<R: Refusal> From<R> for EventHandlerError {
    fn from(refusal: R) -> Self {
        match refusal.kind() {
            Kind::Stale => Self::Stale(refusal.to_string()),
            _ => Self::Retry(refusal.to_string()),
        }
    }
}

impl From<MailError> for EventHandlerError {
    fn from(error: MailError) -> Self {
        match error {
            MailError::Transient(_) => Self::Retry(error.to_string()),
            MailError::Refused(_) | MailError::Permanent(_) => Self::GiveUp(error.to_string()),
            MailError::Later { until, why } => Self::TooEarly { until, why },
        }
    }
}

/// Handles what happened. Called at least once for each delivery: MUST bear being called again.
#[async_trait]
pub trait EventHandler: Send + Sync {
    /// The topics it handles.
    fn topics(&self) -> &'static [&'static str];

    /// Handles it.
    async fn handle(&self, delivery: &Delivery) -> Result<(), EventHandlerError>;
}
