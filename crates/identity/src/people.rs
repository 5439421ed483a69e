//! What other domains may know of people: who has an address, where letters go, who belongs to an organisation.

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use kernel::{
    AccountId, Actor, Asking, Ctx, EmailAddress, Member, Members, OrganizationCard, OrganizationId, Page,
    PageRequest, People, Person, Role, Scope, StoreError, text::Slug,
};

use crate::{
    Account, Membership, MembershipState, Organization, OrganizationState, account::Profile, ports::Ports,
};

/// People and members over the identity domain's ports.
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
    let Profile { timezone, preferences, .. } = &account.profile;
    Some(Person {
        account: account.id,
        email,
        name: account.greeting_name(),
        time_zone: timezone.clone(),
        language: preferences.language().map(str::to_owned),
    })
}

fn card(organization: &Organization) -> Option<OrganizationCard> {
    let OrganizationState { id, name, slug, settings, .. } = organization.state();
    organization.is_active().then(|| OrganizationCard {
        id: *id,
        name: name.clone(),
        slug: slug.clone(),
        settings: settings.to_json(),
    })
}

fn member(membership: &Membership) -> Member {
    let MembershipState { account, department, job_title, roles, .. } = membership.state().clone();
    Member { account, department, job_title, roles }
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

    async fn members_with(
        &self,
        organization: OrganizationId,
        addresses: &[&EmailAddress],
    ) -> Result<HashMap<String, AccountId>, StoreError> {
        let mut unit = self.ports.store.begin(&Self::ctx()).await?;
        let mut found = HashMap::with_capacity(addresses.len());
        for address in addresses {
            if let Some(account) = unit.account_by_email(address).await? {
                found.insert(address.normalized(), account.id);
            }
        }
        drop(unit);
        let accounts: Vec<AccountId> = found.values().copied().collect();
        let members = self.members(organization, &accounts).await?;
        found.retain(|_, account| members.contains(account));
        Ok(found)
    }

    async fn organization(&self, id: OrganizationId) -> Result<Option<OrganizationCard>, StoreError> {
        let found = self.ports.directory.organization(&Self::ctx(), id).await?;
        Ok(found.as_ref().and_then(card))
    }

    async fn asking(&self, organization: OrganizationId) -> Result<Option<Asking>, StoreError> {
        let mut unit = self.ports.store.begin(&Self::ctx()).await?;
        let Some(found) = unit.organization(organization).await? else { return Ok(None) };
        let per_day = unit.organization_limits(organization).await?.asked_per_day;
        Ok(Some(Asking { founded_at: found.created_at, per_day }))
    }

    async fn organization_by_slug(&self, slug: &Slug) -> Result<Option<OrganizationCard>, StoreError> {
        let found = self.ports.directory.organization_by_slug(&Self::ctx(), slug).await?;
        Ok(found.as_ref().and_then(card))
    }
}

#[async_trait]
impl Members for IdentityPeople {
    async fn page(
        &self,
        organization: OrganizationId,
        roles: &[Role],
        page: &PageRequest,
    ) -> Result<Page<Member>, StoreError> {
        let tenant = Ctx::new(Actor::System, Scope::Tenant(organization));
        Ok(self.ports.directory.holders(&tenant, roles, page).await?.map(|found| member(&found)))
    }
}
