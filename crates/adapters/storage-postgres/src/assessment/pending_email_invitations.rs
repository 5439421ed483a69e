//! Who was asked by an address that nobody had registered.

use assessment_engine::{CampaignId, Origin, OriginKind};
use kernel::{EmailAddress, OrganizationId, StoreError, Timestamp};
use sea_orm::{QueryOrder as _, entity::prelude::*, sea_query::OnConflict};

use super::formats::origin;
use crate::{
    col::{Col, Word},
    driver::Query,
    read::FromRow,
    tx::Tx,
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "assessment", table_name = "asked_addresses")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub email_normalized: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub origin_id: Uuid,
    pub session_type: Word<OriginKind>,
    pub campaign_id: Option<Col<CampaignId>>,
    pub organization_id: Col<OrganizationId>,
    pub created_at: Col<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

impl FromRow<Model> for (OrganizationId, Origin) {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let origin = origin(row.session_type.0, row.origin_id, row.campaign_id.map(Col::into_inner))?;
        Ok((row.organization_id.0, origin))
    }
}

/// Whoever adds these may not read them: without a conflict target PostgreSQL asks for no privilege to read.
pub(super) async fn put(
    tx: &Tx,
    organization: OrganizationId,
    asked: &[(EmailAddress, Origin)],
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = |(email, origin): &(EmailAddress, Origin)| Model {
        email_normalized: email.normalized(),
        origin_id: origin.id(),
        session_type: Col::of(origin.kind()),
        campaign_id: origin.campaign().map(Col::of),
        organization_id: Col::of(organization),
        created_at: Col::of(now),
    };
    let rows = asked.iter().map(row).collect();
    tx.put_all::<Model>(rows, OnConflict::new().do_nothing().to_owned()).await
}

pub(super) async fn of(tx: &Tx, email: &EmailAddress) -> Result<Vec<(OrganizationId, Origin)>, StoreError> {
    let all = Entity::find()
        .filter(Column::EmailNormalized.eq(email.normalized()))
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::OriginId);
    tx.find_all(all).await
}

pub(super) async fn delete(tx: &Tx, email: &EmailAddress) -> Result<(), StoreError> {
    let all = Entity::delete_many().filter(Column::EmailNormalized.eq(email.normalized()));
    tx.execute(Query::of(&all)).await.map(drop)
}
