//! The keys access tokens are signed with.

use async_trait::async_trait;
use identity::credentials::{SigningKeyRecord, SigningKeys};
use kernel::{Scope, StoreError, Timestamp};
use sea_orm::{QueryOrder as _, entity::prelude::*, sea_query::ExprTrait as _};

use crate::{
    PostgresStorage,
    col::Col,
    driver::{Query, query},
    read::FromRow,
    tx::Tx,
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "identity", table_name = "signing_keys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub kid: String,
    pub sealed_private_key: Vec<u8>,
    pub public_jwk: Json,
    pub signs_from: Col<Timestamp>,
    pub verifies_until: Option<Col<Timestamp>>,
    pub created_at: Col<Timestamp>,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl FromRow<Model> for SigningKeyRecord {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            kid: row.kid,
            sealed_private_key: row.sealed_private_key,
            public_jwk: row.public_jwk,
            signs_from: row.signs_from.0,
            verifies_until: row.verifies_until.map(Col::into_inner),
            created_at: row.created_at.0,
        })
    }
}

/// One addition at a time; the number means this and nothing else.
const LOCK: &str = "SELECT pg_advisory_xact_lock(5292847163)";

#[async_trait]
impl SigningKeys for PostgresStorage {
    async fn signing_keys(&self, now: Timestamp) -> Result<Vec<SigningKeyRecord>, StoreError> {
        let tx = self.internal(Scope::Identity).await?;
        live(&tx, now).await
    }

    async fn add_signing_key(
        &self,
        key: &SigningKeyRecord,
        others_until: Timestamp,
        only_if_none: bool,
    ) -> Result<(), StoreError> {
        let tx = self.internal(Scope::Identity).await?;
        tx.execute(query(LOCK)).await?;
        if only_if_none && !live(&tx, key.created_at).await?.is_empty() {
            return Ok(());
        }
        let SigningKeyRecord { kid, sealed_private_key, public_jwk, signs_from, verifies_until, created_at } =
            key.clone();
        let expired =
            Entity::delete_many().filter(Column::VerifiesUntil.lte(created_at.to_offset_date_time()));
        tx.execute(Query::of(&expired)).await?;
        let others = Entity::update_many()
            .col_expr(Column::VerifiesUntil, Expr::value(others_until.to_offset_date_time()))
            .col_expr(Column::Version, Expr::col(Column::Version).add(1))
            .filter(Column::VerifiesUntil.is_null());
        tx.execute(Query::of(&others)).await?;
        let row = Model {
            kid,
            sealed_private_key,
            public_jwk,
            signs_from: Col::of(signs_from),
            verifies_until: verifies_until.map(Col::of),
            created_at: Col::of(created_at),
            version: 1,
        };
        tx.insert(row).await?;
        tx.commit().await
    }
}

/// The keys whose tokens may still be taken, oldest first.
async fn live(tx: &Tx, now: Timestamp) -> Result<Vec<SigningKeyRecord>, StoreError> {
    let live = Column::VerifiesUntil.is_null().or(Column::VerifiesUntil.gt(now.to_offset_date_time()));
    let oldest_first = Entity::find().filter(live).order_by_asc(Column::CreatedAt).order_by_asc(Column::Kid);
    tx.find_all(oldest_first).await
}
