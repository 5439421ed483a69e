//! Known devices, which have no record of their own.

use async_trait::async_trait;
use identity::{Digest, unit::KnownDevices};
use kernel::{AccountId, StoreError, Timestamp};
use sea_orm::{Order, QueryOrder as _, entity::prelude::*};

use crate::{col::Col, driver::Query, unit::PostgresUnit, upsert::replace};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "identity", table_name = "known_devices")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Col<AccountId>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: Col<Digest>,
    pub last_seen_at: Col<Timestamp>,
    pub created_at: Col<Timestamp>,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

#[async_trait]
impl KnownDevices for PostgresUnit {
    async fn knows_device(&mut self, account: AccountId, device: &Digest) -> Result<bool, StoreError> {
        let this_first = Entity::find()
            .filter(Column::AccountId.eq(account.uuid()))
            .order_by(Column::Digest.eq(Col::<_>::of(*device)), Order::Desc);
        let first: Option<Model> = self.tx.find_one(this_first).await?;
        Ok(first.is_none_or(|first| first.digest.0 == *device))
    }

    async fn remember_device(
        &mut self,
        account: AccountId,
        device: &Digest,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let row = Model {
            account_id: Col::of(account),
            digest: Col::of(*device),
            last_seen_at: Col::of(now),
            created_at: Col::of(now),
            version: 1,
        };
        let key = [Column::AccountId, Column::Digest];
        self.tx.put(row, replace(key, [Column::LastSeenAt], Column::Version)).await.map(drop)
    }

    async fn forget_devices(&mut self, account: AccountId) -> Result<(), StoreError> {
        self.ensure_personal::<Entity>(account)?;
        let all = Entity::delete_many().filter(Column::AccountId.eq(account.uuid()));
        self.tx.execute(Query::of(&all)).await.map(drop)
    }
}
