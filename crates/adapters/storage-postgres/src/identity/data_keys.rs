//! Data keys, which have no record of their own.

use async_trait::async_trait;
use identity::unit::DataKeys;
use kernel::{AccountId, StoreError};
use sea_orm::entity::prelude::*;

use crate::{col::Col, driver::Query, unit::PostgresUnit, upsert::replace};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "identity", table_name = "data_keys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Col<AccountId>,
    pub wrapped_key: Vec<u8>,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

#[async_trait]
impl DataKeys for PostgresUnit {
    async fn data_key(&mut self, account: AccountId) -> Result<Option<Vec<u8>>, StoreError> {
        let found: Option<Model> = self.tx.find_one(Entity::find_by_id(account)).await?;
        Ok(found.map(|row| row.wrapped_key))
    }

    async fn put_data_key(&mut self, account: AccountId, wrapped: &[u8]) -> Result<(), StoreError> {
        let row = Model { account_id: Col::of(account), wrapped_key: wrapped.to_vec(), version: 1 };
        self.tx.put(row, replace([Column::AccountId], [Column::WrappedKey], Column::Version)).await.map(drop)
    }

    async fn destroy_data_key(&mut self, account: AccountId) -> Result<(), StoreError> {
        self.ensure_personal::<Entity>(account)?;
        self.tx.execute(Query::of(&Entity::delete_by_id(account))).await.map(drop)
    }
}
