//! What other domains may know of people: who has an address, and where letters go.

use std::collections::HashSet;

use async_trait::async_trait;
use kernel::{AccountId, Actor, Ctx, EmailAddress, OrganizationId, People, Person, Scope, StoreError};

use crate::{Account, Organization, ports::Ports};

/// People over the identity domain's ports.
#[derive(Debug, Clone)]
pub struct IdentityPeople {
    ports: Ports,
}

impl IdentityPeople {
    /// People over these ports.
    pub fn new(ports: Ports) -> Self {
        Self { ports }
    }

    fn ctx() -> Ctx {
        Ctx::new(Actor::System, Scope::Identity)
    }
}

fn person(account: &Account) -> Option<Person> {
    let email = account.email.clone().filter(|_| account.is_active())?;
    Some(Person { account: account.id, email, name: account.greeting_name() })
}

#[async_trait]
impl People for IdentityPeople {
    async fn with_address(&self, email: &EmailAddress) -> Result<Option<Person>, StoreError> {
        let mut unit = self.ports.store.begin(&Self::ctx()).await?;
        Ok(unit.account_by_email(email).await?.as_ref().and_then(person))
    }

    async fn person(&self, account: AccountId) -> Result<Option<Person>, StoreError> {
        let found = self.ports.directory.account(&Self::ctx(), account).await?;
        Ok(found.as_ref().and_then(person))
    }

    async fn members(
        &self,
        organization: OrganizationId,
        accounts: &[AccountId],
    ) -> Result<HashSet<AccountId>, StoreError> {
        self.ports.directory.members_among(&Self::ctx(), organization, accounts).await
    }

    async fn organization_name(&self, organization: OrganizationId) -> Result<Option<String>, StoreError> {
        let found = self.ports.directory.organization(&Self::ctx(), organization).await?;
        Ok(found.filter(Organization::is_active).map(|found| found.name.to_string()))
    }
}
