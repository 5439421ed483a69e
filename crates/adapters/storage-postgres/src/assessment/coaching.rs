//! Coaching sessions.

use assessment_engine::{
    CoachingSession, CoachingSessionId, CoachingSessionState, CoachingStatus,
    coaching::coaching_session::Arrangement, invitations::delivery::AssessmentRef,
};
use kernel::{AccountId, Id, OrganizationId, StoreError, Timestamp};
use sea_orm::entity::prelude::*;

use super::value::{InviteeColumns, chosen, extra, extra_columns, instant, json, name, named, of_json};
use crate::{read::FromRow, unit::AggregateRow};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "assessment", table_name = "coaching_sessions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub organization_id: Uuid,
    pub coach_id: Uuid,
    pub coachee_id: Option<Uuid>,
    pub email: Option<String>,
    pub email_normalized: Option<String>,
    pub full_name: Option<String>,
    pub token_digest: Option<Vec<u8>>,
    pub token_expires_at: Option<TimeDateTimeWithTimeZone>,
    pub invited_at: Option<TimeDateTimeWithTimeZone>,
    pub reminded_at: Option<TimeDateTimeWithTimeZone>,
    pub title: String,
    pub message: String,
    pub assessment_type: String,
    pub custom_assessment_id: Uuid,
    pub version_id: Uuid,
    pub assessment_version: String,
    pub terms: Json,
    pub scheduled_at: Option<TimeDateTimeWithTimeZone>,
    pub closes_at: Option<TimeDateTimeWithTimeZone>,
    pub extra_minutes: Option<i32>,
    pub extra_reason: Option<String>,
    pub status: String,
    pub session_id: Option<Uuid>,
    pub closed_at: Option<TimeDateTimeWithTimeZone>,
    pub created_at: TimeDateTimeWithTimeZone,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl AggregateRow for CoachingSession {
    type Entity = Entity;
    type Row = Model;

    const ID: Column = Column::Id;
    const VERSION: Column = Column::Version;

    fn row(&self, version: i64) -> Model {
        let CoachingSessionState {
            id,
            organization,
            coach,
            coachee,
            arrangement: Arrangement { title, message, chosen, delivery, scheduled_at, closes_at, extra },
            status,
            session,
            created_at,
            closed_at,
        } = self.state();
        let InviteeColumns {
            account_id,
            email,
            email_normalized,
            full_name,
            token_digest,
            token_expires_at,
            invited_at,
            reminded_at,
        } = InviteeColumns::of(coachee);
        let AssessmentRef { kind, assessment, published, version: taken_version } = chosen;
        let (extra_minutes, extra_reason) = extra_columns(extra.as_ref());
        Model {
            id: id.uuid(),
            organization_id: organization.uuid(),
            coach_id: coach.uuid(),
            coachee_id: account_id,
            email: email,
            email_normalized: email_normalized,
            full_name: full_name,
            token_digest: token_digest,
            token_expires_at: token_expires_at,
            invited_at: invited_at,
            reminded_at: reminded_at,
            title: title.to_string(),
            message: message.clone(),
            assessment_type: kind.name().to_owned(),
            custom_assessment_id: assessment.uuid(),
            version_id: published.uuid(),
            assessment_version: taken_version.to_string(),
            terms: json(delivery),
            scheduled_at: scheduled_at.map(instant),
            closes_at: closes_at.map(instant),
            extra_minutes: extra_minutes,
            extra_reason: extra_reason,
            status: status.name().to_owned(),
            session_id: session.map(Id::uuid),
            closed_at: closed_at.map(instant),
            created_at: instant(*created_at),
            version: version,
        }
    }
}

impl FromRow<Model> for CoachingSession {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let Model {
            id,
            organization_id,
            coach_id,
            coachee_id: account_id,
            email,
            email_normalized,
            full_name,
            token_digest,
            token_expires_at,
            invited_at,
            reminded_at,
            title,
            message,
            assessment_type,
            custom_assessment_id,
            version_id,
            assessment_version,
            terms,
            scheduled_at,
            closes_at,
            extra_minutes,
            extra_reason,
            status,
            session_id,
            closed_at,
            created_at,
            version,
        } = row;
        let coachee = InviteeColumns {
            account_id,
            email,
            email_normalized,
            full_name,
            token_digest,
            token_expires_at,
            invited_at,
            reminded_at,
        };
        let arrangement = Arrangement {
            title: name("title", &title)?,
            message,
            chosen: chosen(&assessment_type, custom_assessment_id, version_id, &assessment_version)?,
            delivery: of_json("terms", terms)?,
            scheduled_at: scheduled_at.map(Timestamp::new),
            closes_at: closes_at.map(Timestamp::new),
            extra: extra(extra_minutes, extra_reason.as_ref())?,
        };
        let state = CoachingSessionState {
            id: CoachingSessionId::from_uuid(id),
            organization: OrganizationId::from_uuid(organization_id),
            coach: AccountId::from_uuid(coach_id),
            coachee: coachee.invitee()?,
            arrangement,
            status: named("status", &status, CoachingStatus::ALL.iter().copied(), CoachingStatus::name)?,
            session: session_id.map(Id::from_uuid),
            created_at: Timestamp::new(created_at),
            closed_at: closed_at.map(Timestamp::new),
        };
        Ok(CoachingSession::restore(state, version))
    }
}
