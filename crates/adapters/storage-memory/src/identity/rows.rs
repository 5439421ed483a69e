//! What the identity domain keeps: by which keys rows are found, which are unique, and which scope reaches them.
//!
//! Access is that of the policies and grants on PostgreSQL.

use identity::{
    Account, AdminSettings, ApiKey, Digest, Invitation, InvitationStatus, Membership, OneTimeToken,
    Organization, OrganizationLimits, Purpose, Registration, SecondFactor, Session, Unsubscription,
    unit::{ACCOUNT_EMAIL, MEMBERSHIP, OPEN_INVITATION, ORGANIZATION_SLUG, SECOND_FACTOR},
};
use kernel::{AccountId, EmailAddress, OrganizationId, Scope, text::Slug};
use uuid::Uuid;

use crate::{
    key::{Key, RowId},
    row::{Access, Indexed, Row, if_allowed},
};

/// An account's data key, wrapped.
#[derive(Clone)]
pub(super) struct DataKey {
    pub(super) account: AccountId,
    pub(super) wrapped: Vec<u8>,
}

/// A device an account signed in from.
#[derive(Clone)]
pub(super) struct KnownDevice {
    pub(super) account: AccountId,
    pub(super) digest: Digest,
}

/// What belongs to one person and is nobody else's business.
pub(super) fn personal(scope: Scope, account: AccountId) -> Access {
    if_allowed(scope == Scope::Identity || scope == Scope::Account(account), Access::Full)
}

/// What is a person's to read, but opened and closed with the account.
pub(super) fn account_read_only(scope: Scope, account: AccountId) -> Access {
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
pub(super) fn identity_only(scope: Scope) -> Access {
    if_allowed(scope == Scope::Identity, Access::Full)
}

/// An address is one account's.
pub(super) fn account_email(address: &EmailAddress) -> Key {
    Key::unique(ACCOUNT_EMAIL).email_address(address)
}

/// A person is an organisation's member once.
pub(super) fn member(organization: OrganizationId, account: AccountId) -> Key {
    Key::unique(MEMBERSHIP).id(organization).id(account)
}

/// A place in addresses is one organisation's.
pub(super) fn organization_slug(slug: &Slug) -> Key {
    Key::unique(ORGANIZATION_SLUG).text(slug.as_str())
}

/// An organisation's active owners.
pub(super) fn owners(organization: OrganizationId) -> Key {
    Key::new("owners").id(organization)
}

/// An address is invited into an organisation once at a time.
pub(super) fn open_invitation(organization: OrganizationId, address: &EmailAddress) -> Key {
    Key::unique(OPEN_INVITATION).id(organization).email_address(address)
}

/// An account has one second factor.
pub(super) fn second_factor(account: AccountId) -> Key {
    Key::unique(SECOND_FACTOR).id(account)
}

/// What is kept of a one-time token.
pub(super) fn token(digest: &Digest) -> Key {
    Key::new("digest").digest(digest)
}

/// The unused tokens of a subject for one purpose.
pub(super) fn unused_tokens(purpose: Purpose, subject: Uuid) -> Key {
    Key::new("unused").text(purpose.name()).uuid(subject)
}

impl Indexed for Account {
    fn uniques(&self) -> Vec<Key> {
        self.email.as_ref().map(account_email).into_iter().collect()
    }
    fn keys(&self) -> Vec<Key> {
        vec![Key::ALL]
    }
    fn access(&self, scope: Scope) -> Access {
        supervised(scope, self.id)
    }
}

impl Indexed for AdminSettings {}

impl Indexed for ApiKey {
    fn keys(&self) -> Vec<Key> {
        let works = self.revoked_at.is_none();
        works.then(|| Key::organization(self.organization)).into_iter().collect()
    }
    fn access(&self, scope: Scope) -> Access {
        shared(scope, self.organization)
    }
}

impl Row for DataKey {
    fn row_id(&self) -> RowId {
        RowId::of(self.account)
    }
    fn access(&self, scope: Scope) -> Access {
        account_read_only(scope, self.account)
    }
}

impl Indexed for Invitation {
    fn uniques(&self) -> Vec<Key> {
        let email = self.email.as_ref().filter(|_| self.status == InvitationStatus::Pending);
        email.map(|email| open_invitation(self.organization, email)).into_iter().collect()
    }
    fn keys(&self) -> Vec<Key> {
        let pending = self.status == InvitationStatus::Pending;
        let organization = pending.then(|| Key::organization(self.organization));
        self.email.as_ref().map(Key::email).into_iter().chain(organization).collect()
    }
    fn access(&self, scope: Scope) -> Access {
        shared(scope, self.organization)
    }
}

impl Row for KnownDevice {
    fn row_id(&self) -> RowId {
        RowId::named(self.account.uuid(), &self.digest.0)
    }
    fn keys(&self) -> Vec<Key> {
        vec![Key::account(self.account)]
    }
    fn access(&self, scope: Scope) -> Access {
        personal(scope, self.account)
    }
}

impl Indexed for Membership {
    fn uniques(&self) -> Vec<Key> {
        vec![member(self.organization, self.account)]
    }
    fn keys(&self) -> Vec<Key> {
        if !self.is_active() {
            return Vec::new();
        }
        let owner = self.is_active_owner().then(|| owners(self.organization));
        [Key::organization(self.organization), Key::account(self.account)].into_iter().chain(owner).collect()
    }
    fn access(&self, scope: Scope) -> Access {
        let reads = scope == Scope::Platform || scope == Scope::Account(self.account);
        let governs = scope == Scope::Tenant(self.organization);
        if_allowed(scope == Scope::Identity, Access::Full)
            .max(if_allowed(governs, Access::Edit))
            .max(if_allowed(reads, Access::Read))
    }
}

impl Indexed for OneTimeToken {
    fn keys(&self) -> Vec<Key> {
        let unused = self.used_at.is_none().then(|| unused_tokens(self.purpose, self.subject));
        [token(&self.digest)].into_iter().chain(unused).collect()
    }
}

impl Indexed for Organization {
    fn uniques(&self) -> Vec<Key> {
        self.slug.as_ref().map(organization_slug).into_iter().collect()
    }
    fn access(&self, scope: Scope) -> Access {
        match scope {
            Scope::Tenant(id) => if_allowed(id == self.id, Access::Edit),
            Scope::Platform => Access::Read,
            scope => identity_only(scope),
        }
    }
}

/// Its own organisation reads what operators decided of it.
impl Row for OrganizationLimits {
    fn row_id(&self) -> RowId {
        RowId::of(self.organization)
    }
    fn access(&self, scope: Scope) -> Access {
        let own = scope == Scope::Tenant(self.organization);
        if own { Access::Read } else { identity_only(scope) }
    }
}

impl Row for Unsubscription {
    fn row_id(&self) -> RowId {
        RowId::named(self.organization.uuid(), self.fingerprint.as_bytes())
    }
    fn access(&self, scope: Scope) -> Access {
        identity_only(scope)
    }
}

impl Indexed for Registration {
    fn keys(&self) -> Vec<Key> {
        vec![Key::email(&self.email)]
    }
}

impl Indexed for SecondFactor {
    fn uniques(&self) -> Vec<Key> {
        vec![second_factor(self.account)]
    }
}

impl Indexed for Session {
    fn keys(&self) -> Vec<Key> {
        let runs = self.ended.is_none();
        runs.then(|| Key::account(self.account)).into_iter().collect()
    }
    fn access(&self, scope: Scope) -> Access {
        supervised(scope, self.account)
    }
}
