//! API keys.

use async_trait::async_trait;
use identity::{ApiKey, ApiKeyId, ApiKeyState, KeyScope, unit::ApiKeys};
use kernel::{AccountId, OrganizationId, StoreError, Timestamp};
use sea_orm::entity::prelude::*;

use super::value::{digest, instant, name, unreadable};
use crate::{
    read::FromRow,
    unit::{AggregateRow, PostgresUnit},
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "identity", table_name = "api_keys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub organization_id: Uuid,
    pub name: String,
    pub scopes: Vec<String>,
    pub digest: Vec<u8>,
    pub created_by: Uuid,
    pub expires_at: TimeDateTimeWithTimeZone,
    pub revoked_at: Option<TimeDateTimeWithTimeZone>,
    pub created_at: TimeDateTimeWithTimeZone,
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
        } = self.state();
        Model {
            id: id.uuid(),
            organization_id: organization.uuid(),
            name: name.to_string(),
            scopes: scopes.iter().map(|scope| scope.name().to_owned()).collect(),
            digest: digest.0.to_vec(),
            created_by: created_by.uuid(),
            expires_at: instant(*expires_at),
            revoked_at: revoked_at.map(instant),
            created_at: instant(*created_at),
            version: version,
        }
    }
}

impl FromRow<Model> for ApiKey {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let Model {
            id,
            organization_id,
            name: title,
            scopes,
            digest: bytes,
            created_by,
            expires_at,
            revoked_at,
            created_at,
            version,
        } = row;
        let scope =
            |text: &String| KeyScope::from_name(text).ok_or_else(|| unreadable("scopes", "no such name"));
        let state = ApiKeyState {
            id: ApiKeyId::from_uuid(id),
            organization: OrganizationId::from_uuid(organization_id),
            name: name("name", &title)?,
            scopes: scopes.iter().map(scope).collect::<Result<_, _>>()?,
            digest: digest("digest", &bytes)?,
            created_by: AccountId::from_uuid(created_by),
            created_at: Timestamp::new(created_at),
            expires_at: Timestamp::new(expires_at),
            revoked_at: revoked_at.map(Timestamp::new),
        };
        Ok(ApiKey::restore(state, version))
    }
}

#[async_trait]
impl ApiKeys for PostgresUnit {
    async fn api_key(&mut self, id: ApiKeyId) -> Result<Option<ApiKey>, StoreError> {
        self.tx.find_one(Entity::find_by_id(id.uuid())).await
    }

    async fn save_api_key(&mut self, key: &mut ApiKey) -> Result<(), StoreError> {
        self.save(key).await
    }
}
