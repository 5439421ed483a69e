//! The outbox: changes waiting to be told to whoever reacts to them.

use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;
use uuid::Uuid;

use crate::{Kind, MailError, OrganizationId, Page, PageRequest, Refusal, StoreError, Timestamp};

/// A committed change on its way to its handlers.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// Identifies it; handlers see one id again when it is delivered again.
    pub id: Uuid,
    /// What happened, such as `registration.open`.
    pub topic: String,
    /// The kind of thing it happened to.
    pub target_kind: String,
    /// Which one.
    pub target_id: Uuid,
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

/// The queue workers take deliveries from: at least once, several workers and processes at a time.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Takes up to `max` deliveries that are due, oldest first, and hides each for `lease` from other workers.
    /// MUST NOT give one delivery to two takers within its lease.
    async fn take(&self, now: Timestamp, max: u32, lease: Duration) -> Result<Vec<Delivery>, StoreError>;

    /// Forgets up to `max` deliveries that are due and whose topic is none of `wanted`; tells their topics.
    async fn forget_unwanted(
        &self,
        now: Timestamp,
        wanted: &[&str],
        max: u32,
    ) -> Result<Vec<String>, StoreError>;

    /// Handled: forget it.
    async fn done(&self, ids: &[Uuid]) -> Result<(), StoreError>;

    /// Failed: try again at `retry_at`, or give up without one. MUST count the attempt.
    async fn failed(&self, id: Uuid, error: &str, retry_at: Option<Timestamp>) -> Result<(), StoreError>;

    /// How long the oldest due delivery has waited; zero when none is due.
    async fn lag(&self, now: Timestamp) -> Result<Duration, StoreError>;

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
