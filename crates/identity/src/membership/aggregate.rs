//! A membership: what a person is in an organisation.

use kernel::{AccountId, Change, Id, OrganizationId, Owner, Target, Timestamp};
use serde_json::{Value, json};

use crate::{Role, Roles, text::Name};

/// Identifies a membership.
pub type MembershipId = Id<Membership>;

kernel::named! {
    /// Whether a membership counts.
    pub enum MembershipStatus {
        /// The membership counts.
        Active = "active",
        /// The organisation was closed.
        Suspended = "suspended",
        /// The member left or was removed.
        Ended = "ended",
    }
}

/// All a membership consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MembershipState {
    /// Identifies it.
    pub id: MembershipId,
    /// Where.
    pub organization: OrganizationId,
    /// Who.
    pub account: AccountId,
    /// As what.
    pub roles: Roles,
    /// What the person's job is called.
    pub job_title: Option<Name>,
    /// Where in the organisation the person works.
    pub department: Option<Name>,
    /// Whether it counts.
    pub status: MembershipStatus,
    /// Since when.
    pub created_at: Timestamp,
}

kernel::aggregate! {
    /// What a person is in an organisation.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub Membership(MembershipState) as "membership"
        of |membership| Owner::Member(membership.organization, membership.account)
}

impl Membership {
    /// Someone joins.
    pub fn join(
        id: MembershipId,
        organization: OrganizationId,
        account: AccountId,
        roles: Roles,
        now: Timestamp,
    ) -> Self {
        let state = MembershipState {
            id,
            organization,
            account,
            roles,
            job_title: None,
            department: None,
            status: MembershipStatus::Active,
            created_at: now,
        };
        let mut membership = Self::restore(state, 0);
        let change = membership
            .change("membership.join", now)
            .plain("account", &Value::Null, &account)
            .plain("roles", &Value::Null, &membership.state.roles)
            .plain("status", &Value::Null, &MembershipStatus::Active.name());
        membership.record(change);
        membership
    }

    /// Someone who left joins again, with these roles.
    pub fn rejoin(&mut self, roles: Roles, now: Timestamp) {
        let before = std::mem::replace(&mut self.state.roles, roles);
        let change = self.change_status(MembershipStatus::Active, "membership.join", now).plain(
            "roles",
            &before,
            &self.state.roles,
        );
        self.record(change);
    }

    /// Changes what the organisation calls the work; nothing happens when it is the same.
    pub fn describe(&mut self, job_title: Option<Name>, department: Option<Name>, now: Timestamp) {
        let change = self
            .change("membership.describe", now)
            .personal("job_title", &self.state.job_title, &job_title)
            .personal("department", &self.state.department, &department);
        if !change.fields.is_empty() {
            self.state.job_title = job_title;
            self.state.department = department;
            self.record(change);
        }
    }

    /// Gives other roles; nothing happens when they are the same.
    pub fn grant(&mut self, roles: Roles, now: Timestamp) {
        let change = self.change("membership.grant", now).plain("roles", &self.state.roles, &roles);
        if !change.fields.is_empty() {
            self.state.roles = roles;
            self.record(change);
        }
    }

    /// Ends it: `left` when the member did it.
    pub fn end(&mut self, left: bool, now: Timestamp) {
        let action = if left { "membership.leave" } else { "membership.remove" };
        self.set_status(MembershipStatus::Ended, action, now);
    }

    /// The organisation was closed.
    pub fn suspend(&mut self, now: Timestamp) {
        self.set_status(MembershipStatus::Suspended, "membership.suspend", now);
    }

    /// Whether it counts.
    pub fn is_active(&self) -> bool {
        self.state.status == MembershipStatus::Active
    }

    /// Whether the member is an owner now.
    pub fn is_active_owner(&self) -> bool {
        self.is_active() && self.state.roles.contains(Role::Owner)
    }

    fn set_status(&mut self, status: MembershipStatus, action: &'static str, now: Timestamp) {
        if self.state.status != status {
            let change = self.change_status(status, action, now);
            self.record(change);
        }
    }

    fn change_status(&mut self, status: MembershipStatus, action: &'static str, now: Timestamp) -> Change {
        let before = std::mem::replace(&mut self.state.status, status);
        self.change(action, now).plain("status", &before.name(), &status.name())
    }

    fn change(&self, action: &'static str, now: Timestamp) -> Change {
        Change::new(action, Target::new(Self::KIND, self.state.id), now)
            .of(self.state.organization)
            .about(self.state.account.uuid())
            .with(json!({ "account": self.state.account }))
    }
}
