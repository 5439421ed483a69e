//! Attempts that came to nothing: what an audit trail keeps although no unit of work was committed.

use async_trait::async_trait;
use uuid::Uuid;

use crate::{Ctx, OrganizationId, StoreError, Timestamp};

kernel::named! {
    /// How something ended.
    pub enum Outcome {
        /// It was done.
        Success = "success",
        /// It was tried and went wrong: a wrong password, a link used twice.
        Failure = "failure",
        /// It was not allowed.
        Denied = "denied",
    }
}

/// An attempt that failed or was denied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// What was tried, such as `session.begin`.
    pub action: &'static str,
    /// [`Outcome::Failure`] or [`Outcome::Denied`].
    pub outcome: Outcome,
    /// The stable code of the refusal.
    pub reason: &'static str,
    /// The kind of thing it was tried on.
    pub target_kind: &'static str,
    /// Which one, where there is one.
    pub target: Option<Uuid>,
    /// The organisation in whose trail it stands, if any.
    pub organization: Option<OrganizationId>,
    /// The person it was tried on, who sees it in his own trail.
    pub subject: Option<Uuid>,
    /// When.
    pub at: Timestamp,
}

/// Keeps attempts, each in a transaction of its own, so that it survives the rollback of what was tried.
#[async_trait]
pub trait Denials: Send + Sync {
    /// Keeps one; it is durable when this returns.
    async fn record_denial(&self, ctx: &Ctx, denial: Denial) -> Result<(), StoreError>;
}
