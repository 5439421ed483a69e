//! People and organisations as other domains may know them: who has an address, where letters go, who is a member.

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use serde_json::Value;

use crate::{
    AccountId, EmailAddress, Name, OrganizationId, Page, PageRequest, Role, Roles, StoreError, Timestamp,
    text::Slug,
};

/// A person with an active account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The account.
    pub account: AccountId,
    /// Where letters go; proved to be the person's.
    pub email: EmailAddress,
    /// What the person is called, where that is told.
    pub name: Option<String>,
    /// The time zone, by its IANA name.
    pub time_zone: String,
    /// The language the person chose, as a BCP 47 tag such as `de` or `de-CH`; `None` where none was chosen.
    pub language: Option<String>,
}

/// An active organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationCard {
    /// Identifies it.
    pub id: OrganizationId,
    /// What it is called.
    pub name: Name,
    /// Its place in addresses, if it has one.
    pub slug: Option<Slug>,
    /// What its administrators and their clients set: a JSON object of at most 16 KiB, checked for nothing else.
    pub settings: Value,
}

/// What bounds how many people an organisation may ask, beside the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asking {
    /// When it was founded.
    pub founded_at: Timestamp,
    /// How many within 24 hours, where the operators of the installation decided that.
    pub per_day: Option<u64>,
}

/// Tells who people are. The identity domain keeps it; every other domain asks. What it tells is for deciding and for
/// letters: that an address has an account is nothing an organisation may learn.
#[async_trait]
pub trait People: Send + Sync {
    /// The active account with this address, without regard to case.
    async fn with_address(&self, email: &EmailAddress) -> Result<Option<Person>, StoreError>;

    /// The person behind an active account.
    async fn person(&self, account: AccountId) -> Result<Option<Person>, StoreError>;

    /// Which of these accounts are active members of the organisation; none where it was closed. Asked once for all.
    async fn members(
        &self,
        organization: OrganizationId,
        accounts: &[AccountId],
    ) -> Result<HashSet<AccountId>, StoreError>;

    /// Which of these addresses are those of active members, by their [`EmailAddress::normalized`] form.
    async fn members_with(
        &self,
        organization: OrganizationId,
        addresses: &[&EmailAddress],
    ) -> Result<HashMap<String, AccountId>, StoreError>;

    /// Whether the account is an active member of an active organisation.
    async fn is_member(&self, organization: OrganizationId, account: AccountId) -> Result<bool, StoreError> {
        Ok(!self.members(organization, &[account]).await?.is_empty())
    }

    /// An active organisation.
    async fn organization(&self, id: OrganizationId) -> Result<Option<OrganizationCard>, StoreError>;

    /// What bounds how many people the organisation may ask; `None` of one that is not there.
    async fn asking(&self, organization: OrganizationId) -> Result<Option<Asking>, StoreError>;

    /// The active organisation with this place in addresses.
    async fn organization_by_slug(&self, slug: &Slug) -> Result<Option<OrganizationCard>, StoreError>;

    /// What an active organisation is called.
    async fn organization_name(&self, organization: OrganizationId) -> Result<Option<String>, StoreError> {
        Ok(self.organization(organization).await?.map(|found| found.name.to_string()))
    }
}

/// An active member of an organisation, as that organisation knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The account; [`People::person`] tells whether it is active still, and where letters go.
    pub account: AccountId,
    /// Where in the organisation the person works.
    pub department: Option<Name>,
    /// What the person's job is called.
    pub job_title: Option<Name>,
    /// As what.
    pub roles: Roles,
}

/// Lists who belongs to organisations. The identity domain keeps it; a domain asks that tells all holders of a role
/// something, or divides an organisation by department.
#[async_trait]
pub trait Members: Send + Sync {
    /// The active members who hold one of the roles, or all where none is named; nobody of a closed organisation.
    /// Those who joined first come first, and who joins between two pages changes neither.
    async fn page(
        &self,
        organization: OrganizationId,
        roles: &[Role],
        page: &PageRequest,
    ) -> Result<Page<Member>, StoreError>;
}
