//! Second factors; their recovery codes are kept with them.

use async_trait::async_trait;
use identity::{
    FactorStatus, RecoveryCode, SecondFactor, SecondFactorId, SecondFactorState, unit::SecondFactors,
};
use kernel::{AccountId, StoreError, Timestamp};
use sea_orm::entity::prelude::*;

use super::{
    recovery_codes,
    value::{digest, instant, named},
};
use crate::{
    read::FromRow,
    unit::{AggregateRow, PostgresUnit},
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "identity", table_name = "second_factors")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub account_id: Uuid,
    pub sealed_secret: Vec<u8>,
    pub status: String,
    pub last_step: i64,
    pub created_at: TimeDateTimeWithTimeZone,
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
        } = self.state();
        Model {
            id: id.uuid(),
            account_id: account.uuid(),
            sealed_secret: sealed_secret.clone(),
            status: status_name(*status).to_owned(),
            last_step: *last_step,
            created_at: instant(*created_at),
            version: version,
        }
    }
}

impl FromRow<(Model, Vec<recovery_codes::Model>)> for SecondFactor {
    fn from_row((row, codes): (Model, Vec<recovery_codes::Model>)) -> Result<Self, StoreError> {
        let Model { id, account_id, sealed_secret, status, last_step, created_at, version } = row;
        let statuses = [FactorStatus::Pending, FactorStatus::Confirmed];
        let code = |code: recovery_codes::Model| {
            let used_at = code.used_at.map(Timestamp::new);
            Ok(RecoveryCode { digest: digest("digest", &code.digest)?, used_at })
        };
        let state = SecondFactorState {
            id: SecondFactorId::from_uuid(id),
            account: AccountId::from_uuid(account_id),
            sealed_secret,
            status: named("status", &status, statuses, status_name)?,
            last_step,
            recovery_codes: codes.into_iter().map(code).collect::<Result<_, StoreError>>()?,
            created_at: Timestamp::new(created_at),
        };
        Ok(Self::restore(state, version))
    }
}

const fn status_name(status: FactorStatus) -> &'static str {
    match status {
        FactorStatus::Pending => "pending",
        FactorStatus::Confirmed => "confirmed",
        // Its row is deleted; the table's CHECK would refuse it.
        FactorStatus::Removed => "removed",
    }
}

#[async_trait]
impl SecondFactors for PostgresUnit {
    async fn second_factor(&mut self, account: AccountId) -> Result<Option<SecondFactor>, StoreError> {
        let by_account = Entity::find().filter(Column::AccountId.eq(account.uuid()));
        let found: Option<Model> = self.tx.find_one(by_account).await?;
        let Some(row) = found else { return Ok(None) };
        let codes = self.tx.find_all(recovery_codes::of(row.account_id, row.id)).await?;
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
