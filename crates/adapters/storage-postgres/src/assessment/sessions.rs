//! Interview sessions, and the port of all that happens in one.

use assessment_engine::{
    InterviewSession, InterviewSessionId, InterviewSessionState, Origin, PublishedVersionId, unit::Sessions,
};
use assessment_format::{
    Answers, Rater, Rating, Ratings, Slug, Transcript,
    definition::Style,
    interview::Turn,
    rating::Target,
    session::{Progress, StoredAnswer},
};
use async_trait::async_trait;
use kernel::{AccountId, Id, OrganizationId, StoreError, Timestamp};
use sea_orm::{QuerySelect as _, entity::prelude::*};

use super::{
    responses,
    value::{
        campaign_of, enum_name, enum_value, fitting, instant, json, of_json, origin, unreadable,
        version as parsed_version,
    },
};
use crate::{
    read::FromRow,
    unit::{AggregateRow, PostgresUnit},
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "assessment", table_name = "interview_sessions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub organization_id: Uuid,
    pub session_type: String,
    pub origin_id: Uuid,
    pub campaign_id: Option<Uuid>,
    pub run_by: Uuid,
    pub custom_assessment_id: Uuid,
    pub version_id: Uuid,
    pub assessment_version: String,
    pub account_id: Option<Uuid>,
    pub interview_style_override: Option<i32>,
    pub rules: Json,
    pub release: Json,
    pub raters: String,
    pub progress: Json,
    pub status: String,
    pub started_at: Option<TimeDateTimeWithTimeZone>,
    pub deadline: Option<TimeDateTimeWithTimeZone>,
    pub created_at: TimeDateTimeWithTimeZone,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl AggregateRow for InterviewSession {
    type Entity = Entity;
    type Row = Model;

    const ID: Column = Column::Id;
    const VERSION: Column = Column::Version;

    /// A person's own scope reads and locks it, and changes nothing.
    fn row(&self, version: i64) -> Model {
        let InterviewSessionState {
            id,
            organization,
            origin,
            run_by,
            assessment,
            published,
            version: taken,
            account,
            style,
            rules,
            release,
            raters,
            progress,
            created_at,
        } = self.state();
        Model {
            id: id.uuid(),
            organization_id: organization.uuid(),
            session_type: origin.kind().name().to_owned(),
            origin_id: origin.id(),
            campaign_id: campaign_of(*origin),
            run_by: run_by.uuid(),
            custom_assessment_id: assessment.uuid(),
            version_id: published.uuid(),
            assessment_version: taken.to_string(),
            account_id: account.map(Id::uuid),
            interview_style_override: style.map(|style| style.get().into()),
            rules: json(rules),
            release: json(release),
            raters: enum_name(raters),
            progress: json(progress),
            status: progress.status.stage().name().to_owned(),
            started_at: progress.started_at.map(instant),
            deadline: progress.deadline.map(instant),
            created_at: instant(*created_at),
            version: version,
        }
    }
}

/// The progress says what the columns beside it repeat for lists.
impl FromRow<Model> for InterviewSession {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let Model {
            id,
            organization_id,
            session_type,
            origin_id,
            campaign_id,
            run_by,
            custom_assessment_id,
            version_id,
            assessment_version,
            account_id,
            interview_style_override,
            rules,
            release,
            raters,
            progress,
            status: _,
            started_at: _,
            deadline: _,
            created_at,
            version,
        } = row;
        let state = InterviewSessionState {
            id: InterviewSessionId::from_uuid(id),
            organization: OrganizationId::from_uuid(organization_id),
            origin: origin(&session_type, origin_id, campaign_id)?,
            run_by: AccountId::from_uuid(run_by),
            assessment: Id::from_uuid(custom_assessment_id),
            published: PublishedVersionId::from_uuid(version_id),
            version: parsed_version("assessment_version", &assessment_version)?,
            account: account_id.map(AccountId::from_uuid),
            style: interview_style_override.map(style).transpose()?,
            rules: of_json("rules", rules)?,
            release: of_json("release", release)?,
            raters: enum_value("raters", raters)?,
            progress: read_progress(progress)?,
            created_at: Timestamp::new(created_at),
        };
        Ok(InterviewSession::restore(state, version))
    }
}

pub(super) fn style(number: i32) -> Result<Style, StoreError> {
    let style = Style::new(fitting("interview_style", number)?);
    style.map_err(|error| unreadable("interview_style", error))
}

pub(super) fn read_progress(json: Json) -> Result<Progress, StoreError> {
    of_json("progress", json)
}

#[async_trait]
impl Sessions for PostgresUnit {
    async fn interview_session(
        &mut self,
        id: InterviewSessionId,
    ) -> Result<Option<InterviewSession>, StoreError> {
        self.tx.find_one(Entity::find_by_id(id.uuid())).await
    }

    async fn session_of(&mut self, origin: Origin) -> Result<Option<InterviewSession>, StoreError> {
        let of = Entity::find()
            .filter(Column::OriginId.eq(origin.id()))
            .filter(Column::SessionType.eq(origin.kind().name()));
        self.tx.find_one(of).await
    }

    async fn interview_session_for_update(
        &mut self,
        id: InterviewSessionId,
    ) -> Result<Option<InterviewSession>, StoreError> {
        self.tx.find_one(Entity::find_by_id(id.uuid()).lock_exclusive()).await
    }

    /// FOR SHARE keeps any UPDATE of the row waiting; FOR KEY SHARE would let it through.
    async fn interview_session_for_answer(
        &mut self,
        id: InterviewSessionId,
    ) -> Result<Option<InterviewSession>, StoreError> {
        self.tx.find_one(Entity::find_by_id(id.uuid()).lock_shared()).await
    }

    async fn save_interview_session(&mut self, session: &mut InterviewSession) -> Result<(), StoreError> {
        self.save(session).await
    }

    async fn answers(&mut self, session: InterviewSessionId) -> Result<Answers, StoreError> {
        responses::answers(&self.tx, session).await
    }

    async fn save_answer(
        &mut self,
        session: &InterviewSession,
        item: &Slug,
        answer: &StoredAnswer,
    ) -> Result<Option<StoredAnswer>, StoreError> {
        responses::save_answer(&self.tx, session, item, answer).await
    }

    async fn transcript(&mut self, session: InterviewSessionId) -> Result<Transcript, StoreError> {
        responses::transcript(&self.tx, session).await
    }

    async fn put_turn(&mut self, session: &InterviewSession, turn: &Turn) -> Result<(), StoreError> {
        responses::put_turn(&self.tx, session, turn).await
    }

    async fn ratings(&mut self, session: InterviewSessionId) -> Result<Ratings, StoreError> {
        responses::ratings(&self.tx, session).await
    }

    async fn save_rating(
        &mut self,
        session: &InterviewSession,
        target: &Target,
        rater: &Rater,
        rating: &Rating,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        responses::save_rating(&self.tx, session, (target, rater, rating), now).await
    }

    async fn erase_responses(&mut self, session: InterviewSessionId) -> Result<(), StoreError> {
        responses::forget(&self.tx, session).await
    }
}
