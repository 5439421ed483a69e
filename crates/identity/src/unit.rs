//! The identity domain's unit of work: the sum of its ports.
//!
//! Each `save` inserts at version 0 and otherwise updates the version that was read, or fails with
//! [`StoreError::Stale`]; it hands the aggregate's change records to the unit and sets the new version.

use async_trait::async_trait;
use kernel::{
    AccountId, OrganizationId, SessionId, StoreError, Timestamp, Unique, UnitOfWork, letters::Letters,
};

use crate::{
    account::{Account, AdminSettings},
    api_key::{ApiKey, ApiKeyId},
    digest::Digest,
    email::EmailAddress,
    invitation::{Invitation, InvitationId},
    membership::Membership,
    one_time_token::{OneTimeToken, Purpose},
    organization::{Organization, OrganizationLimits, Unsubscription},
    registration::{Registration, RegistrationId},
    second_factor::SecondFactor,
    session::Session,
};

/// One account an address.
pub const ACCOUNT_EMAIL: Unique = Unique("accounts_email_key");
/// One organisation a slug.
pub const ORGANIZATION_SLUG: Unique = Unique("organizations_slug_key");
/// One membership a person and organisation.
pub const MEMBERSHIP: Unique = Unique("memberships_organization_id_account_id_key");
/// One open invitation an address and organisation.
pub const OPEN_INVITATION: Unique = Unique("invitations_open_key");
/// One second factor an account.
pub const SECOND_FACTOR: Unique = Unique("second_factors_account_id_key");

/// All of them, so that a test finds each in the migrated schema.
pub const UNIQUES: [Unique; 5] =
    [ACCOUNT_EMAIL, ORGANIZATION_SLUG, MEMBERSHIP, OPEN_INVITATION, SECOND_FACTOR];

/// Accounts.
#[async_trait]
pub trait Accounts: Send {
    /// The account, if it is there and in scope.
    async fn account(&mut self, id: AccountId) -> Result<Option<Account>, StoreError>;
    /// The account with this address, without regard to case.
    async fn account_by_email(&mut self, email: &EmailAddress) -> Result<Option<Account>, StoreError>;
    /// Keeps it.
    async fn save_account(&mut self, account: &mut Account) -> Result<(), StoreError>;
    /// Clears what rows that stay keep of the person: address and client of their sessions, job title and department
    /// of their memberships; and deletes their one-time tokens. Part of an account's erasure, in the identity scope.
    async fn forget_traces(&mut self, account: AccountId) -> Result<(), StoreError>;
}

/// The keys that seal what is personal; each dies with its account. They belong to the account's own change
/// and leave no record of their own.
#[async_trait]
pub trait DataKeys: Send {
    /// The account's data key, wrapped by the key-encryption key.
    async fn data_key(&mut self, account: AccountId) -> Result<Option<Vec<u8>>, StoreError>;
    /// Keeps a new account's key, or the same key wrapped anew.
    async fn put_data_key(&mut self, account: AccountId, wrapped: &[u8]) -> Result<(), StoreError>;
    /// Destroys it, and with it everything it sealed.
    async fn destroy_data_key(&mut self, account: AccountId) -> Result<(), StoreError>;
}

/// Registrations.
#[async_trait]
pub trait Registrations: Send {
    /// The registration.
    async fn registration(&mut self, id: RegistrationId) -> Result<Option<Registration>, StoreError>;
    /// The newest open registration of an address.
    async fn open_registration(
        &mut self,
        email: &EmailAddress,
        now: Timestamp,
    ) -> Result<Option<Registration>, StoreError>;
    /// Keeps it.
    async fn save_registration(&mut self, registration: &mut Registration) -> Result<(), StoreError>;
    /// Forgets all registrations of an address and tells which they were, in no order: what the trail keeps of each
    /// must go as well.
    async fn purge_registrations(&mut self, email: &EmailAddress) -> Result<Vec<RegistrationId>, StoreError>;
}

/// Sessions.
#[async_trait]
pub trait Sessions: Send {
    /// The session.
    async fn session(&mut self, id: SessionId) -> Result<Option<Session>, StoreError>;
    /// An account's live sessions, oldest first.
    async fn live_sessions(&mut self, account: AccountId, now: Timestamp)
    -> Result<Vec<Session>, StoreError>;
    /// Keeps it.
    async fn save_session(&mut self, session: &mut Session) -> Result<(), StoreError>;
}

/// Devices people signed in from before, by a digest. They belong to the session's change.
#[async_trait]
pub trait KnownDevices: Send {
    /// Whether the device is known, or the account has none yet.
    async fn knows_device(&mut self, account: AccountId, device: &Digest) -> Result<bool, StoreError>;
    /// Remembers it, and that it was used now.
    async fn remember_device(
        &mut self,
        account: AccountId,
        device: &Digest,
        now: Timestamp,
    ) -> Result<(), StoreError>;
    /// Forgets all of an account's.
    async fn forget_devices(&mut self, account: AccountId) -> Result<(), StoreError>;
}

/// Second factors.
#[async_trait]
pub trait SecondFactors: Send {
    /// The account's second factor with its recovery codes, confirmed or not.
    async fn second_factor(&mut self, account: AccountId) -> Result<Option<SecondFactor>, StoreError>;
    /// Keeps it with its recovery codes; a removed one is deleted.
    async fn save_second_factor(&mut self, factor: &mut SecondFactor) -> Result<(), StoreError>;
}

/// One-time tokens.
#[async_trait]
pub trait OneTimeTokens: Send {
    /// The token of this digest and purpose, used or not.
    async fn one_time_token(
        &mut self,
        purpose: Purpose,
        digest: &Digest,
    ) -> Result<Option<OneTimeToken>, StoreError>;
    /// Keeps it.
    async fn save_one_time_token(&mut self, token: &mut OneTimeToken) -> Result<(), StoreError>;
    /// The letter with this token was delivered: from `at` on it takes the place of those of its purpose and subject
    /// that were made before it, are unused and not replaced yet.
    async fn replace_earlier_tokens(&mut self, token: &OneTimeToken, at: Timestamp)
    -> Result<(), StoreError>;
}

/// Organisations.
#[async_trait]
pub trait Organizations: Send {
    /// The organisation.
    async fn organization(&mut self, id: OrganizationId) -> Result<Option<Organization>, StoreError>;
    /// Keeps it.
    async fn save_organization(&mut self, organization: &mut Organization) -> Result<(), StoreError>;
}

/// What operators decided of organisations.
#[async_trait]
pub trait Limits: Send {
    /// What was decided of this one. Scope: identity.
    async fn organization_limits(
        &mut self,
        organization: OrganizationId,
    ) -> Result<OrganizationLimits, StoreError>;
    /// Keeps it in place of what was decided before. Scope: identity.
    async fn put_organization_limits(&mut self, limits: &OrganizationLimits) -> Result<(), StoreError>;
}

/// Addresses that want no letters of an organisation. Scope: identity.
#[async_trait]
pub trait Unsubscriptions: Send {
    /// Whether the address with this fingerprint is one.
    async fn is_unsubscribed(
        &mut self,
        organization: OrganizationId,
        fingerprint: &str,
    ) -> Result<bool, StoreError>;
    /// Keeps it; nothing happens when it is there.
    async fn put_unsubscription(&mut self, of: &Unsubscription) -> Result<(), StoreError>;
    /// Forgets it; nothing happens when it is not there.
    async fn forget_unsubscription(&mut self, of: &Unsubscription) -> Result<(), StoreError>;
}

/// Memberships.
#[async_trait]
pub trait Memberships: Send {
    /// A person's membership in an organisation, ended ones too.
    async fn membership(
        &mut self,
        organization: OrganizationId,
        account: AccountId,
    ) -> Result<Option<Membership>, StoreError>;
    /// All of an organisation's active memberships, in no order.
    async fn active_memberships(
        &mut self,
        organization: OrganizationId,
    ) -> Result<Vec<Membership>, StoreError>;
    /// An organisation's active owners, locked until the unit ends so that two leaving owners cannot both
    /// believe the other stays. An adapter that cannot lock MUST let the later commit fail with `Stale`.
    async fn owners_for_update(
        &mut self,
        organization: OrganizationId,
    ) -> Result<Vec<Membership>, StoreError>;
    /// All of a person's active memberships, in no order.
    async fn memberships_of(&mut self, account: AccountId) -> Result<Vec<Membership>, StoreError>;
    /// Keeps it.
    async fn save_membership(&mut self, membership: &mut Membership) -> Result<(), StoreError>;
}

/// Invitations.
#[async_trait]
pub trait Invitations: Send {
    /// The invitation.
    async fn invitation(&mut self, id: InvitationId) -> Result<Option<Invitation>, StoreError>;
    /// The organisation's invitation of this address with status pending, expired or not.
    async fn pending_invitation(
        &mut self,
        organization: OrganizationId,
        email: &EmailAddress,
    ) -> Result<Option<Invitation>, StoreError>;
    /// How many of the organisation's invitations can be accepted at this time.
    async fn open_invitations(
        &mut self,
        organization: OrganizationId,
        at: Timestamp,
    ) -> Result<u64, StoreError>;
    /// Every invitation of this address, in any organisation and status.
    async fn invitations_of(&mut self, email: &EmailAddress) -> Result<Vec<Invitation>, StoreError>;
    /// Keeps it.
    async fn save_invitation(&mut self, invitation: &mut Invitation) -> Result<(), StoreError>;
}

/// API keys.
#[async_trait]
pub trait ApiKeys: Send {
    /// The key.
    async fn api_key(&mut self, id: ApiKeyId) -> Result<Option<ApiKey>, StoreError>;
    /// How many of the organisation's keys work at this time.
    async fn live_api_keys(&mut self, organization: OrganizationId, at: Timestamp)
    -> Result<u64, StoreError>;
    /// Keeps it.
    async fn save_api_key(&mut self, key: &mut ApiKey) -> Result<(), StoreError>;
}

/// Settings documents of administrators.
#[async_trait]
pub trait AdminSettingsDocuments: Send {
    /// The person's document.
    async fn admin_settings(&mut self, account: AccountId) -> Result<Option<AdminSettings>, StoreError>;
    /// Keeps it.
    async fn save_admin_settings(&mut self, document: &mut AdminSettings) -> Result<(), StoreError>;
    /// Forgets it; part of an account's erasure.
    async fn forget_admin_settings(&mut self, account: AccountId) -> Result<(), StoreError>;
}

/// All ports in one unit; adapters get it for free.
pub trait IdentityUnit:
    UnitOfWork
    + Accounts
    + DataKeys
    + Registrations
    + Sessions
    + KnownDevices
    + SecondFactors
    + OneTimeTokens
    + Letters
    + Organizations
    + Limits
    + Unsubscriptions
    + Memberships
    + Invitations
    + ApiKeys
    + AdminSettingsDocuments
{
}

impl<T> IdentityUnit for T where
    T: UnitOfWork
        + Accounts
        + DataKeys
        + Registrations
        + Sessions
        + KnownDevices
        + SecondFactors
        + OneTimeTokens
        + Letters
        + Organizations
        + Limits
        + Unsubscriptions
        + Memberships
        + Invitations
        + ApiKeys
        + AdminSettingsDocuments
{
}

/// The identity domain's unit of work, open.
pub type Unit = dyn IdentityUnit;
