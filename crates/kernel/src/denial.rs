//! Attempts that came to nothing: what an audit trail keeps although no unit of work was committed.

use async_trait::async_trait;
use uuid::Uuid;

use crate::{Actor, Ctx, OrganizationId, Refusal, StoreError, Timestamp};

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
    /// The person it was tried on, who sees it in their own trail.
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

/// Something that is tried, and on what: named before it is known how it ends.
#[derive(Debug, Clone, Copy)]
pub struct AuditedAttempt {
    action: &'static str,
    target_kind: &'static str,
    target: Option<Uuid>,
    organization: Option<OrganizationId>,
    subject: Option<Uuid>,
}

impl AuditedAttempt {
    /// An action is tried on a thing of this kind.
    pub const fn new(action: &'static str, target_kind: &'static str) -> Self {
        Self { action, target_kind, target: None, organization: None, subject: None }
    }

    /// The thing it is tried on.
    pub const fn on(self, target: Uuid) -> Self {
        Self { target: Some(target), ..self }
    }

    /// The person it is tried on, who shall see it.
    pub const fn about(self, subject: Uuid) -> Self {
        Self { subject: Some(subject), ..self }
    }

    /// The organisation in whose trail it stands. Without one, what an API key tries stands in its organisation's trail
    /// and all else in the platform's.
    pub const fn of(self, organization: OrganizationId) -> Self {
        Self { organization: Some(organization), ..self }
    }

    /// Records how the attempt ended. An attempt that cannot be recorded fails as [`StoreError::Unavailable`]:
    /// nothing is refused unseen. No unit may be open meanwhile, since it holds a connection and this takes
    /// another.
    pub async fn record(
        self,
        denials: &dyn Denials,
        ctx: &Ctx,
        at: Timestamp,
        outcome: Outcome,
        reason: &'static str,
    ) -> Result<(), StoreError> {
        let Self { action, target_kind, target, organization, subject } = self;
        let own = match ctx.actor {
            Actor::Service { organization, .. } => Some(organization),
            _ => None,
        };
        let organization = organization.or(own);
        let denial = Denial { action, outcome, reason, target_kind, target, organization, subject, at };
        let kept = denials.record_denial(ctx, denial).await;
        kept.map_err(|error| StoreError::Unavailable(error.to_string()))
    }

    /// Records that the attempt was refused and hands the refusal on, or the error that kept it from being recorded.
    pub async fn refused<R: Refusal + From<StoreError>>(
        self,
        denials: &dyn Denials,
        ctx: &Ctx,
        at: Timestamp,
        outcome: Outcome,
        refusal: R,
    ) -> R {
        let recorded = self.record(denials, ctx, at, outcome, refusal.code()).await;
        recorded.map_or_else(R::from, |()| refusal)
    }
}
