//! Coaching sessions.

use assessment_engine::{
    CoachingSession, CoachingSessionId, CoachingSessionState, CoachingStatus,
    coaching::coaching_session::Arrangement, invitations::delivery::AssessmentRef,
};
use kernel::{AccountId, Id, OrganizationId, StoreError, Timestamp};
use sea_orm::{Set, entity::prelude::*};

use super::value::{InviteeColumns, chosen, extra, extra_columns, instant, json, name, named, of_json};
use crate::unit::{AggregateRow, Owner};

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
        ActiveModel {
            id: Set(id.uuid()),
            organization_id: Set(organization.uuid()),
            coach_id: Set(coach.uuid()),
            coachee_id: Set(account_id),
            email: Set(email),
            email_normalized: Set(email_normalized),
            full_name: Set(full_name),
            token_digest: Set(token_digest),
            token_expires_at: Set(token_expires_at),
            invited_at: Set(invited_at),
            reminded_at: Set(reminded_at),
            title: Set(title.to_string()),
            message: Set(message.clone()),
            assessment_type: Set(kind.name().to_owned()),
            custom_assessment_id: Set(assessment.uuid()),
            version_id: Set(published.uuid()),
            assessment_version: Set(taken_version.to_string()),
            terms: Set(json(delivery)),
            scheduled_at: Set(scheduled_at.map(instant)),
            closes_at: Set(closes_at.map(instant)),
            extra_minutes: Set(extra_minutes),
            extra_reason: Set(extra_reason),
            status: Set(status.name().to_owned()),
            session_id: Set(session.map(Id::uuid)),
            closed_at: Set(closed_at.map(instant)),
            created_at: Set(instant(*created_at)),
            version: Set(version),
        }
    }
}

pub(super) fn restore(row: Model) -> Result<CoachingSession, StoreError> {
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
