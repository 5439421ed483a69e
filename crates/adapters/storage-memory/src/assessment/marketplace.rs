//! The marketplace, and what is a person's own.

use assessment_engine::{
    CustomAssessmentId, Listing, Origin, Participation,
    unit::{Marketplace, Participations},
};
use async_trait::async_trait;
use kernel::{AccountId, EmailAddress, OrganizationId, Scope, StoreError};
use uuid::Uuid;

use super::rows::{self, PendingEmailInvitation};
use crate::{
    key::{Key, RowId},
    row::{Access, if_allowed},
    unit::MemoryUnit,
};

fn worker_only(scope: Scope) -> Access {
    if_allowed(scope == Scope::Worker, Access::Full)
}

#[async_trait]
impl Marketplace for MemoryUnit {
    async fn put_listing(&mut self, listing: &Listing) -> Result<(), StoreError> {
        self.put(listing.clone())
    }

    async fn remove_listing(&mut self, assessment: CustomAssessmentId) -> Result<(), StoreError> {
        self.remove::<Listing>(worker_only(self.scope()), RowId::of(assessment))
    }

    async fn pending_email_invitations(
        &mut self,
        email: &EmailAddress,
    ) -> Result<Vec<(OrganizationId, Origin)>, StoreError> {
        let asked = self.list(&Key::email(email), |_: &PendingEmailInvitation| true)?;
        Ok(asked.into_iter().map(|asked| (asked.organization, asked.origin)).collect())
    }

    async fn delete_pending_email_invitations(&mut self, email: &EmailAddress) -> Result<(), StoreError> {
        let (access, key) = (worker_only(self.scope()), Key::email(email));
        self.remove_all::<PendingEmailInvitation>(access, &key)
    }
}

#[async_trait]
impl Participations for MemoryUnit {
    async fn participations(&mut self, account: AccountId) -> Result<Vec<Participation>, StoreError> {
        self.list(&Key::account(account), |_| true)
    }

    async fn delete_participation(&mut self, account: AccountId, origin: Uuid) -> Result<(), StoreError> {
        let own = if_allowed(self.scope() == Scope::Account(account), Access::Full);
        self.remove::<Participation>(own, rows::participation(account, origin))
    }
}
