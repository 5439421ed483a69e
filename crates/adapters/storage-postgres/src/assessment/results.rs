//! Results, and the port of all that is made of them.

use assessment_engine::{
    AssessmentResult, AssessmentResultId, AssessmentResultState, CustomAssessmentId, InterviewSessionId,
    PublishedVersionId, Run, reading::TallyFilter, unit::Results,
};
use async_trait::async_trait;
use kernel::{AccountId, Id, OrganizationId, StoreError, Timestamp};
use sea_orm::entity::prelude::*;

use super::{
    disclosed, runs,
    value::{Scores, campaign_of, fitting, instant, origin, small, version as parsed_version},
};
use crate::{
    read::FromRow,
    unit::{AggregateRow, PostgresUnit},
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "assessment", table_name = "custom_assessment_results")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub organization_id: Uuid,
    pub assessment_id: Uuid,
    pub session_id: Uuid,
    pub session_type: String,
    pub interview_session_id: Uuid,
    pub campaign_id: Option<Uuid>,
    pub run_by: Uuid,
    pub account_id: Option<Uuid>,
    pub run: i32,
    pub version_id: Uuid,
    pub major: i16,
    pub assessment_version: String,
    pub scorer_version: i16,
    // SeaORM keeps no array with gaps: it goes as text.
    #[sea_orm(select_as = "text", save_as = "integer[]")]
    pub dimension_hundredths: String,
    pub overall_hundredths: Option<i32>,
    pub category_place: Option<i16>,
    pub dimension_scores: Json,
    pub matched_category: Option<String>,
    pub matched_category_data: Option<Json>,
    pub ai_insights: Option<Json>,
    pub scored_at: TimeDateTimeWithTimeZone,
    pub completed_at: TimeDateTimeWithTimeZone,
    pub released_at: Option<TimeDateTimeWithTimeZone>,
    pub created_at: TimeDateTimeWithTimeZone,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl AggregateRow for AssessmentResult {
    type Entity = Entity;
    type Row = Model;

    const ID: Column = Column::Id;
    const VERSION: Column = Column::Version;

    fn row(&self, version: i64) -> Model {
        let AssessmentResultState {
            id,
            organization,
            assessment,
            session,
            origin,
            run_by,
            account,
            run,
            ai_insights,
            completed_at,
            created_at,
            released_at,
        } = self.state();
        let Run {
            number,
            published,
            version: scored_as,
            scorer_version,
            outcome,
            dimension_scores,
            matched_category,
            matched_category_data,
            scored_at,
        } = run;
        let Scores { dimensions, overall, category } = Scores::of(outcome);
        Model {
            id: id.uuid(),
            organization_id: organization.uuid(),
            assessment_id: assessment.uuid(),
            session_id: origin.id(),
            session_type: origin.kind().name().to_owned(),
            interview_session_id: session.uuid(),
            campaign_id: campaign_of(*origin),
            run_by: run_by.uuid(),
            account_id: account.map(Id::uuid),
            run: i32::try_from(*number).unwrap_or(i32::MAX),
            version_id: published.uuid(),
            major: small(scored_as.major()),
            assessment_version: scored_as.to_string(),
            scorer_version: small(*scorer_version),
            dimension_hundredths: dimensions,
            overall_hundredths: overall,
            category_place: category,
            dimension_scores: dimension_scores.clone(),
            matched_category: matched_category.clone(),
            matched_category_data: matched_category_data.clone(),
            ai_insights: ai_insights.clone(),
            scored_at: instant(*scored_at),
            completed_at: instant(*completed_at),
            released_at: released_at.map(instant),
            created_at: instant(*created_at),
            version: version,
        }
    }
}

impl FromRow<Model> for AssessmentResult {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let Model {
            id,
            organization_id,
            assessment_id,
            session_id,
            session_type,
            interview_session_id,
            campaign_id,
            run_by,
            account_id,
            run,
            version_id,
            major: _,
            assessment_version,
            scorer_version,
            dimension_hundredths,
            overall_hundredths,
            category_place,
            dimension_scores,
            matched_category,
            matched_category_data,
            ai_insights,
            scored_at,
            completed_at,
            released_at,
            created_at,
            version,
        } = row;
        let scores = Scores {
            dimensions: dimension_hundredths,
            overall: overall_hundredths,
            category: category_place,
        };
        let run = Run {
            number: fitting("run", run)?,
            published: PublishedVersionId::from_uuid(version_id),
            version: parsed_version("assessment_version", &assessment_version)?,
            scorer_version: fitting("scorer_version", scorer_version)?,
            outcome: scores.outcome()?,
            dimension_scores,
            matched_category,
            matched_category_data,
            scored_at: Timestamp::new(scored_at),
        };
        let state = AssessmentResultState {
            id: AssessmentResultId::from_uuid(id),
            organization: OrganizationId::from_uuid(organization_id),
            assessment: CustomAssessmentId::from_uuid(assessment_id),
            session: InterviewSessionId::from_uuid(interview_session_id),
            origin: origin(&session_type, session_id, campaign_id)?,
            run_by: AccountId::from_uuid(run_by),
            account: account_id.map(AccountId::from_uuid),
            run,
            ai_insights,
            completed_at: Timestamp::new(completed_at),
            created_at: Timestamp::new(created_at),
            released_at: released_at.map(Timestamp::new),
        };
        Ok(AssessmentResult::restore(state, version))
    }
}

#[async_trait]
impl Results for PostgresUnit {
    async fn result(&mut self, id: AssessmentResultId) -> Result<Option<AssessmentResult>, StoreError> {
        self.tx.find_one(Entity::find_by_id(id.uuid())).await
    }

    async fn result_of(
        &mut self,
        session: InterviewSessionId,
    ) -> Result<Option<AssessmentResult>, StoreError> {
        let of = Entity::find().filter(Column::InterviewSessionId.eq(session.uuid()));
        self.tx.find_one(of).await
    }

    async fn save_result(&mut self, result: &mut AssessmentResult) -> Result<(), StoreError> {
        self.save(result).await
    }

    async fn replace_runs(&mut self, runs: &[(AssessmentResultId, Run)]) -> Result<u64, StoreError> {
        runs::replace(&self.tx, runs).await
    }

    async fn older_runs(&mut self, id: AssessmentResultId) -> Result<Vec<Run>, StoreError> {
        runs::older(&self.tx, id).await
    }

    async fn disclosed_summary(&mut self, of: &TallyFilter) -> Result<Option<(u64, Json)>, StoreError> {
        disclosed::summary(&self.tx, of).await
    }

    async fn save_disclosed_summary(
        &mut self,
        of: &TallyFilter,
        results: u64,
        summary: &Json,
    ) -> Result<(), StoreError> {
        let organization = self.tenant()?;
        disclosed::keep(&self.tx, organization, of, results, summary).await
    }

    async fn delete_disclosed_summaries(&mut self, assessment: CustomAssessmentId) -> Result<(), StoreError> {
        disclosed::forget(&self.tx, assessment).await
    }
}
