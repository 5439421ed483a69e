//! Coaching sessions.

use assessment_engine::{
    CoachingSession, CoachingSessionId, CoachingSessionState, CoachingStatus, CustomAssessmentId,
    InterviewSessionId, PublishedVersionId,
    coaching::{coaching_session::Arrangement, meeting::MeetingMinutes},
    invitations::delivery::{AssessmentRef, AssessmentType, DeliverySettings},
};
use assessment_format::{
    Version,
    session::{Minutes, Reason},
};
use kernel::{AccountId, EmailAddress, Name, OrganizationId, StoreError, Timestamp, invitation::Invitee};
use sea_orm::entity::prelude::*;

use super::formats::{Integer, Text, extra, extra_columns};
use crate::{
    col::{Col, Doc, Word},
    read::FromRow,
    unit::AggregateRow,
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "assessment", table_name = "coaching_sessions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Col<CoachingSessionId>,
    pub organization_id: Col<OrganizationId>,
    pub coach_id: Col<AccountId>,
    pub coachee_id: Option<Col<AccountId>>,
    pub email: Option<Col<EmailAddress>>,
    pub email_normalized: Option<String>,
    pub full_name: Option<Col<Name>>,
    pub invited_at: Option<Col<Timestamp>>,
    pub reminded_at: Option<Col<Timestamp>>,
    pub title: Col<Name>,
    pub message: String,
    pub assessment_type: Word<AssessmentType>,
    pub custom_assessment_id: Col<CustomAssessmentId>,
    pub version_id: Col<PublishedVersionId>,
    pub assessment_version: Text<Version>,
    pub terms: Doc<DeliverySettings>,
    pub scheduled_at: Option<Col<Timestamp>>,
    pub duration_minutes: Integer<MeetingMinutes>,
    pub time_zone: Option<String>,
    pub closes_at: Option<Col<Timestamp>>,
    pub extra_minutes: Option<Integer<Minutes>>,
    pub extra_reason: Option<Text<Reason>>,
    pub status: Word<CoachingStatus>,
    pub session_id: Option<Col<InterviewSessionId>>,
    pub closed_at: Option<Col<Timestamp>>,
    pub created_at: Col<Timestamp>,
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
            coachee: Invitee { account, email, name, invited_at, reminded_at },
            arrangement,
            status,
            session,
            created_at,
            closed_at,
        } = self.state().clone();
        let Arrangement { title, message, chosen, delivery, scheduled_at, .. } = arrangement;
        let Arrangement { duration, time_zone, closes_at, extra, .. } = arrangement;
        let AssessmentRef { kind, assessment, published, version: assessment_version } = chosen;
        let (extra_minutes, extra_reason) = extra_columns(extra);
        Model {
            id: Col::of(id),
            organization_id: Col::of(organization),
            coach_id: Col::of(coach),
            coachee_id: account.map(Col::of),
            email_normalized: email.as_ref().map(EmailAddress::normalized),
            email: email.map(Col::of),
            full_name: name.map(Col::of),
            invited_at: invited_at.map(Col::of),
            reminded_at: reminded_at.map(Col::of),
            title: Col::of(title),
            message,
            assessment_type: Col::of(kind),
            custom_assessment_id: Col::of(assessment),
            version_id: Col::of(published),
            assessment_version: Col::of(assessment_version),
            terms: Col::of(delivery),
            scheduled_at: scheduled_at.map(Col::of),
            duration_minutes: Col::of(duration),
            time_zone,
            closes_at: closes_at.map(Col::of),
            extra_minutes,
            extra_reason,
            status: Col::of(status),
            session_id: session.map(Col::of),
            closed_at: closed_at.map(Col::of),
            created_at: Col::of(created_at),
            version,
        }
    }
}

impl FromRow<Model> for CoachingSession {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let coachee = Invitee {
            account: row.coachee_id.map(Col::into_inner),
            email: row.email.map(Col::into_inner),
            name: row.full_name.map(Col::into_inner),
            invited_at: row.invited_at.map(Col::into_inner),
            reminded_at: row.reminded_at.map(Col::into_inner),
        };
        let chosen = AssessmentRef {
            kind: row.assessment_type.0,
            assessment: row.custom_assessment_id.0,
            published: row.version_id.0,
            version: row.assessment_version.0,
        };
        let arrangement = Arrangement {
            title: row.title.0,
            message: row.message,
            chosen,
            delivery: row.terms.0,
            scheduled_at: row.scheduled_at.map(Col::into_inner),
            duration: row.duration_minutes.0,
            time_zone: row.time_zone,
            closes_at: row.closes_at.map(Col::into_inner),
            extra: extra((row.extra_minutes, row.extra_reason)),
        };
        let state = CoachingSessionState {
            id: row.id.0,
            organization: row.organization_id.0,
            coach: row.coach_id.0,
            coachee,
            arrangement,
            status: row.status.0,
            session: row.session_id.map(Col::into_inner),
            created_at: row.created_at.0,
            closed_at: row.closed_at.map(Col::into_inner),
        };
        Ok(Self::restore(state, row.version))
    }
}
