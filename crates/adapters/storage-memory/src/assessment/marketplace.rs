//! The marketplace, and what is a person's own.

use assessment_engine::{
    CustomAssessmentId, Listing, Participation,
    unit::{Marketplace, Participations},
};
use async_trait::async_trait;
use kernel::{AccountId, Scope, StoreError};
use uuid::Uuid;

use super::rows;
use crate::{
    key::{Key, RowId},
    row::{Access, if_allowed},
    unit::MemoryUnit,
};

#[async_trait]
impl Marketplace for MemoryUnit {
    async fn put_listing(&mut self, listing: &Listing) -> Result<(), StoreError> {
        self.put(listing.clone())
    }

    async fn remove_listing(&mut self, assessment: CustomAssessmentId) -> Result<(), StoreError> {
        let access = if_allowed(self.scope() == Scope::Worker, Access::Full);
        self.remove::<Listing>(access, RowId::of(assessment))
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
