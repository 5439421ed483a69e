//! Settings documents of administrators.

use async_trait::async_trait;
use identity::{AdminSettings, AdminSettingsState, Preferences, unit::AdminSettingsDocuments};
use kernel::{AccountId, StoreError};
use sea_orm::entity::prelude::*;

use crate::{
    col::Col,
    driver::Query,
    read::FromRow,
    unit::{AggregateRow, PostgresUnit},
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "identity", table_name = "admin_settings")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Col<AccountId>,
    pub settings: Col<Preferences>,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl AggregateRow for AdminSettings {
    type Entity = Entity;
    type Row = Model;

    const ID: Column = Column::AccountId;
    const VERSION: Column = Column::Version;

    fn row(&self, version: i64) -> Model {
        let AdminSettingsState { account, settings } = self.state().clone();
        Model { account_id: Col::of(account), settings: Col::of(settings), version }
    }
}

impl FromRow<Model> for AdminSettings {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let state = AdminSettingsState { account: row.account_id.0, settings: row.settings.0 };
        Ok(Self::restore(state, row.version))
    }
}

#[async_trait]
impl AdminSettingsDocuments for PostgresUnit {
    async fn admin_settings(&mut self, account: AccountId) -> Result<Option<AdminSettings>, StoreError> {
        self.tx.find_one(Entity::find_by_id(account)).await
    }

    async fn save_admin_settings(&mut self, document: &mut AdminSettings) -> Result<(), StoreError> {
        self.save(document).await
    }

    async fn forget_admin_settings(&mut self, account: AccountId) -> Result<(), StoreError> {
        self.ensure_personal::<Entity>(account)?;
        self.tx.execute(Query::of(&Entity::delete_by_id(account))).await.map(drop)
    }
}
