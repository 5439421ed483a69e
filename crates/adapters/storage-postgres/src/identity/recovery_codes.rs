//! Recovery codes, children of the second factor.

use identity::{Digest, SecondFactor, SecondFactorId};
use kernel::{AccountId, StoreError, Timestamp};
use sea_orm::{QueryOrder as _, Select, entity::prelude::*};

use crate::{col::Col, driver::query, unit::PostgresUnit};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "identity", table_name = "recovery_codes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub account_id: Col<AccountId>,
    pub second_factor_id: Col<SecondFactorId>,
    pub digest: Col<Digest>,
    pub used_at: Option<Col<Timestamp>>,
    #[sea_orm(belongs_to, from = "second_factor_id", to = "id")]
    pub second_factor: BelongsTo<super::second_factors::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Brings the table in line with the aggregate and writes nothing that is so already.
const KEEP: &str = "
WITH codes AS (
  SELECT * FROM unnest($3::bytea[], $4::timestamptz[]) AS codes (digest, used_at)
), gone AS (
  DELETE FROM identity.recovery_codes
  WHERE account_id = $1 AND second_factor_id = $2 AND digest NOT IN (SELECT digest FROM codes)
)
INSERT INTO identity.recovery_codes AS kept (account_id, second_factor_id, digest, used_at)
SELECT $1, $2, digest, used_at FROM codes
ON CONFLICT (account_id, second_factor_id, digest)
DO UPDATE SET used_at = EXCLUDED.used_at, version = kept.version + 1
WHERE kept.used_at IS DISTINCT FROM EXCLUDED.used_at";

/// The codes of a second factor.
pub(super) fn of(account: AccountId, factor: SecondFactorId) -> Select<Entity> {
    Entity::find()
        .filter(Column::AccountId.eq(account.uuid()))
        .filter(Column::SecondFactorId.eq(factor.uuid()))
        .order_by_asc(Column::Digest)
}

impl PostgresUnit {
    pub(super) async fn keep_recovery_codes(&self, factor: &SecondFactor) -> Result<(), StoreError> {
        let digests: Vec<&[u8]> = factor.recovery_codes.iter().map(|code| &code.digest.0[..]).collect();
        let used: Vec<_> = factor
            .recovery_codes
            .iter()
            .map(|code| code.used_at.map(Timestamp::to_offset_date_time))
            .collect();
        let query = query(KEEP).bind(factor.account.uuid()).bind(factor.id.uuid()).bind(digests).bind(used);
        self.tx.execute(query).await.map(|_| ())
    }
}
