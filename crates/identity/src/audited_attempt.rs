//! Which refusals the audit trail keeps, and how.

use kernel::{AuditedAttempt, Ctx, Outcome};

use crate::{Refused, ports::Ports};

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
        ended: Result<T, Refused>,
    ) -> Result<T, Refused> {
        match ended {
            Err(refused) => match refused.audited_outcome() {
                Some(outcome) => {
                    let now = self.clock.now();
                    Err(audited.refused(&*self.denials, ctx, now, outcome, refused).await)
                }
                None => Err(refused),
            },
            done => done,
        }
    }

    /// Records in the audit trail that an attempt failed for a reason its author is not told.
    pub(crate) async fn audit_failure(
        &self,
        ctx: &Ctx,
        audited: AuditedAttempt,
        reason: &'static str,
    ) -> Result<(), Refused> {
        Ok(audited.record(&*self.denials, ctx, self.clock.now(), Outcome::Failure, reason).await?)
    }
}
