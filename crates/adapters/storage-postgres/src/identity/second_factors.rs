//! Second factors; their recovery codes are kept with them.

use async_trait::async_trait;
use identity::{
    FactorStatus, RecoveryCode, SecondFactor, SecondFactorId, SecondFactorState, unit::SecondFactors,
};
use kernel::{AccountId, StoreError, Timestamp};
use sea_orm::{Set, entity::prelude::*};

use super::{
    recovery_codes,
    value::{digest, instant, named},
};
use crate::unit::{AggregateRow, Owner, PostgresUnit};

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
    type Row = ActiveModel;

    const ID: Column = Column::Id;
    const VERSION: Column = Column::Version;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn owner(&self) -> Owner {
        Owner { organization: None, account: Some(self.account), supervised: false }
    }

    fn row(&self, version: i64) -> ActiveModel {
        let SecondFactorState {
            id,
            account,
            sealed_secret,
            status,
            last_step,
            recovery_codes: _,
            created_at,
        } = self.state();
        ActiveModel {
            id: Set(id.uuid()),
            account_id: Set(account.uuid()),
            sealed_secret: Set(sealed_secret.clone()),
            status: Set(status_name(*status).to_owned()),
            last_step: Set(*last_step),
            created_at: Set(instant(*created_at)),
            version: Set(version),
        }
    }
}

fn restore(row: Model, codes: Vec<recovery_codes::Model>) -> Result<SecondFactor, StoreError> {
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
    Ok(SecondFactor::restore(state, version))
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
        let Some(row) = self.tx.find_one(by_account, Ok).await? else { return Ok(None) };
        let codes = self.tx.find_all(recovery_codes::of(row.account_id, row.id), Ok).await?;
        restore(row, codes).map(Some).map_err(|error| self.tx.fail(error))
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
