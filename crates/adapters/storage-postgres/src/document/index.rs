//! What the worker looks for across organisations: ids alone, and no row is locked.

use std::collections::HashSet;

use ::document::ports::DocumentIndex;
use async_trait::async_trait;
use kernel::{AccountId, Id, OrganizationId, Scope, StoreError, document::DocumentId};
use uuid::Uuid;

use crate::{
    PostgresStorage,
    driver::{Query, query},
};

type OwnedId = (OrganizationId, DocumentId);

const AMONG: &str = "
SELECT organization_id, id FROM document.documents JOIN unnest($1::uuid[], $2::uuid[]) asked (organization_id, id)
  USING (organization_id, id)
WHERE has_content";

const AFTER: &str = "
SELECT organization_id, id FROM document.documents WHERE has_content AND (organization_id, id) > ($1, $2)
ORDER BY organization_id, id LIMIT $3";

const UPLOADED_BY: &str = "
SELECT organization_id, id FROM document.documents WHERE has_content AND uploaded_by = $1
ORDER BY organization_id, id";

impl PostgresStorage {
    async fn document_ids(&self, query: Query<'_>) -> Result<Vec<OwnedId>, StoreError> {
        let tx = self.internal(Scope::Worker).await?;
        let rows = tx.fetch_all(query).await?;
        let read =
            |row| Ok((Id::from_uuid(tx.get(row, "organization_id")?), Id::from_uuid(tx.get(row, "id")?)));
        rows.iter().map(read).collect()
    }
}

#[async_trait]
impl DocumentIndex for PostgresStorage {
    async fn with_content(&self, among: &[OwnedId]) -> Result<HashSet<DocumentId>, StoreError> {
        let (organizations, ids): (Vec<Uuid>, Vec<Uuid>) =
            among.iter().map(|(organization, id)| (organization.uuid(), id.uuid())).unzip();
        let found = self.document_ids(query(AMONG).bind(organizations).bind(ids)).await?;
        Ok(found.into_iter().map(|(_, id)| id).collect())
    }

    /// No organisation has the id of zeros, which comes before all.
    async fn with_content_after(&self, last: Option<OwnedId>, most: u32) -> Result<Vec<OwnedId>, StoreError> {
        let (organization, id) =
            last.map(|(organization, id)| (organization.uuid(), id.uuid())).unwrap_or_default();
        self.document_ids(query(AFTER).bind(organization).bind(id).bind(i64::from(most))).await
    }

    async fn uploaded_by(&self, account: AccountId) -> Result<Vec<OwnedId>, StoreError> {
        self.document_ids(query(UPLOADED_BY).bind(account.uuid())).await
    }
}
