//! What is kept in each table: by which keys rows are found, which are unique, and which scope sees them.
//!
//! Access is that of the policies and grants on PostgreSQL.

mod assessment;
mod session;

use identity::{
    Account, AdminSettings, ApiKey, Digest, Invitation, InvitationStatus, Membership, OneTimeToken,
    Organization, Registration, SecondFactor, Session,
    unit::{ACCOUNT_EMAIL, MEMBERSHIP, OPEN_INVITATION, ORGANIZATION_SLUG, SECOND_FACTOR},
};
use kernel::{AccountId, OrganizationId, Scope, Timestamp, Unique};
use uuid::Uuid;

pub(crate) use self::{
    assessment::{DisclosedSummary, OlderRun, OutputPart, PendingEmailInvitation},
    session::{AnswerRow, RatingRow, TurnRow},
};
use crate::table::{Access, Key, Row};

/// An account's data key, wrapped.
#[derive(Clone)]
pub(crate) struct DataKey {
    pub(crate) account: AccountId,
    pub(crate) wrapped: Vec<u8>,
}

/// A device an account signed in from.
#[derive(Clone)]
pub(crate) struct KnownDevice {
    pub(crate) account: AccountId,
    pub(crate) digest: Digest,
}

pub(crate) fn if_allowed(allowed: bool, access: Access) -> Access {
    if allowed { access } else { Access::Nothing }
}

/// What belongs to one person and is nobody else's business.
pub(crate) fn personal(scope: Scope, account: AccountId) -> Access {
    if_allowed(scope == Scope::Identity || scope == Scope::Account(account), Access::Full)
}

/// What is a person's to read, but opened and closed with the account.
pub(crate) fn account_read_only(scope: Scope, account: AccountId) -> Access {
    if scope == Scope::Account(account) { Access::Read } else { identity_only(scope) }
}

/// What belongs to a person and platform administrators look after.
fn supervised(scope: Scope, account: AccountId) -> Access {
    let reached = scope == Scope::Platform || scope == Scope::Account(account);
    if reached { Access::Edit } else { identity_only(scope) }
}

/// What belongs to an organisation.
fn shared(scope: Scope, organization: OrganizationId) -> Access {
    if_allowed(scope == Scope::Identity || scope == Scope::Tenant(organization), Access::Full)
}

/// What happens before anyone is known.
pub(crate) fn identity_only(scope: Scope) -> Access {
    if_allowed(scope == Scope::Identity, Access::Full)
}

impl Row for Account {
    type Id = Uuid;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }
    fn revision(&self) -> i64 {
        self.version()
    }
    fn created_at(&self) -> Timestamp {
        self.created_at
    }
    fn uniques(&self) -> Vec<(Unique, Key)> {
        let email = self.email.as_ref().map(|email| (ACCOUNT_EMAIL, Key::Email(email.normalized())));
        email.into_iter().collect()
    }
    fn keys(&self) -> Vec<Key> {
        vec![Key::All]
    }
    fn access(&self, scope: Scope) -> Access {
        supervised(scope, self.id)
    }
}

impl Row for AdminSettings {
    type Id = Uuid;

    fn id(&self) -> Uuid {
        self.account.uuid()
    }
    fn revision(&self) -> i64 {
        self.version()
    }
    fn access(&self, scope: Scope) -> Access {
        personal(scope, self.account)
    }
}

impl Row for ApiKey {
    type Id = Uuid;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }
    fn revision(&self) -> i64 {
        self.version()
    }
    fn created_at(&self) -> Timestamp {
        self.created_at
    }
    fn keys(&self) -> Vec<Key> {
        let works = self.revoked_at.is_none();
        works.then(|| Key::Organization(self.organization.uuid())).into_iter().collect()
    }
    fn access(&self, scope: Scope) -> Access {
        shared(scope, self.organization)
    }
}

impl Row for DataKey {
    type Id = Uuid;

    fn id(&self) -> Uuid {
        self.account.uuid()
    }
    fn access(&self, scope: Scope) -> Access {
        account_read_only(scope, self.account)
    }
}

impl Row for Invitation {
    type Id = Uuid;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }
    fn revision(&self) -> i64 {
        self.version()
    }
    fn created_at(&self) -> Timestamp {
        self.created_at
    }
    fn uniques(&self) -> Vec<(Unique, Key)> {
        let email = self.email.as_ref().filter(|_| self.status == InvitationStatus::Pending);
        let key = email.map(|email| Key::EmailIn(self.organization.uuid(), email.normalized()));
        key.map(|key| (OPEN_INVITATION, key)).into_iter().collect()
    }
    fn keys(&self) -> Vec<Key> {
        let email = self.email.as_ref().map(|email| Key::Email(email.normalized()));
        let pending = self.status == InvitationStatus::Pending;
        let organization = pending.then(|| Key::Organization(self.organization.uuid()));
        email.into_iter().chain(organization).collect()
    }
    fn access(&self, scope: Scope) -> Access {
        shared(scope, self.organization)
    }
}

impl Row for KnownDevice {
    type Id = (Uuid, Digest);

    fn id(&self) -> Self::Id {
        (self.account.uuid(), self.digest)
    }
    fn keys(&self) -> Vec<Key> {
        vec![Key::Account(self.account.uuid())]
    }
    fn access(&self, scope: Scope) -> Access {
        personal(scope, self.account)
    }
}

impl Row for Membership {
    type Id = Uuid;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }
    fn revision(&self) -> i64 {
        self.version()
    }
    fn created_at(&self) -> Timestamp {
        self.created_at
    }
    fn uniques(&self) -> Vec<(Unique, Key)> {
        vec![(MEMBERSHIP, Key::AccountIn(self.organization.uuid(), self.account.uuid()))]
    }
    fn keys(&self) -> Vec<Key> {
        if !self.is_active() {
            return Vec::new();
        }
        let organization = self.organization.uuid();
        let owner = self.is_active_owner().then_some(Key::Owners(organization));
        let mut keys = vec![Key::Organization(organization), Key::Account(self.account.uuid())];
        keys.extend(owner);
        keys
    }
    fn access(&self, scope: Scope) -> Access {
        let own = scope == Scope::Platform || scope == Scope::Account(self.account);
        shared(scope, self.organization).max(if_allowed(own, Access::Read))
    }
}

impl Row for OneTimeToken {
    type Id = Uuid;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }
    fn revision(&self) -> i64 {
        self.version()
    }
    fn created_at(&self) -> Timestamp {
        self.created_at
    }
    fn keys(&self) -> Vec<Key> {
        let unused = self.used_at.is_none().then(|| Key::Subject(self.purpose.name(), self.subject));
        [Key::Digest(self.digest)].into_iter().chain(unused).collect()
    }
    fn access(&self, scope: Scope) -> Access {
        identity_only(scope)
    }
}

impl Row for Organization {
    type Id = Uuid;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }
    fn revision(&self) -> i64 {
        self.version()
    }
    fn created_at(&self) -> Timestamp {
        self.created_at
    }
    fn uniques(&self) -> Vec<(Unique, Key)> {
        let slug = self.slug.as_ref().map(|slug| Key::Slug(slug.as_str().to_owned()));
        slug.map(|slug| (ORGANIZATION_SLUG, slug)).into_iter().collect()
    }
    fn access(&self, scope: Scope) -> Access {
        match scope {
            Scope::Tenant(id) => if_allowed(id == self.id, Access::Edit),
            Scope::Platform => Access::Read,
            scope => identity_only(scope),
        }
    }
}

impl Row for Registration {
    type Id = Uuid;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }
    fn revision(&self) -> i64 {
        self.version()
    }
    fn created_at(&self) -> Timestamp {
        self.created_at
    }
    fn keys(&self) -> Vec<Key> {
        vec![Key::Email(self.email.normalized())]
    }
    fn access(&self, scope: Scope) -> Access {
        identity_only(scope)
    }
}

impl Row for SecondFactor {
    type Id = Uuid;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }
    fn revision(&self) -> i64 {
        self.version()
    }
    fn created_at(&self) -> Timestamp {
        self.created_at
    }
    fn uniques(&self) -> Vec<(Unique, Key)> {
        vec![(SECOND_FACTOR, Key::Account(self.account.uuid()))]
    }
    fn access(&self, scope: Scope) -> Access {
        personal(scope, self.account)
    }
}

impl Row for Session {
    type Id = Uuid;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }
    fn revision(&self) -> i64 {
        self.version()
    }
    fn created_at(&self) -> Timestamp {
        self.created_at
    }
    fn keys(&self) -> Vec<Key> {
        let runs = self.ended.is_none();
        runs.then(|| Key::Account(self.account.uuid())).into_iter().collect()
    }
    fn access(&self, scope: Scope) -> Access {
        supervised(scope, self.account)
    }
}
