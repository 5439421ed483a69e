//! Idempotency: a client's retry of one request has one effect.

use async_trait::async_trait;
use uuid::Uuid;

use crate::{IdempotencyKey, StoreError, Timestamp};

/// A request that wants to run once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotentRequest {
    /// Identifies this attempt; [`crate::Ctx::idempotency`] carries it to `commit`.
    pub id: IdempotencyKey,
    /// Who asks, such as `account:0192…`: keys of different callers do not meet.
    pub caller: String,
    /// The client's key, 1 to 255 visible ASCII characters.
    pub key: String,
    /// SHA-256 of method, path and body.
    pub fingerprint: [u8; 32],
}

/// What a request saved first, for rendering the answer again after a crash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedTarget {
    /// The kind of the first aggregate saved.
    pub kind: String,
    /// Which one.
    pub id: Uuid,
    /// Its version after the save.
    pub version: i64,
}

/// How far the request under a key has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdempotencyState {
    /// It is the first: run.
    Run,
    /// It ran: this sealed answer was given, to who had leave then. With what it saved first, if it committed anything.
    Answered {
        /// The answer, sealed by the caller of [`IdempotencyStore::answer`].
        sealed: Vec<u8>,
        /// `None`: nothing was committed. `Some(None)`: something was, and nothing saved.
        committed: Option<Option<SavedTarget>>,
    },
    /// It ran, but its answer was lost: render it again from the target. (`None`: nothing was saved.)
    Committed(Option<SavedTarget>),
    /// The key was used for another request.
    OtherRequest,
    /// It is running.
    Running,
}

/// Where requests that run once are kept, for 24 hours.
#[async_trait]
pub trait IdempotencyStore: Send + Sync {
    /// Reserves a key. MUST let one of several parallel requests run (`idempotency::one_of_many_runs`). One neither
    /// committed nor answered within 60 seconds died with its process and is given to the next; one older than 24
    /// hours is forgotten.
    async fn reserve(
        &self,
        request: &IdempotentRequest,
        now: Timestamp,
    ) -> Result<IdempotencyState, StoreError>;

    /// Keeps the answer, sealed by the caller.
    async fn answer(&self, id: IdempotencyKey, sealed: &[u8]) -> Result<(), StoreError>;

    /// The request failed and changed nothing: the key is free again.
    async fn release(&self, id: IdempotencyKey) -> Result<(), StoreError>;

    /// Forgets what was reserved before.
    async fn purge(&self, before: Timestamp) -> Result<u64, StoreError>;
}
