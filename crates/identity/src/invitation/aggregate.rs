//! An invitation: an organisation asks an address to join, with roles.

use std::time::Duration;

use kernel::{
    AccountId, Change, Id, Lane, Notice, NoticeKind, OrganizationId, Owner, Recipients, Role, Target,
    Timestamp, invitation::Invited,
};
use serde_json::{Value, json};

use crate::{Roles, Spent, email::EmailAddress};

/// Identifies an invitation.
pub type InvitationId = Id<Invitation>;

kernel::named! {
    /// How far an invitation has come.
    pub enum InvitationStatus {
        /// It waits for an answer until it expires.
        Pending = "pending",
        /// The invited joined.
        Accepted = "accepted",
        /// The invited declined.
        Declined = "declined",
        /// It was taken back.
        Revoked = "revoked",
    }
}

/// All an invitation consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationState {
    /// Identifies it.
    pub id: InvitationId,
    /// Where to.
    pub organization: OrganizationId,
    /// Whom; it is bound to this address. `None` once the invited had their data erased.
    pub email: Option<EmailAddress>,
    /// As what.
    pub roles: Roles,
    /// By whom.
    pub invited_by: AccountId,
    /// How far it has come.
    pub status: InvitationStatus,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it can be answered.
    pub expires_at: Timestamp,
}

kernel::aggregate! {
    /// An organisation asks an address to join.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub Invitation(InvitationState) as "invitation" of |invitation| Owner::Organization(invitation.organization)
}

impl Invitation {
    /// The kind of [`Invited`] that is an invitation into an organisation.
    const INVITED: u8 = 3;
    /// How long it can be answered: 7 days.
    pub const LIFE: Duration = Duration::from_secs(7 * 24 * 3600);

    /// Invites; a letter is to be sent.
    pub fn invite(
        id: InvitationId,
        organization: OrganizationId,
        email: EmailAddress,
        roles: Roles,
        invited_by: AccountId,
        now: Timestamp,
    ) -> Self {
        let state = InvitationState {
            id,
            organization,
            email: Some(email),
            roles,
            invited_by,
            status: InvitationStatus::Pending,
            created_at: now,
            expires_at: now.plus(Self::LIFE),
        };
        let mut invitation = Self::restore(state, 0);
        let change = invitation
            .change("invitation.send", now)
            .lane(Lane::Now)
            .personal("email", &Value::Null, &invitation.state.email)
            .plain("roles", &Value::Null, &invitation.state.roles)
            .plain("invited_by", &Value::Null, &invited_by)
            .plain("expires_at", &Value::Null, &invitation.state.expires_at)
            .plain("status", &Value::Null, &InvitationStatus::Pending.name());
        invitation.record(change);
        invitation
    }

    /// Whether it waits for an answer.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.state.status == InvitationStatus::Pending && now < self.state.expires_at
    }

    /// Why it cannot be answered, where it cannot.
    pub(crate) fn answerable(&self, now: Timestamp) -> Result<(), Spent> {
        match self.state.status {
            InvitationStatus::Pending if now < self.state.expires_at => Ok(()),
            InvitationStatus::Pending => Err(Spent::Expired),
            InvitationStatus::Accepted | InvitationStatus::Declined => Err(Spent::Used),
            InvitationStatus::Revoked => Err(Spent::Withdrawn),
        }
    }

    /// When its newest letter was asked for.
    pub(crate) fn asked_at(&self) -> Timestamp {
        self.state.expires_at.minus(Self::LIFE)
    }

    /// What letters about it name it by.
    pub(crate) const fn invited(&self) -> Invited {
        let InvitationState { id, organization, .. } = self.state;
        Invited { kind: Self::INVITED, organization, parent: None, id: id.uuid() }
    }

    /// Sends it again and lets it live anew.
    pub fn resend(&mut self, now: Timestamp) {
        let before = std::mem::replace(&mut self.state.expires_at, now.plus(Self::LIFE));
        let change = self.change("invitation.send", now).lane(Lane::Now).plain(
            "expires_at",
            &before,
            &self.state.expires_at,
        );
        self.record(change);
    }

    /// The invited joined as `account`, and is called so. Whoever invited them is told, and who runs the organisation.
    pub fn accept(&mut self, account: AccountId, name: Option<&str>, now: Timestamp) {
        let InvitationState { id, organization, invited_by, .. } = self.state;
        let roles = self.state.roles.names();
        let notice = |to| {
            Notice::new(to, NoticeKind::System, "identity/member-joined")
                .with(json!({ "person": name.unwrap_or("Somebody"), "roles": roles }))
                .dedupe(format!("joined:{id}"))
        };
        let change = self
            .change_status(InvitationStatus::Accepted, "invitation.accept", now)
            .plain("account", &Value::Null, &account)
            .with(json!({ "account": account }))
            .notify(notice(Recipients::Member(organization, invited_by)))
            .notify(notice(Recipients::Holders(organization, vec![Role::Owner, Role::Admin])));
        self.record(change);
    }

    /// The invited declined.
    pub fn decline(&mut self, now: Timestamp) {
        let change = self.change_status(InvitationStatus::Declined, "invitation.decline", now);
        self.record(change);
    }

    /// It is taken back.
    pub fn revoke(&mut self, now: Timestamp) {
        let change = self.change_status(InvitationStatus::Revoked, "invitation.revoke", now);
        self.record(change);
    }

    /// The invited had their data erased.
    pub fn forget_address(&mut self, now: Timestamp) {
        self.state.email = None;
        let status = match self.state.status {
            InvitationStatus::Pending => InvitationStatus::Revoked,
            answered => answered,
        };
        let change = self.change_status(status, "invitation.forget_address", now);
        self.record(change.secret("email"));
    }

    fn change_status(&mut self, status: InvitationStatus, action: &'static str, now: Timestamp) -> Change {
        let before = std::mem::replace(&mut self.state.status, status);
        self.change(action, now).plain("status", &before.name(), &status.name())
    }

    /// It is about whoever is invited, who may have no account: the invitation stands for them.
    fn change(&self, action: &'static str, now: Timestamp) -> Change {
        Change::new(action, Target::new(Self::KIND, self.state.id), now)
            .of(self.state.organization)
            .about(self.state.id.uuid())
    }
}
