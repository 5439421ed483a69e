//! Answering an invitation: by the link in its letter, or from the list of one's own.

use kernel::{AuditedAttempt, Id, Timestamp};

use crate::{
    EmailAddress, Invitation, InvitationId, Purpose, Refused, Unit, invitation::InvitationRef,
    one_time_token::link::Link,
};

/// The response to an invitation, by the link in its letter or by its id.
pub(crate) enum InvitationResponse<'a> {
    Link(Link<'a>),
    Id(InvitationId),
}

impl<'a> InvitationResponse<'a> {
    pub(crate) const fn new(invitation: &'a InvitationRef) -> Self {
        match invitation {
            InvitationRef::Token(token) => Self::Link(Link::new(Purpose::Invitation, token)),
            InvitationRef::Id(id) => Self::Id(*id),
        }
    }

    /// The open invitation of this address that is answered; a token is used up.
    pub(crate) async fn invitation(
        &mut self,
        unit: &mut Unit,
        email: &EmailAddress,
        now: Timestamp,
    ) -> Result<Invitation, Refused> {
        let id = match self {
            Self::Link(link) => Id::from_uuid(link.find(unit).await?.subject),
            Self::Id(id) => *id,
        };
        let invitation = unit.invitation(id).await?.ok_or(Refused::Missing("invitation"))?;
        let is_own = invitation.email.as_ref() == Some(email);
        match self {
            Self::Link(_) if !is_own => return Err(Refused::InvitationOfAnother),
            Self::Link(link) => {
                invitation.answerable(now).map_err(|spent| link.spent(spent))?;
                link.use_up(unit, now).await?;
            }
            Self::Id(_) if is_own && invitation.is_open(now) => {}
            Self::Id(_) => return Err(Refused::Missing("invitation")),
        }
        Ok(invitation)
    }

    /// What it would have led to, on the invitation as far as that is known.
    pub(crate) fn attempt(&self, action: &'static str) -> AuditedAttempt {
        match self {
            Self::Link(link) => link.attempt(action, Invitation::KIND),
            Self::Id(id) => Invitation::attempt(action).on(id.uuid()),
        }
    }
}
