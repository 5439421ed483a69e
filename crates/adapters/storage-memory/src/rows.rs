//! What is kept in each table: by which keys rows are found, which are unique, and which scope sees them.
//!
//! The visibility is that of the table classes on PostgreSQL.

use identity::{
    Account, AdminSettings, ApiKey, Digest, Invitation, InvitationStatus, Membership, OneTimeToken,
    Organization, Registration, SecondFactor, Session,
    unit::{ACCOUNT_EMAIL, MEMBERSHIP, OPEN_INVITATION, ORGANIZATION_SLUG, SECOND_FACTOR},
};
use kernel::{AccountId, OrganizationId, Scope, Timestamp, Unique};
use uuid::Uuid;

use crate::table::{Key, Row};

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

/// What belongs to one person and is nobody else's business.
pub(crate) fn personal(scope: Scope, account: AccountId) -> bool {
    scope == Scope::Identity || scope == Scope::Account(account)
}

fn supervised(scope: Scope, account: AccountId) -> bool {
    scope == Scope::Platform || personal(scope, account)
}

fn shared(scope: Scope, organization: OrganizationId) -> bool {
    scope == Scope::Identity || scope == Scope::Tenant(organization)
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
    fn unique(&self) -> Option<(Unique, Key)> {
        self.email.as_ref().map(|email| (ACCOUNT_EMAIL, Key::Email(email.normalized())))
    }
    fn keys(&self) -> Vec<Key> {
        vec![Key::All]
    }
    fn visible(&self, scope: Scope) -> bool {
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
    fn visible(&self, scope: Scope) -> bool {
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
    fn visible(&self, scope: Scope) -> bool {
        shared(scope, self.organization)
    }
}

impl Row for DataKey {
    type Id = Uuid;

    fn id(&self) -> Uuid {
        self.account.uuid()
    }
    fn visible(&self, scope: Scope) -> bool {
        personal(scope, self.account)
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
    fn unique(&self) -> Option<(Unique, Key)> {
        let email = self.email.as_ref().filter(|_| self.status == InvitationStatus::Pending)?;
        Some((OPEN_INVITATION, Key::EmailIn(self.organization.uuid(), email.normalized())))
    }
    fn keys(&self) -> Vec<Key> {
        let email = self.email.as_ref().map(|email| Key::Email(email.normalized()));
        let pending = self.status == InvitationStatus::Pending;
        let organization = pending.then(|| Key::Organization(self.organization.uuid()));
        email.into_iter().chain(organization).collect()
    }
    fn visible(&self, scope: Scope) -> bool {
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
    fn visible(&self, scope: Scope) -> bool {
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
    fn unique(&self) -> Option<(Unique, Key)> {
        Some((MEMBERSHIP, Key::Place(self.organization.uuid(), self.account.uuid())))
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
    fn visible(&self, scope: Scope) -> bool {
        shared(scope, self.organization) || supervised(scope, self.account)
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
    fn visible(&self, scope: Scope) -> bool {
        scope == Scope::Identity
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
    fn unique(&self) -> Option<(Unique, Key)> {
        self.slug.as_ref().map(|slug| (ORGANIZATION_SLUG, Key::Slug(slug.as_str().to_owned())))
    }
    fn visible(&self, scope: Scope) -> bool {
        scope == Scope::Platform || shared(scope, self.id)
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
    fn visible(&self, scope: Scope) -> bool {
        scope == Scope::Identity
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
    fn unique(&self) -> Option<(Unique, Key)> {
        Some((SECOND_FACTOR, Key::Account(self.account.uuid())))
    }
    fn visible(&self, scope: Scope) -> bool {
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
    fn visible(&self, scope: Scope) -> bool {
        supervised(scope, self.account)
    }
}
