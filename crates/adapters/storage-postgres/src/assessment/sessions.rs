//! Interview sessions, and the port of all that happens in one.

use assessment_engine::{
    CampaignId, CustomAssessmentId, InterviewSession, InterviewSessionId, InterviewSessionState, Origin,
    OriginKind, PublishedVersionId, invitations::delivery::Release, unit::Sessions,
};
use assessment_format::{
    Answers, Rater, Rating, Ratings, Slug, Transcript, Version,
    definition::Style,
    interview::Turn,
    rating::{Required, Target},
    session::{Progress, Rules, Stage, StoredAnswer},
};
use async_trait::async_trait;
use kernel::{AccountId, OrganizationId, StoreError, Timestamp};
use sea_orm::{QuerySelect as _, entity::prelude::*};

use super::{
    formats::{Integer, Text, origin},
    responses,
};
use crate::{
    col::{Col, Doc, Word},
    read::FromRow,
    unit::{AggregateRow, PostgresUnit},
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "assessment", table_name = "interview_sessions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Col<InterviewSessionId>,
    pub organization_id: Col<OrganizationId>,
    pub session_type: Word<OriginKind>,
    pub origin_id: Uuid,
    pub campaign_id: Option<Col<CampaignId>>,
    pub run_by: Col<AccountId>,
    pub custom_assessment_id: Col<CustomAssessmentId>,
    pub version_id: Col<PublishedVersionId>,
    pub assessment_version: Text<Version>,
    pub account_id: Option<Col<AccountId>>,
    pub interview_style_override: Option<Integer<Style>>,
    pub rules: Doc<Rules>,
    pub release: Doc<Release>,
    pub raters: Text<Required>,
    pub progress: Doc<Progress>,
    pub status: Text<Stage>,
    pub started_at: Option<Col<Timestamp>>,
    pub deadline: Option<Col<Timestamp>>,
    pub created_at: Col<Timestamp>,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl AggregateRow for InterviewSession {
    type Entity = Entity;
    type Row = Model;

    const ID: Column = Column::Id;
    const VERSION: Column = Column::Version;

    fn row(&self, version: i64) -> Model {
        let InterviewSessionState {
            id,
            organization,
            origin,
            run_by,
            assessment,
            published,
            version: assessment_version,
            account,
            style,
            rules,
            release,
            raters,
            progress,
            created_at,
        } = self.state().clone();
        Model {
            id: Col::of(id),
            organization_id: Col::of(organization),
            session_type: Col::of(origin.kind()),
            origin_id: origin.id(),
            campaign_id: origin.campaign().map(Col::of),
            run_by: Col::of(run_by),
            custom_assessment_id: Col::of(assessment),
            version_id: Col::of(published),
            assessment_version: Col::of(assessment_version),
            account_id: account.map(Col::of),
            interview_style_override: style.map(Col::of),
            rules: Col::of(rules),
            release: Col::of(release),
            raters: Col::of(raters),
            status: Col::of(progress.status.stage()),
            started_at: progress.started_at.map(Col::of),
            deadline: progress.deadline.map(Col::of),
            progress: Col::of(progress),
            created_at: Col::of(created_at),
            version,
        }
    }
}

/// The progress says what the columns beside it repeat for lists.
impl FromRow<Model> for InterviewSession {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let state = InterviewSessionState {
            id: row.id.0,
            organization: row.organization_id.0,
            origin: origin(row.session_type.0, row.origin_id, row.campaign_id.map(Col::into_inner))?,
            run_by: row.run_by.0,
            assessment: row.custom_assessment_id.0,
            published: row.version_id.0,
            version: row.assessment_version.0,
            account: row.account_id.map(Col::into_inner),
            style: row.interview_style_override.map(Col::into_inner),
            rules: row.rules.0,
            release: row.release.0,
            raters: row.raters.0,
            progress: row.progress.0,
            created_at: row.created_at.0,
        };
        Ok(Self::restore(state, row.version))
    }
}

#[async_trait]
impl Sessions for PostgresUnit {
    async fn interview_session(
        &mut self,
        id: InterviewSessionId,
    ) -> Result<Option<InterviewSession>, StoreError> {
        self.tx.find_one(Entity::find_by_id(id)).await
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
        self.tx.find_one(Entity::find_by_id(id).lock_exclusive()).await
    }

    /// FOR SHARE keeps any UPDATE of the row waiting; FOR KEY SHARE would let it through.
    async fn interview_session_for_answer(
        &mut self,
        id: InterviewSessionId,
    ) -> Result<Option<InterviewSession>, StoreError> {
        self.tx.find_one(Entity::find_by_id(id).lock_shared()).await
    }

    async fn save_interview_session(&mut self, session: &mut InterviewSession) -> Result<(), StoreError> {
        self.save(session).await
    }

    async fn answers(&mut self, session: InterviewSessionId) -> Result<Answers, StoreError> {
        responses::answers::all(&self.tx, session).await
    }

    async fn save_answer(
        &mut self,
        session: &InterviewSession,
        item: &Slug,
        answer: &StoredAnswer,
    ) -> Result<Option<StoredAnswer>, StoreError> {
        responses::answers::save(&self.tx, session, item, answer).await
    }

    async fn transcript(&mut self, session: InterviewSessionId) -> Result<Transcript, StoreError> {
        responses::turns::transcript(&self.tx, session).await
    }

    async fn put_turn(&mut self, session: &InterviewSession, turn: &Turn) -> Result<(), StoreError> {
        responses::turns::put(&self.tx, session, turn).await
    }

    async fn ratings(&mut self, session: InterviewSessionId) -> Result<Ratings, StoreError> {
        responses::ratings::all(&self.tx, session).await
    }

    async fn save_rating(
        &mut self,
        session: &InterviewSession,
        target: &Target,
        rater: &Rater,
        rating: &Rating,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        responses::ratings::save(&self.tx, session, (target, rater, rating), now).await
    }

    async fn erase_responses(&mut self, session: InterviewSessionId) -> Result<(), StoreError> {
        responses::erase(&self.tx, session).await
    }
}
