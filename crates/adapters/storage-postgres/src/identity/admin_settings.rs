//! Settings documents of administrators.

use async_trait::async_trait;
use identity::{AdminSettings, AdminSettingsState, unit::AdminSettingsDocuments};
use kernel::{AccountId, StoreError};
use sea_orm::entity::prelude::*;

use super::value::preferences;
use crate::{
    read::FromRow,
    unit::{AggregateRow, PostgresUnit},
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "identity", table_name = "admin_settings")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    pub settings: Json,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl AggregateRow for AdminSettings {
    type Entity = Entity;
    type Row = Model;

    const ID: Column = Column::AccountId;
    const VERSION: Column = Column::Version;

    fn row(&self, version: i64) -> Model {
        let AdminSettingsState { account, settings } = self.state();
        Model { account_id: account.uuid(), settings: settings.to_json(), version: version }
    }
}

impl FromRow<Model> for AdminSettings {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let Model { account_id, settings, version } = row;
        let account = AccountId::from_uuid(account_id);
        let state = AdminSettingsState { account, settings: preferences("settings", settings)? };
        Ok(AdminSettings::restore(state, version))
    }
}

#[async_trait]
impl AdminSettingsDocuments for PostgresUnit {
    async fn admin_settings(&mut self, account: AccountId) -> Result<Option<AdminSettings>, StoreError> {
        self.tx.find_one(Entity::find_by_id(account.uuid())).await
    }

    async fn save_admin_settings(&mut self, document: &mut AdminSettings) -> Result<(), StoreError> {
        self.save(document).await
    }

    async fn forget_admin_settings(&mut self, account: AccountId) -> Result<(), StoreError> {
        self.ensure_personal::<Entity>(account)?;
        let deleted = Entity::delete_by_id(account.uuid()).exec(&self.tx).await;
        self.tx.checked(deleted).map(|_| ())
    }
}
