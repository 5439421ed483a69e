//! Addresses that want no letters of an organisation.

use async_trait::async_trait;
use identity::{Unsubscription, unit::Unsubscriptions};
use kernel::{OrganizationId, StoreError};

use crate::{driver::query, unit::PostgresUnit};

const FOUND: &str = "
SELECT FROM identity.unsubscriptions WHERE organization_id = $1 AND fingerprint = $2";

const PUT: &str = "
INSERT INTO identity.unsubscriptions (organization_id, fingerprint) VALUES ($1, $2) ON CONFLICT DO NOTHING";

const FORGET: &str = "
DELETE FROM identity.unsubscriptions WHERE organization_id = $1 AND fingerprint = $2";

#[async_trait]
impl Unsubscriptions for PostgresUnit {
    async fn is_unsubscribed(
        &mut self,
        organization: OrganizationId,
        fingerprint: &str,
    ) -> Result<bool, StoreError> {
        let found = self.tx.fetch_optional(query(FOUND).bind(organization.uuid()).bind(fingerprint)).await?;
        Ok(found.is_some())
    }

    async fn put_unsubscription(&mut self, of: &Unsubscription) -> Result<(), StoreError> {
        let query = query(PUT).bind(of.organization.uuid()).bind(of.fingerprint.as_str());
        self.tx.execute(query).await.map(drop)
    }

    async fn forget_unsubscription(&mut self, of: &Unsubscription) -> Result<(), StoreError> {
        let query = query(FORGET).bind(of.organization.uuid()).bind(of.fingerprint.as_str());
        self.tx.execute(query).await.map(drop)
    }
}
