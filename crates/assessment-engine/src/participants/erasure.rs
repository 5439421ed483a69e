//! A person had their data erased: what they were asked, what they said and whose the results are is forgotten; the
//! scores stay, as nobody's.

use assessment_format::session::{Event, Reason, Stage};
use kernel::{AccountId, Ctx, EmailAddress, Id, OrganizationId, Scope, Timestamp, invitation::Invitee};
use uuid::Uuid;

use crate::{
    invitations::InvitationSource,
    participants::{Invited, ParticipantService, invited, participation::Participation},
    refusal::Refused,
    sessions::interview_session::{Origin, OriginKind},
    unit::Unit,
};

/// Why a session does not count whose person is gone.
const ERASED: &str = "the person had their data erased";

impl ParticipantService {
    /// Forgets all that was the person's. Their participations go one by one, each after what it led to, so that a
    /// second attempt goes on where the first ended.
    pub(super) async fn erase(
        &self,
        account: AccountId,
        email: Option<&EmailAddress>,
    ) -> Result<(), Refused> {
        let mut unit = self.begin(Scope::Account(account)).await?;
        let participations = unit.participations(account).await?;
        drop(unit);
        for Participation { organization, kind, origin, .. } in participations {
            let mut unit = self.begin(Scope::Tenant(organization)).await?;
            let found = match kind {
                OriginKind::Campaign => {
                    let found = unit.assignment(Id::from_uuid(origin)).await?;
                    found.map(|of| Origin::Campaign { campaign: of.campaign, assignment: of.id })
                }
                OriginKind::Coaching => Some(Origin::Coaching(Id::from_uuid(origin))),
            };
            if let Some(found) = found {
                let own = |invitee: &Invitee| invitee.account == Some(account);
                self.forget(unit, found, own).await?;
            }
            let mut unit = self.begin(Scope::Account(account)).await?;
            unit.delete_participation(account, origin).await?;
            unit.commit().await?;
        }
        match email {
            Some(email) => self.forget_address(email).await,
            None => Ok(()),
        }
    }

    /// Forgets a guest in one place. What waits for whoever registers with their address is left: it names the place,
    /// and nobody any more.
    pub(super) async fn erase_guest(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        origin: Uuid,
    ) -> Result<(), Refused> {
        let mut unit = self.ports.store.begin_in(ctx, Scope::Tenant(organization)).await?;
        let found = InvitationSource::of(&mut *unit, origin, None).await?;
        let is_guest = |invitee: &Invitee| invitee.account.is_none() && invitee.email.is_some();
        let found =
            found.filter(|source| is_guest(source.invitee())).ok_or(Refused::Missing("assignment"))?;
        self.forget(unit, found.origin(), is_guest).await
    }

    /// What the person's address was asked for beside, as a guest.
    async fn forget_address(&self, email: &EmailAddress) -> Result<(), Refused> {
        let mut unit = self.begin(Scope::Worker).await?;
        let asked = unit.pending_email_invitations(email, &Origin::KINDS).await?;
        drop(unit);
        if asked.is_empty() {
            return Ok(());
        }
        for asked in &asked {
            let Some(origin) = Origin::of(asked) else { continue };
            let unit = self.begin(Scope::Tenant(asked.organization)).await?;
            self.forget(unit, origin, |invitee| invitee.email.as_ref() == Some(email)).await?;
        }
        let mut unit = self.begin(Scope::Worker).await?;
        unit.delete_pending_email_invitations(email, &Origin::KINDS).await?;
        Ok(unit.commit().await?)
    }

    /// Forgets what somebody was asked in, if it is theirs, and with it whatever the trail sealed for what stands
    /// for them.
    async fn forget(
        &self,
        mut unit: Box<Unit>,
        origin: Origin,
        own: impl Fn(&Invitee) -> bool + Send,
    ) -> Result<(), Refused> {
        let now = self.ports.clock.now();
        let Some(found) = invited(&mut *unit, origin).await? else { return Ok(()) };
        let invitee = found.invitee();
        if own(invitee) {
            forget_session(&mut *unit, origin, now).await?;
            match found {
                Invited::Campaign(mut assignment) => {
                    assignment.forget(now);
                    unit.save_assignment(&mut assignment).await?;
                }
                Invited::Coaching(mut coaching) => {
                    coaching.forget(now);
                    unit.release_claims(&coaching.target()).await?;
                    unit.save_coaching_session(&mut coaching).await?;
                }
            }
            unit.commit().await?;
        } else if invitee.account.is_some() || invitee.email.is_some() {
            return Ok(());
        } else {
            drop(unit);
        }
        let mut unit = self.begin(Scope::Identity).await?;
        unit.shred_keys(origin.id());
        Ok(unit.commit().await?)
    }
}

/// What was not scored yet cannot be any more, and does not count.
async fn forget_session(unit: &mut Unit, origin: Origin, now: Timestamp) -> Result<(), Refused> {
    let Some(session) = unit.session_of(origin).await? else { return Ok(()) };
    let Some(mut session) = unit.interview_session_for_update(session.id).await? else { return Ok(()) };
    let stage = session.settled(now).status.stage();
    if !matches!(stage, Stage::Scored | Stage::Released | Stage::Voided) {
        let reason = Reason::new(ERASED).map_err(|error| Refused::Fault(error.to_string()))?;
        let evidence = vec![("reason", reason.as_str().into())];
        session.happen(&Event::Void { reason }, evidence, now)?;
    }
    session.forget(now);
    unit.save_interview_session(&mut session).await?;
    unit.erase_responses(session.id).await?;
    if let Some(mut result) = unit.result_of(session.id).await? {
        result.forget(now);
        unit.save_result(&mut result).await?;
    }
    Ok(())
}
