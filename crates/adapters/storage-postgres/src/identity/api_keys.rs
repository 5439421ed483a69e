//! API keys.

use std::collections::BTreeSet;

use async_trait::async_trait;
use identity::{ApiKey, ApiKeyId, ApiKeyState, Digest, KeyScope, text::Name, unit::ApiKeys};
use kernel::{AccountId, OrganizationId, StoreError, Timestamp};
use sea_orm::entity::prelude::*;

use crate::{
    col::Col,
    read::FromRow,
    unit::{AggregateRow, PostgresUnit},
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "identity", table_name = "api_keys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Col<ApiKeyId>,
    pub organization_id: Col<OrganizationId>,
    pub name: Col<Name>,
    pub scopes: Col<BTreeSet<KeyScope>>,
    pub digest: Col<Digest>,
    pub created_by: Col<AccountId>,
    pub expires_at: Col<Timestamp>,
    pub revoked_at: Option<Col<Timestamp>>,
    pub created_at: Col<Timestamp>,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl AggregateRow for ApiKey {
    type Entity = Entity;
    type Row = Model;

    const ID: Column = Column::Id;
    const VERSION: Column = Column::Version;

    fn row(&self, version: i64) -> Model {
        let ApiKeyState {
            id,
            organization,
            name,
            scopes,
            digest,
            created_by,
            created_at,
            expires_at,
            revoked_at,
        } = self.state().clone();
        Model {
            id: Col::of(id),
            organization_id: Col::of(organization),
            name: Col::of(name),
            scopes: Col::of(scopes),
            digest: Col::of(digest),
            created_by: Col::of(created_by),
            expires_at: Col::of(expires_at),
            revoked_at: revoked_at.map(Col::of),
            created_at: Col::of(created_at),
            version,
        }
    }
}

impl FromRow<Model> for ApiKey {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let state = ApiKeyState {
            id: row.id.0,
            organization: row.organization_id.0,
            name: row.name.0,
            scopes: row.scopes.0,
            digest: row.digest.0,
            created_by: row.created_by.0,
            created_at: row.created_at.0,
            expires_at: row.expires_at.0,
            revoked_at: row.revoked_at.map(Col::into_inner),
        };
        Ok(Self::restore(state, row.version))
    }
}

#[async_trait]
impl ApiKeys for PostgresUnit {
    async fn api_key(&mut self, id: ApiKeyId) -> Result<Option<ApiKey>, StoreError> {
        self.tx.find_one(Entity::find_by_id(id)).await
    }

    async fn live_api_keys(
        &mut self,
        organization: OrganizationId,
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        let working = Entity::find()
            .filter(Column::OrganizationId.eq(organization.uuid()))
            .filter(Column::RevokedAt.is_null())
            .filter(Column::ExpiresAt.gt(at.to_offset_date_time()));
        self.tx.count(working).await
    }

    async fn save_api_key(&mut self, key: &mut ApiKey) -> Result<(), StoreError> {
        self.save(key).await
    }
}
