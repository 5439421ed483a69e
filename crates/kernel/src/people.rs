//! People as other domains may know them: who has an address, and where letters go.

use std::collections::HashSet;

use async_trait::async_trait;

use crate::{AccountId, EmailAddress, OrganizationId, StoreError};

/// A person with an active account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The account.
    pub account: AccountId,
    /// Where letters go; proved to be the person's.
    pub email: EmailAddress,
    /// What the person is called, where that is told.
    pub name: Option<String>,
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

    /// Whether the account is an active member of an active organisation.
    async fn is_member(&self, organization: OrganizationId, account: AccountId) -> Result<bool, StoreError> {
        Ok(!self.members(organization, &[account]).await?.is_empty())
    }

    /// What an active organisation is called.
    async fn organization_name(&self, organization: OrganizationId) -> Result<Option<String>, StoreError>;
}
