//! Campaigns.

use assessment_engine::{
    Campaign, CampaignId, CampaignState, CampaignStatus, campaigns::campaign::Plan,
    invitations::delivery::AssessmentRef,
};
use kernel::{AccountId, OrganizationId, StoreError, Timestamp};
use sea_orm::{Set, entity::prelude::*};

use super::value::{chosen, fitting, instant, json, name, named, of_json};
use crate::unit::{AggregateRow, Owner};

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
    type Row = ActiveModel;

    const ID: Column = Column::Id;
    const VERSION: Column = Column::Version;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn owner(&self) -> Owner {
        Owner { organization: Some(self.organization), account: None, supervised: false }
    }

    fn row(&self, version: i64) -> ActiveModel {
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
        ActiveModel {
            id: Set(id.uuid()),
            organization_id: Set(organization.uuid()),
            created_by: Set(created_by.uuid()),
            name: Set(name.to_string()),
            message: Set(message.clone()),
            assessment_type: Set(kind.name().to_owned()),
            custom_assessment_id: Set(assessment.uuid()),
            version_id: Set(published.uuid()),
            assessment_version: Set(taken_version.to_string()),
            terms: Set(json(delivery)),
            opens_at: Set(opens_at.map(instant)),
            closes_at: Set(closes_at.map(instant)),
            remind_hours: Set(remind_hours.map(Into::into)),
            status: Set(status.name().to_owned()),
            activated_at: Set(activated_at.map(instant)),
            closed_at: Set(closed_at.map(instant)),
            created_at: Set(instant(*created_at)),
            version: Set(version),
        }
    }
}

pub(super) fn restore(row: Model) -> Result<Campaign, StoreError> {
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
