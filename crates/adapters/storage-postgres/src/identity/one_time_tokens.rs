//! One-time tokens.

use async_trait::async_trait;
use identity::{Digest, OneTimeToken, OneTimeTokenId, OneTimeTokenState, Purpose, unit::OneTimeTokens};
use kernel::{StoreError, Timestamp};
use sea_orm::{entity::prelude::*, sea_query::Expr};

use crate::{
    col::{Col, Word},
    driver::Query,
    read::FromRow,
    unit::{AggregateRow, PostgresUnit},
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "identity", table_name = "one_time_tokens")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Col<OneTimeTokenId>,
    pub purpose: Word<Purpose>,
    pub subject_id: Uuid,
    pub binding: String,
    pub digest: Col<Digest>,
    pub expires_at: Col<Timestamp>,
    pub used_at: Option<Col<Timestamp>>,
    pub replaced_at: Option<Col<Timestamp>>,
    pub created_at: Col<Timestamp>,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl AggregateRow for OneTimeToken {
    type Entity = Entity;
    type Row = Model;

    const ID: Column = Column::Id;
    const VERSION: Column = Column::Version;
    const LATE: bool = false;

    fn row(&self, version: i64) -> Model {
        let OneTimeTokenState {
            id,
            purpose,
            subject,
            binding,
            digest,
            created_at,
            expires_at,
            used_at,
            replaced_at,
        } = self.state().clone();
        Model {
            id: Col::of(id),
            purpose: Col::of(purpose),
            subject_id: subject,
            binding,
            digest: Col::of(digest),
            expires_at: Col::of(expires_at),
            used_at: used_at.map(Col::of),
            replaced_at: replaced_at.map(Col::of),
            created_at: Col::of(created_at),
            version,
        }
    }
}

impl FromRow<Model> for OneTimeToken {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let state = OneTimeTokenState {
            id: row.id.0,
            purpose: row.purpose.0,
            subject: row.subject_id,
            binding: row.binding,
            digest: row.digest.0,
            created_at: row.created_at.0,
            expires_at: row.expires_at.0,
            used_at: row.used_at.map(Col::into_inner),
            replaced_at: row.replaced_at.map(Col::into_inner),
        };
        Ok(Self::restore(state, row.version))
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
        self.save(token).await
    }

    /// Their version stays: whoever uses one at the same time does not lose to this.
    async fn replace_earlier_tokens(
        &mut self,
        token: &OneTimeToken,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let earlier = Entity::update_many()
            .col_expr(Column::ReplacedAt, Expr::value(at.to_offset_date_time()))
            .filter(Column::SubjectId.eq(token.subject))
            .filter(Column::Purpose.eq(token.purpose.name()))
            .filter(Column::CreatedAt.lt(token.created_at.to_offset_date_time()))
            .filter(Column::UsedAt.is_null())
            .filter(Column::ReplacedAt.is_null());
        self.tx.execute(Query::of(&earlier)).await.map(drop)
    }
}
