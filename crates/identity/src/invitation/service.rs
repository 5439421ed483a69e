//! Inviting people, and answering.

use std::{collections::HashMap, ops::Deref, sync::Arc};

use kernel::{
    AccountId, AuditedAttempt, Ctx, Id, OrganizationId, Page, PageRequest, Scope, Secret, Timestamp,
    letters::{DeliveryStatus, LetterHistory},
};
use uuid::Uuid;

use crate::{
    Account, Action, EmailAddress, Invitation, InvitationId, Membership, MembershipId, Organization, Purpose,
    Reach, Refused, Roles, Spent, Unit,
    access::{self, Permit, permit, permit_by},
    directory::ReceivedInvitation,
    invitation::response::InvitationResponse,
    one_time_token::link::already_used,
    permission::{may_grant, reach_of},
    ports::{Ports, Settings},
    registration::{MailKind, reserve_mail},
    throttle::Verdict,
};

const SEND: &str = "invitation.send";
const REVOKE: &str = "invitation.revoke";

/// The invitation service.
#[derive(Debug, Clone)]
pub struct InvitationService {
    ports: Ports,
    settings: Arc<Settings>,
}

/// An invitation as whoever runs the organisation sees it.
#[derive(Debug, Clone)]
pub struct SentInvitation {
    /// The invitation.
    pub invitation: Invitation,
    /// How far its newest letter has come.
    pub delivery: Option<DeliveryStatus>,
}

impl Deref for SentInvitation {
    type Target = Invitation;

    fn deref(&self) -> &Invitation {
        &self.invitation
    }
}

impl SentInvitation {
    fn of(invitation: Invitation, history: Option<&LetterHistory>) -> Self {
        let delivery = LetterHistory::status(history, Some(invitation.asked_at()));
        Self { invitation, delivery }
    }
}

/// Which invitation is answered.
#[derive(Debug, Clone)]
pub enum InvitationRef {
    /// The one whose letter held this token.
    Token(Secret),
    /// The one in the list of one's own.
    Id(InvitationId),
}

impl InvitationService {
    /// A service over these ports.
    pub fn new(ports: Ports, settings: Arc<Settings>) -> Self {
        Self { ports, settings }
    }

    /// Invites an address with roles that do not go beyond the inviter's own.
    pub async fn invite(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        email: EmailAddress,
        roles: Roles,
    ) -> Result<SentInvitation, Refused> {
        let permit = permit(&self.ports, ctx, organization, Action::Invite).await?;
        let audited = permit.attempt(SEND, Organization::KIND, organization.uuid());
        self.ports.audit_refusal(ctx, audited, permit.covers(&self.ports, &roles)).await?;
        self.require_fresh_proof_for(ctx, &roles, audited).await?;
        let now = self.ports.clock.now();
        if self.is_member(ctx, organization, &email).await? {
            return Err(Refused::AlreadyMember);
        }
        self.admit_letter(&email, now).await?;
        let mut unit = self.ports.store.begin_in(&permit.ctx, permit.ctx.scope).await?;
        if let Some(mut pending) = unit.pending_invitation(organization, &email).await? {
            if pending.is_open(now) {
                return Err(Refused::AlreadyInvited);
            }
            pending.revoke(now);
            unit.save_invitation(&mut pending).await?;
        }
        self.settings.quotas.admit_invitation(&mut *unit, &permit.organization, now).await?;
        let id = Id::from_uuid(self.ports.ids.opaque());
        let mut invitation = Invitation::invite(id, organization, email, roles, permit.account(), now);
        unit.save_invitation(&mut invitation).await?;
        unit.commit().await?;
        Ok(SentInvitation::of(invitation, None))
    }

    /// The organisation's pending invitations; recruiters see their own.
    pub async fn list(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        page: &PageRequest,
    ) -> Result<Page<SentInvitation>, Refused> {
        let permit = permit(&self.ports, ctx, organization, Action::ViewInvitations).await?;
        let found = self.ports.directory.invitations(&permit.ctx, permit.only_own(), page).await?;
        let ids: Vec<Uuid> = found.items.iter().map(|of| of.id.uuid()).collect();
        let mut unit = self.ports.store.begin_in(&permit.ctx, permit.ctx.scope).await?;
        let letters = unit.letters(organization, &ids).await?;
        let letters: HashMap<Uuid, LetterHistory> = letters.into_iter().map(|of| (of.about.id, of)).collect();
        Ok(found.map(|invitation| {
            let history = letters.get(&invitation.id.uuid());
            SentInvitation::of(invitation, history)
        }))
    }

    /// One of the organisation's invitations.
    pub async fn get(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: InvitationId,
    ) -> Result<SentInvitation, Refused> {
        let permit = permit(&self.ports, ctx, organization, Action::ViewInvitations).await?;
        let mut unit = self.ports.store.begin_in(&permit.ctx, permit.ctx.scope).await?;
        let found = managed(&mut *unit, &permit, id).await;
        let letters = unit.letters(organization, &[id.uuid()]).await?;
        drop(unit);
        let audited = permit.attempt(Action::ViewInvitations.name(), Invitation::KIND, id.uuid());
        let found = self.ports.audit_refusal(ctx, audited, found).await?;
        Ok(SentInvitation::of(found, letters.first()))
    }

    /// Sends the letter again; the invitation lives anew. Older links stop working a day after it was delivered.
    pub async fn resend(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: InvitationId,
    ) -> Result<SentInvitation, Refused> {
        let permit = permit_by(&self.ports, ctx, organization, &Action::ManageInvitations, SEND).await?;
        let audited = permit.attempt(SEND, Invitation::KIND, id.uuid());
        let found = self.to_send_again(&permit, id).await;
        let mut invitation = self.ports.audit_refusal(ctx, audited, found).await?;
        self.require_fresh_proof_for(ctx, &invitation.roles, audited).await?;
        let now = self.ports.clock.now();
        if let Some(email) = &invitation.email {
            self.admit_letter(email, now).await?;
        }
        let is_over = !invitation.is_open(now);
        invitation.resend(now);
        // Counting took a connection of its own; a change in between makes this save stale.
        let mut unit = self.ports.store.begin_in(&permit.ctx, permit.ctx.scope).await?;
        if is_over {
            self.settings.quotas.admit_invitation(&mut *unit, &permit.organization, now).await?;
        }
        unit.save_invitation(&mut invitation).await?;
        unit.commit().await?;
        Ok(SentInvitation::of(invitation, None))
    }

    /// Lets another invitation be sent to an address, whoever invites.
    async fn admit_letter(&self, email: &EmailAddress, now: Timestamp) -> Result<(), Refused> {
        match reserve_mail(&self.ports, MailKind::Invitation, email, now).await? {
            Verdict::Free => Ok(()),
            Verdict::Busy => Err(Refused::MailedOften { seconds: 1 }),
            Verdict::Locked { until } => {
                Err(Refused::MailedOften { seconds: until.since(now).as_secs() + 1 })
            }
        }
    }

    /// Takes the invitation read at `version` back.
    pub async fn revoke(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: InvitationId,
        version: i64,
    ) -> Result<(), Refused> {
        let permit = permit_by(&self.ports, ctx, organization, &Action::ManageInvitations, REVOKE).await?;
        let revoked = self.take_back(&permit, id, version).await;
        self.ports.audit_refusal(ctx, permit.attempt(REVOKE, Invitation::KIND, id.uuid()), revoked).await
    }

    async fn to_send_again(&self, permit: &Permit, id: InvitationId) -> Result<Invitation, Refused> {
        let mut unit = self.ports.store.begin_in(&permit.ctx, permit.ctx.scope).await?;
        let invitation = pending(&mut *unit, permit, id).await?;
        permit.covers(&self.ports, &invitation.roles)?;
        Ok(invitation)
    }

    async fn take_back(&self, permit: &Permit, id: InvitationId, version: i64) -> Result<(), Refused> {
        let mut unit = self.ports.store.begin_in(&permit.ctx, permit.ctx.scope).await?;
        let mut invitation = pending(&mut *unit, permit, id).await?;
        invitation.unchanged_since(version)?;
        invitation.revoke(self.ports.clock.now());
        unit.save_invitation(&mut invitation).await?;
        Ok(unit.commit().await?)
    }

    /// The open invitations of one's own address.
    pub async fn list_received(
        &self,
        ctx: &Ctx,
        page: &PageRequest,
    ) -> Result<Page<ReceivedInvitation>, Refused> {
        let (_, email) = self.own_address(ctx, Action::ViewInvitations.name()).await?;
        let identity = ctx.within(Scope::Identity);
        Ok(self.ports.directory.invitations_for(&identity, &email, self.ports.clock.now(), page).await?)
    }

    /// Joins. The inviter must still be allowed to give these roles.
    pub async fn accept(&self, ctx: &Ctx, invitation: InvitationRef) -> Result<Membership, Refused> {
        const ACCEPT: &str = "invitation.accept";
        let (account, email) = self.own_address(ctx, ACCEPT).await?;
        let mut response = InvitationResponse::new(&invitation);
        let joined = self.join(ctx, account, &email, &mut response).await;
        self.ports.audit_refusal(ctx, response.attempt(ACCEPT), joined).await
    }

    async fn join(
        &self,
        ctx: &Ctx,
        account: AccountId,
        email: &EmailAddress,
        response: &mut InvitationResponse<'_>,
    ) -> Result<Membership, Refused> {
        let now = self.ports.clock.now();
        let mut unit = self.ports.store.begin_in(ctx, Scope::Identity).await?;
        let joining = unit.account(account).await?.filter(Account::is_active).ok_or(Refused::InvalidToken)?;
        let mut invitation = response.invitation(&mut *unit, email, now).await?;
        let organization = invitation.organization;
        let open = unit.organization(organization).await?.is_some_and(|found| found.is_active());
        let inviter = unit.membership(organization, invitation.invited_by).await?;
        let inviter = inviter.filter(|inviter| {
            inviter.is_active()
                && reach_of(&inviter.roles, Action::Invite) > Reach::None
                && may_grant(&inviter.roles, &invitation.roles, &self.ports.domains)
        });
        let inviter_active =
            unit.account(invitation.invited_by).await?.is_some_and(|found| found.is_active());
        if !open || !inviter_active || inviter.is_none() {
            return Err(Refused::SpentLink(Spent::Withdrawn, Purpose::Invitation));
        }
        let mut membership = match unit.membership(organization, account).await? {
            Some(membership) if membership.is_active() => return Err(Refused::AlreadyMember),
            Some(mut membership) => {
                membership.rejoin(invitation.roles.clone(), now);
                membership
            }
            None => {
                let id: MembershipId = self.ports.ids.next();
                Membership::join(id, organization, account, invitation.roles.clone(), now)
            }
        };
        invitation.accept(account, joining.greeting_name().as_deref(), now);
        unit.save_invitation(&mut invitation).await.map_err(already_used(Purpose::Invitation))?;
        unit.save_membership(&mut membership).await?;
        unit.commit().await.map_err(already_used(Purpose::Invitation))?;
        Ok(membership)
    }

    /// Declines.
    pub async fn decline(&self, ctx: &Ctx, invitation: InvitationRef) -> Result<(), Refused> {
        const DECLINE: &str = "invitation.decline";
        let (_, email) = self.own_address(ctx, DECLINE).await?;
        let mut response = InvitationResponse::new(&invitation);
        let declined = self.turn_down(ctx, &email, &mut response).await;
        self.ports.audit_refusal(ctx, response.attempt(DECLINE), declined).await
    }

    async fn turn_down(
        &self,
        ctx: &Ctx,
        email: &EmailAddress,
        response: &mut InvitationResponse<'_>,
    ) -> Result<(), Refused> {
        let now = self.ports.clock.now();
        let mut unit = self.ports.store.begin_in(ctx, Scope::Identity).await?;
        let mut invitation = response.invitation(&mut *unit, email, now).await?;
        invitation.decline(now);
        unit.save_invitation(&mut invitation).await.map_err(already_used(Purpose::Invitation))?;
        unit.commit().await.map_err(already_used(Purpose::Invitation))
    }

    /// Inviting someone who will run the organisation is a grant of roles: a person proves again who they are, and a
    /// key, which may not grant roles, may not do it this way either.
    async fn require_fresh_proof_for(
        &self,
        ctx: &Ctx,
        roles: &Roles,
        audited: AuditedAttempt,
    ) -> Result<(), Refused> {
        let runs = |action| reach_of(roles, action) > Reach::None;
        if runs(Action::GrantRoles) || runs(Action::ManageApiKeys) {
            access::recent_person(&self.ports, &self.settings, ctx, audited).await?;
        }
        Ok(())
    }

    async fn is_member(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        email: &EmailAddress,
    ) -> Result<bool, Refused> {
        let mut unit = self.ports.store.begin_in(ctx, Scope::Identity).await?;
        let Some(account) = unit.account_by_email(email).await? else { return Ok(false) };
        let membership = unit.membership(organization, account.id).await?;
        Ok(membership.is_some_and(|membership| membership.is_active()))
    }

    async fn own_address(
        &self,
        ctx: &Ctx,
        action: &'static str,
    ) -> Result<(AccountId, EmailAddress), Refused> {
        let id = access::person(&self.ports, ctx, Invitation::attempt(action)).await?;
        let account = self.ports.directory.account(&ctx.within(Scope::Account(id)), id).await?;
        let email = account.and_then(|account| account.email.clone()).ok_or(Refused::InvalidToken)?;
        Ok((id, email))
    }
}

/// An invitation of the organisation that the permit reaches.
async fn managed(unit: &mut Unit, permit: &Permit, id: InvitationId) -> Result<Invitation, Refused> {
    let (organization, only) = (permit.organization.id, permit.only_own());
    let reached = |found: &Invitation| {
        found.organization == organization && only.is_none_or(|inviter| found.invited_by == inviter)
    };
    unit.invitation(id).await?.filter(reached).ok_or(Refused::Missing("invitation"))
}

/// The same, waiting for an answer.
async fn pending(unit: &mut Unit, permit: &Permit, id: InvitationId) -> Result<Invitation, Refused> {
    let invitation = managed(unit, permit, id).await?;
    let waits = invitation.status == crate::InvitationStatus::Pending;
    if waits { Ok(invitation) } else { Err(Refused::Missing("invitation")) }
}
