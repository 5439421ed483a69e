//! Campaigns.

use assessment_engine::{
    Campaign, CampaignId, CampaignState, CampaignStatus, CustomAssessmentId, PublishedVersionId,
    campaigns::campaign::Plan,
    invitations::delivery::{AssessmentRef, AssessmentType, DeliverySettings},
};
use assessment_format::Version;
use kernel::{AccountId, Name, OrganizationId, StoreError, Timestamp};
use sea_orm::entity::prelude::*;

use super::formats::{Integer, Text};
use crate::{
    col::{Col, Doc, Word},
    read::FromRow,
    unit::AggregateRow,
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "assessment", table_name = "campaigns")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Col<CampaignId>,
    pub organization_id: Col<OrganizationId>,
    pub created_by: Col<AccountId>,
    pub name: Col<Name>,
    pub message: String,
    pub assessment_type: Word<AssessmentType>,
    pub custom_assessment_id: Col<CustomAssessmentId>,
    pub version_id: Col<PublishedVersionId>,
    pub assessment_version: Text<Version>,
    pub terms: Doc<DeliverySettings>,
    pub opens_at: Option<Col<Timestamp>>,
    pub closes_at: Option<Col<Timestamp>>,
    pub remind_hours: Option<Integer<u16>>,
    pub status: Word<CampaignStatus>,
    pub activated_at: Option<Col<Timestamp>>,
    pub closed_at: Option<Col<Timestamp>>,
    pub created_at: Col<Timestamp>,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl AggregateRow for Campaign {
    type Entity = Entity;
    type Row = Model;

    const ID: Column = Column::Id;
    const VERSION: Column = Column::Version;

    fn row(&self, version: i64) -> Model {
        let CampaignState { id, organization, created_by, plan, status, created_at, activated_at, closed_at } =
            self.state().clone();
        let Plan { name, message, chosen, delivery, opens_at, closes_at, remind_hours } = plan;
        let AssessmentRef { kind, assessment, published, version: assessment_version } = chosen;
        Model {
            id: Col::of(id),
            organization_id: Col::of(organization),
            created_by: Col::of(created_by),
            name: Col::of(name),
            message,
            assessment_type: Col::of(kind),
            custom_assessment_id: Col::of(assessment),
            version_id: Col::of(published),
            assessment_version: Col::of(assessment_version),
            terms: Col::of(delivery),
            opens_at: opens_at.map(Col::of),
            closes_at: closes_at.map(Col::of),
            remind_hours: remind_hours.map(Col::of),
            status: Col::of(status),
            activated_at: activated_at.map(Col::of),
            closed_at: closed_at.map(Col::of),
            created_at: Col::of(created_at),
            version,
        }
    }
}

impl FromRow<Model> for Campaign {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let chosen = AssessmentRef {
            kind: row.assessment_type.0,
            assessment: row.custom_assessment_id.0,
            published: row.version_id.0,
            version: row.assessment_version.0,
        };
        let plan = Plan {
            name: row.name.0,
            message: row.message,
            chosen,
            delivery: row.terms.0,
            opens_at: row.opens_at.map(Col::into_inner),
            closes_at: row.closes_at.map(Col::into_inner),
            remind_hours: row.remind_hours.map(Col::into_inner),
        };
        let state = CampaignState {
            id: row.id.0,
            organization: row.organization_id.0,
            created_by: row.created_by.0,
            plan,
            status: row.status.0,
            created_at: row.created_at.0,
            activated_at: row.activated_at.map(Col::into_inner),
            closed_at: row.closed_at.map(Col::into_inner),
        };
        Ok(Self::restore(state, row.version))
    }
}
