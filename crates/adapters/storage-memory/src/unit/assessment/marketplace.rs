//! The marketplace, and what is a person's own.

use assessment_engine::custom::{
    CustomAssessmentId, Listing, Origin, Participation,
    unit::{Belongings, Marketplace},
};
use async_trait::async_trait;
use kernel::{AccountId, EmailAddress, OrganizationId, Scope, StoreError};
use uuid::Uuid;

use super::MemoryUnit;
use crate::{
    overlay::Against,
    rows::{AskedAddress, if_reached},
    table::{Access, Key},
};

fn workers(scope: Scope) -> Access {
    if_reached(scope == Scope::Worker, Access::Keep)
}

#[async_trait]
impl Marketplace for MemoryUnit {
    async fn put_listing(&mut self, listing: &Listing) -> Result<(), StoreError> {
        self.put(listing.clone())
    }

    async fn remove_listing(&mut self, assessment: CustomAssessmentId) -> Result<(), StoreError> {
        self.remove::<Listing>(workers(self.ctx.scope), assessment.uuid())
    }

    async fn asked_address(
        &mut self,
        email: &EmailAddress,
    ) -> Result<Vec<(OrganizationId, Origin)>, StoreError> {
        let asked = self.list(&Key::Email(email.normalized()), |_: &AskedAddress| true)?;
        Ok(asked.into_iter().map(|asked| (asked.organization, asked.origin)).collect())
    }

    async fn forget_asked_address(&mut self, email: &EmailAddress) -> Result<(), StoreError> {
        let (access, key) = (workers(self.ctx.scope), Key::Email(email.normalized()));
        self.remove_all(access, &key, |_: &AskedAddress| Against::Whatever)
    }
}

#[async_trait]
impl Belongings for MemoryUnit {
    async fn participations(&mut self, account: AccountId) -> Result<Vec<Participation>, StoreError> {
        self.list(&Key::Account(account.uuid()), |_| true)
    }

    async fn forget_participation(&mut self, account: AccountId, origin: Uuid) -> Result<(), StoreError> {
        let own = if_reached(self.ctx.scope == Scope::Account(account), Access::Keep);
        self.remove::<Participation>(own, (account.uuid(), origin))
    }
}
