//! One-time tokens.

use async_trait::async_trait;
use identity::{Digest, OneTimeToken, OneTimeTokenId, OneTimeTokenState, Purpose, unit::OneTimeTokens};
use kernel::{StoreError, Timestamp};
use sea_orm::entity::prelude::*;

use super::value::{digest, instant, named};
use crate::{
    read::FromRow,
    unit::{AggregateRow, PostgresUnit},
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "identity", table_name = "one_time_tokens")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub purpose: String,
    pub subject_id: Uuid,
    pub binding: String,
    pub digest: Vec<u8>,
    pub expires_at: TimeDateTimeWithTimeZone,
    pub used_at: Option<TimeDateTimeWithTimeZone>,
    pub created_at: TimeDateTimeWithTimeZone,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl AggregateRow for OneTimeToken {
    type Entity = Entity;
    type Row = Model;

    const ID: Column = Column::Id;
    const VERSION: Column = Column::Version;

    fn row(&self, version: i64) -> Model {
        let OneTimeTokenState { id, purpose, subject, binding, digest, created_at, expires_at, used_at } =
            self.state();
        Model {
            id: id.uuid(),
            purpose: purpose.name().to_owned(),
            subject_id: *subject,
            binding: binding.clone(),
            digest: digest.0.to_vec(),
            expires_at: instant(*expires_at),
            used_at: used_at.map(instant),
            created_at: instant(*created_at),
            version: version,
        }
    }
}

impl FromRow<Model> for OneTimeToken {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let Model {
            id,
            purpose,
            subject_id,
            binding,
            digest: bytes,
            expires_at,
            used_at,
            created_at,
            version,
        } = row;
        let state = OneTimeTokenState {
            id: OneTimeTokenId::from_uuid(id),
            purpose: named("purpose", &purpose, Purpose::ALL, Purpose::name)?,
            subject: subject_id,
            binding,
            digest: digest("digest", &bytes)?,
            created_at: Timestamp::new(created_at),
            expires_at: Timestamp::new(expires_at),
            used_at: used_at.map(Timestamp::new),
        };
        Ok(OneTimeToken::restore(state, version))
    }
}

#[async_trait]
impl OneTimeTokens for PostgresUnit {
    async fn one_time_token(
        &mut self,
        purpose: Purpose,
        digest: &Digest,
    ) -> Result<Option<OneTimeToken>, StoreError> {
        let by_digest = Entity::find()
            .filter(Column::Digest.eq(digest.0.to_vec()))
            .filter(Column::Purpose.eq(purpose.name()));
        self.tx.find_one(by_digest).await
    }

    async fn save_one_time_token(&mut self, token: &mut OneTimeToken) -> Result<(), StoreError> {
        self.ensure_saveable(token)?;
        if token.version() == 0 {
            let unused = Entity::delete_many()
                .filter(Column::SubjectId.eq(token.subject))
                .filter(Column::Purpose.eq(token.purpose.name()))
                .filter(Column::UsedAt.is_null());
            let deleted = unused.exec(&self.tx).await;
            self.tx.checked(deleted)?;
        }
        self.save(token).await
    }
}
