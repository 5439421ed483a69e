//! Attempts, and how they are recorded in the audit trail when they are refused or fail.

use kernel::{Actor, Ctx, Denial, OrganizationId, Outcome, Refusal as _, StoreError};
use uuid::Uuid;

use crate::{Account, Refused, ports::Ports};

/// What somebody tries, and on what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AuditedAttempt {
    action: &'static str,
    kind: &'static str,
    target: Option<Uuid>,
    organization: Option<OrganizationId>,
    subject: Option<Uuid>,
}

impl AuditedAttempt {
    /// Something is tried on a thing of this kind.
    pub(crate) const fn new(action: &'static str, kind: &'static str) -> Self {
        Self { action, kind, target: None, organization: None, subject: None }
    }

    /// Something is tried on an account.
    pub(crate) const fn account(action: &'static str) -> Self {
        Self::new(action, Account::KIND)
    }

    /// It is tried on this one.
    pub(crate) const fn on(self, target: Uuid) -> Self {
        Self { target: Some(target), ..self }
    }

    /// The person it is tried on shall see it.
    pub(crate) const fn about(self, subject: Uuid) -> Self {
        Self { subject: Some(subject), ..self }
    }

    /// It stands in the trail of this organisation.
    pub(crate) const fn of(self, organization: OrganizationId) -> Self {
        Self { organization: Some(organization), ..self }
    }
}

impl Refused {
    /// How the trail shows an attempt that ended so. `None` for what tells nothing of a guess or of missing leave: wrong
    /// input, a state that forbids it, a proof the client is asked for, trouble of ours.
    const fn audited_outcome(&self) -> Option<Outcome> {
        match self {
            Self::WrongCredentials | Self::InvalidOneTimeToken | Self::WrongCode => Some(Outcome::Failure),
            Self::SecondFactorNeeded
            | Self::Forbidden
            | Self::PersonNeeded
            | Self::Missing(_)
            | Self::BeyondOwnRoles
            | Self::OwnAccount
            | Self::InvitationOfAnother => Some(Outcome::Denied),
            Self::Invalid { .. }
            | Self::Password(_)
            | Self::SecondFactorRequired
            | Self::InvalidToken
            | Self::StepUpRequired
            | Self::Stale
            | Self::LastOwner
            | Self::SlugTaken
            | Self::AlreadyMember
            | Self::AlreadyInvited
            | Self::SecondFactorExists
            | Self::NoSecondFactor
            | Self::SecondFactorDemanded
            | Self::Busy { .. }
            | Self::Store(_)
            | Self::Fault(_) => None,
        }
    }
}

impl Ports {
    /// Records an attempt that was denied or failed in the audit trail, and hands on how it ended. No unit may be
    /// open meanwhile: it holds a connection, and this takes one.
    pub(crate) async fn audit_refusal<T>(
        &self,
        ctx: &Ctx,
        audited: AuditedAttempt,
        outcome: Result<T, Refused>,
    ) -> Result<T, Refused> {
        let Err(refused) = &outcome else { return outcome };
        if let Some(ending) = refused.audited_outcome() {
            self.record_attempt(ctx, audited, ending, refused.code()).await?;
        }
        outcome
    }

    /// Records in the audit trail how an attempt ended. When that cannot be kept the call fails: nothing is
    /// refused unseen.
    pub(crate) async fn record_attempt(
        &self,
        ctx: &Ctx,
        audited: AuditedAttempt,
        outcome: Outcome,
        reason: &'static str,
    ) -> Result<(), Refused> {
        let AuditedAttempt { action, kind, target, organization, subject } = audited;
        let own = match ctx.actor {
            Actor::Service { organization, .. } => Some(organization),
            _ => None,
        };
        let denial = Denial {
            action,
            outcome,
            reason,
            target_kind: kind,
            target,
            organization: organization.or(own),
            subject,
            at: self.clock.now(),
        };
        let kept = self.denials.record_denial(ctx, denial).await;
        kept.map_err(|error| Refused::Store(StoreError::Unavailable(error.to_string())))
    }
}
