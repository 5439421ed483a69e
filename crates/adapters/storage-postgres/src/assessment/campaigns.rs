//! Campaigns.

use assessment_engine::{
    Campaign, CampaignId, CampaignState, CampaignStatus, campaigns::campaign::Plan,
    invitations::delivery::AssessmentRef,
};
use kernel::{AccountId, OrganizationId, StoreError, Timestamp};
use sea_orm::entity::prelude::*;

use super::value::{chosen, fitting, instant, json, name, named, of_json};
use crate::{read::FromRow, unit::AggregateRow};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "assessment", table_name = "campaigns")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub organization_id: Uuid,
    pub created_by: Uuid,
    pub name: String,
    pub message: String,
    pub assessment_type: String,
    pub custom_assessment_id: Uuid,
    pub version_id: Uuid,
    pub assessment_version: String,
    pub terms: Json,
    pub opens_at: Option<TimeDateTimeWithTimeZone>,
    pub closes_at: Option<TimeDateTimeWithTimeZone>,
    pub remind_hours: Option<i32>,
    pub status: String,
    pub activated_at: Option<TimeDateTimeWithTimeZone>,
    pub closed_at: Option<TimeDateTimeWithTimeZone>,
    pub created_at: TimeDateTimeWithTimeZone,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl AggregateRow for Campaign {
    type Entity = Entity;
    type Row = Model;

    const ID: Column = Column::Id;
    const VERSION: Column = Column::Version;

    fn row(&self, version: i64) -> Model {
        let CampaignState {
            id,
            organization,
            created_by,
            plan: Plan { name, message, chosen, delivery, opens_at, closes_at, remind_hours },
            status,
            created_at,
            activated_at,
            closed_at,
        } = self.state();
        let AssessmentRef { kind, assessment, published, version: taken_version } = chosen;
        Model {
            id: id.uuid(),
            organization_id: organization.uuid(),
            created_by: created_by.uuid(),
            name: name.to_string(),
            message: message.clone(),
            assessment_type: kind.name().to_owned(),
            custom_assessment_id: assessment.uuid(),
            version_id: published.uuid(),
            assessment_version: taken_version.to_string(),
            terms: json(delivery),
            opens_at: opens_at.map(instant),
            closes_at: closes_at.map(instant),
            remind_hours: remind_hours.map(Into::into),
            status: status.name().to_owned(),
            activated_at: activated_at.map(instant),
            closed_at: closed_at.map(instant),
            created_at: instant(*created_at),
            version: version,
        }
    }
}

impl FromRow<Model> for Campaign {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let Model {
            id,
            organization_id,
            created_by,
            name: title,
            message,
            assessment_type,
            custom_assessment_id,
            version_id,
            assessment_version,
            terms,
            opens_at,
            closes_at,
            remind_hours,
            status,
            activated_at,
            closed_at,
            created_at,
            version,
        } = row;
        let plan = Plan {
            name: name("name", &title)?,
            message,
            chosen: chosen(&assessment_type, custom_assessment_id, version_id, &assessment_version)?,
            delivery: of_json("terms", terms)?,
            opens_at: opens_at.map(Timestamp::new),
            closes_at: closes_at.map(Timestamp::new),
            remind_hours: remind_hours.map(|hours| fitting("remind_hours", hours)).transpose()?,
        };
        let state = CampaignState {
            id: CampaignId::from_uuid(id),
            organization: OrganizationId::from_uuid(organization_id),
            created_by: AccountId::from_uuid(created_by),
            plan,
            status: named("status", &status, CampaignStatus::ALL.iter().copied(), CampaignStatus::name)?,
            created_at: Timestamp::new(created_at),
            activated_at: activated_at.map(Timestamp::new),
            closed_at: closed_at.map(Timestamp::new),
        };
        Ok(Campaign::restore(state, version))
    }
}
