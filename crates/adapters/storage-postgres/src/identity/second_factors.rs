//! Second factors; their recovery codes are kept with them.

use async_trait::async_trait;
use identity::{
    FactorStatus, RecoveryCode, SecondFactor, SecondFactorId, SecondFactorState, unit::SecondFactors,
};
use kernel::{AccountId, StoreError, Timestamp};
use sea_orm::entity::prelude::*;

use super::recovery_codes;
use crate::{
    col::{Col, Word},
    read::FromRow,
    unit::{AggregateRow, PostgresUnit},
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "identity", table_name = "second_factors")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Col<SecondFactorId>,
    pub account_id: Col<AccountId>,
    pub sealed_secret: Vec<u8>,
    pub status: Word<FactorStatus>,
    pub last_step: i64,
    pub created_at: Col<Timestamp>,
    pub version: i64,
    #[sea_orm(has_many)]
    pub recovery_codes: HasMany<recovery_codes::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

impl AggregateRow for SecondFactor {
    type Entity = Entity;
    type Row = Model;

    const ID: Column = Column::Id;
    const VERSION: Column = Column::Version;

    fn row(&self, version: i64) -> Model {
        let SecondFactorState {
            id,
            account,
            sealed_secret,
            status,
            last_step,
            recovery_codes: _,
            created_at,
        } = self.state().clone();
        Model {
            id: Col::of(id),
            account_id: Col::of(account),
            sealed_secret,
            status: Col::of(status),
            last_step,
            created_at: Col::of(created_at),
            version,
        }
    }
}

impl FromRow<(Model, Vec<recovery_codes::Model>)> for SecondFactor {
    fn from_row((row, codes): (Model, Vec<recovery_codes::Model>)) -> Result<Self, StoreError> {
        let code = |code: recovery_codes::Model| RecoveryCode {
            digest: code.digest.0,
            used_at: code.used_at.map(Col::into_inner),
        };
        let state = SecondFactorState {
            id: row.id.0,
            account: row.account_id.0,
            sealed_secret: row.sealed_secret,
            status: row.status.0,
            last_step: row.last_step,
            recovery_codes: codes.into_iter().map(code).collect(),
            created_at: row.created_at.0,
        };
        Ok(Self::restore(state, row.version))
    }
}

#[async_trait]
impl SecondFactors for PostgresUnit {
    async fn second_factor(&mut self, account: AccountId) -> Result<Option<SecondFactor>, StoreError> {
        let by_account = Entity::find().filter(Column::AccountId.eq(account.uuid()));
        let found: Option<Model> = self.tx.find_one(by_account).await?;
        let Some(row) = found else { return Ok(None) };
        let codes = self.tx.find_all(recovery_codes::of(row.account_id.0, row.id.0)).await?;
        SecondFactor::from_row((row, codes)).map(Some).map_err(|error| self.tx.fail(error))
    }

    async fn save_second_factor(&mut self, factor: &mut SecondFactor) -> Result<(), StoreError> {
        if factor.status == FactorStatus::Removed {
            self.ensure_saveable(factor)?;
            self.keep_recovery_codes(factor).await?;
            self.save_removed(factor).await
        } else {
            self.save(factor).await?;
            self.keep_recovery_codes(factor).await
        }
    }
}
