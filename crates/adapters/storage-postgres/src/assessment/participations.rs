//! What people were asked for: theirs, and no organisation's scope reads it.

use assessment_engine::{OriginKind, Participation, unit::Participations};
use async_trait::async_trait;
use kernel::{AccountId, OrganizationId, StoreError, Timestamp};
use sea_orm::{QueryOrder as _, entity::prelude::*, sea_query::OnConflict};

use crate::{
    col::{Col, Word},
    driver::Query,
    read::FromRow,
    tx::Tx,
    unit::PostgresUnit,
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "assessment", table_name = "participations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Col<AccountId>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub origin_id: Uuid,
    pub session_type: Word<OriginKind>,
    pub organization_id: Col<OrganizationId>,
    pub created_at: Col<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

impl FromRow<Model> for Participation {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            account: row.account_id.0,
            organization: row.organization_id.0,
            kind: row.session_type.0,
            origin: row.origin_id,
            created_at: row.created_at.0,
        })
    }
}

/// Whoever adds these may not read them: without a conflict target PostgreSQL asks for no privilege to read.
pub(super) async fn put(tx: &Tx, participations: &[Participation]) -> Result<(), StoreError> {
    let row = |of: &Participation| Model {
        account_id: Col::of(of.account),
        origin_id: of.origin,
        session_type: Col::of(of.kind),
        organization_id: Col::of(of.organization),
        created_at: Col::of(of.created_at),
    };
    let rows = participations.iter().map(row).collect();
    tx.put_all::<Model>(rows, OnConflict::new().do_nothing().to_owned()).await
}

#[async_trait]
impl Participations for PostgresUnit {
    async fn participations(&mut self, account: AccountId) -> Result<Vec<Participation>, StoreError> {
        let all = Entity::find()
            .filter(Column::AccountId.eq(account.uuid()))
            .order_by_asc(Column::CreatedAt)
            .order_by_asc(Column::OriginId);
        self.tx.find_all(all).await
    }

    async fn delete_participation(&mut self, account: AccountId, origin: Uuid) -> Result<(), StoreError> {
        self.ensure_personal::<Entity>(account)?;
        let delete = Entity::delete_by_id((Col::of(account), origin));
        self.tx.execute(Query::of(&delete)).await.map(drop)
    }
}
