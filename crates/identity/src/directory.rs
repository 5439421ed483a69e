//! Reading without a unit: the views lists and checks are made of.

use std::collections::HashSet;

use async_trait::async_trait;
use kernel::{
    AccountId, Ctx, OrganizationId, Page, PageRequest, PlatformRole, Role, SessionId, StoreError, Timestamp,
    text::Slug,
};
use serde::Serialize;

use crate::{
    account::{Account, AccountStatus},
    api_key::ApiKey,
    email::EmailAddress,
    invitation::Invitation,
    membership::Membership,
    organization::Organization,
    session::Session,
};

/// What a check of an access token needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionStatus {
    /// Whose session it is.
    pub account: AccountId,
    /// Whether neither the session nor its time has ended.
    pub live: bool,
    /// When the person last proved who they are in it.
    pub authenticated_at: Timestamp,
    /// The account's epoch.
    pub epoch: i64,
    /// The account's status.
    pub account_status: AccountStatus,
    /// The account's role on the platform.
    pub platform_role: PlatformRole,
    /// Whether the account's password is temporary: to be changed before anything else.
    pub temporary_password: bool,
}

/// A member with the person behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberView {
    /// The membership.
    pub membership: Membership,
    /// The person.
    pub account: Account,
}

/// An invitation as the invited sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedInvitation {
    /// The invitation.
    pub invitation: Invitation,
    /// The organisation that invites.
    pub organization_name: String,
}

/// An organisation with what the reader is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberOrganization {
    /// The organisation.
    pub organization: Organization,
    /// The reader's membership.
    pub membership: Membership,
}

/// Which accounts an administrator looks for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct AccountFilter {
    /// The address begins with this, without regard to case.
    pub email_prefix: Option<String>,
    /// Only with this status, by its name.
    pub status: Option<&'static str>,
}

/// Read port. Every method reads in the scope of `ctx` and sees nothing outside.
///
/// Lists are keyset pages, complete and stable under inserts (`directory::pages_are_complete_and_stable`): newest
/// first for sessions, invitations, keys and accounts; oldest first for members, holders of roles and
/// one's own organisations.
#[async_trait]
pub trait Directory: Send + Sync {
    /// The account.
    async fn account(&self, ctx: &Ctx, id: AccountId) -> Result<Option<Account>, StoreError>;

    /// What is needed to check an access token of this session. Scope: identity.
    async fn session_status(
        &self,
        ctx: &Ctx,
        session: SessionId,
        now: Timestamp,
    ) -> Result<Option<SessionStatus>, StoreError>;

    /// An organisation with a person's membership in it, whatever the membership's status. Scope: identity.
    async fn membership_of(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        account: AccountId,
    ) -> Result<Option<MemberOrganization>, StoreError>;

    /// The same, perhaps as it was up to 5 s ago: for a [`Leave`](kernel::Leave), which storage holds against what is
    /// true in the first flight of whatever it lets happen.
    async fn recent_membership_of(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        account: AccountId,
    ) -> Result<Option<MemberOrganization>, StoreError> {
        self.membership_of(ctx, organization, account).await
    }

    /// Which of these people are active members of the organisation; none where it was closed. Scope: identity.
    async fn members_among(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        accounts: &[AccountId],
    ) -> Result<HashSet<AccountId>, StoreError>;

    /// The organisation itself.
    async fn organization(&self, ctx: &Ctx, id: OrganizationId) -> Result<Option<Organization>, StoreError>;

    /// The organisation with this place in addresses.
    async fn organization_by_slug(&self, ctx: &Ctx, slug: &Slug) -> Result<Option<Organization>, StoreError>;

    /// A key by its id. Scope: identity.
    async fn api_key(&self, ctx: &Ctx, id: crate::ApiKeyId) -> Result<Option<ApiKey>, StoreError>;

    /// An account's live sessions.
    async fn sessions(
        &self,
        ctx: &Ctx,
        account: AccountId,
        now: Timestamp,
        page: &PageRequest,
    ) -> Result<Page<Session>, StoreError>;

    /// The organisations a person is an active member of, closed ones left out. Scope: identity.
    async fn organizations_of(
        &self,
        ctx: &Ctx,
        account: AccountId,
        page: &PageRequest,
    ) -> Result<Page<MemberOrganization>, StoreError>;

    /// The active members of the tenant in scope, or only this one.
    async fn members(
        &self,
        ctx: &Ctx,
        only: Option<AccountId>,
        page: &PageRequest,
    ) -> Result<Page<MemberView>, StoreError>;

    /// The active memberships of the tenant in scope that hold one of the roles, or all where none is named; none
    /// where it was closed.
    async fn holders(
        &self,
        ctx: &Ctx,
        roles: &[Role],
        page: &PageRequest,
    ) -> Result<Page<Membership>, StoreError>;

    /// The pending invitations of the tenant in scope, or only those this person made; expired ones too.
    async fn invitations(
        &self,
        ctx: &Ctx,
        invited_by: Option<AccountId>,
        page: &PageRequest,
    ) -> Result<Page<Invitation>, StoreError>;

    /// The open invitations of an address. Scope: identity.
    async fn invitations_for(
        &self,
        ctx: &Ctx,
        email: &EmailAddress,
        now: Timestamp,
        page: &PageRequest,
    ) -> Result<Page<ReceivedInvitation>, StoreError>;

    /// The keys of the tenant in scope that were not revoked; expired ones too.
    async fn api_keys(&self, ctx: &Ctx, page: &PageRequest) -> Result<Page<ApiKey>, StoreError>;

    /// Accounts of the platform. Scope: platform.
    async fn accounts(
        &self,
        ctx: &Ctx,
        filter: &AccountFilter,
        page: &PageRequest,
    ) -> Result<Page<Account>, StoreError>;
}
