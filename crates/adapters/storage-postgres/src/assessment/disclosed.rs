//! The summaries that were disclosed last.

use assessment_engine::{
    CampaignId, CustomAssessmentId,
    reading::{ResultFilter, TallyFilter},
};
use kernel::{AccountId, Id, OrganizationId, StoreError};
use sea_orm::entity::prelude::*;

use super::formats::SmallInt;
use crate::{col::Col, driver::Query, tx::Tx, upsert::replace};

/// The table's key holds whose results they are too, and no column of SeaORM's keys may be null.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "assessment", table_name = "result_summaries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: Col<OrganizationId>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub assessment_id: Col<CustomAssessmentId>,
    pub campaign_id: Option<Col<CampaignId>>,
    pub run_by: Option<Col<AccountId>>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub major: SmallInt<u16>,
    pub results: Col<u64>,
    pub summary: Json,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

/// The summary that was disclosed last, and of how many results it was.
pub(super) async fn summary(tx: &Tx, of: &TallyFilter) -> Result<Option<(u64, Json)>, StoreError> {
    let TallyFilter { results: ResultFilter { assessment, campaign, run_by }, major } = *of;
    let same = |column: Column, id: Option<Uuid>| id.map_or_else(|| column.is_null(), |id| column.eq(id));
    let disclosed = Entity::find()
        .filter(Column::AssessmentId.eq(assessment.uuid()))
        .filter(same(Column::CampaignId, campaign.map(Id::uuid)))
        .filter(same(Column::RunBy, run_by.map(Id::uuid)))
        .filter(Column::Major.eq(SmallInt::of(major)));
    let found: Option<Model> = tx.find_one(disclosed).await?;
    Ok(found.map(|row| (row.results.0, row.summary)))
}

/// Keeps the summary that is disclosed from now on.
pub(super) async fn keep(
    tx: &Tx,
    organization: OrganizationId,
    of: &TallyFilter,
    results: u64,
    summary: &Json,
) -> Result<(), StoreError> {
    use Column as C;
    let TallyFilter { results: ResultFilter { assessment, campaign, run_by }, major } = *of;
    let row = Model {
        organization_id: Col::of(organization),
        assessment_id: Col::of(assessment),
        campaign_id: campaign.map(Col::of),
        run_by: run_by.map(Col::of),
        major: Col::of(major),
        results: Col::of(results),
        summary: summary.clone(),
        version: 1,
    };
    let key = [C::OrganizationId, C::AssessmentId, C::CampaignId, C::RunBy, C::Major];
    tx.put(row, replace(key, [C::Results, C::Summary], C::Version)).await.map(drop)
}

/// Forgets the summaries of an assessment.
pub(super) async fn forget(tx: &Tx, assessment: CustomAssessmentId) -> Result<(), StoreError> {
    let all = Entity::delete_many().filter(Column::AssessmentId.eq(assessment.uuid()));
    tx.execute(Query::of(&tx.of_tenant::<Entity, _>(all))).await.map(drop)
}
