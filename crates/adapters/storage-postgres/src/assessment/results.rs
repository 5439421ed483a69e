//! Results, and the port of all that is made of them.

use assessment_engine::{
    AssessmentResult, AssessmentResultId, AssessmentResultState, CampaignId, CustomAssessmentId,
    InterviewSessionId, OriginKind, PublishedVersionId, Run,
    reading::{ResultFilter, TallyFilter},
    unit::Results,
};
use assessment_format::{Score, Version, scoring::Outcome};
use async_trait::async_trait;
use kernel::{AccountId, OrganizationId, StoreError, Timestamp};
use sea_orm::{Select, entity::prelude::*, sea_query::Expr};

use super::{
    disclosed,
    formats::{SmallInt, Text, origin},
    runs,
};
use crate::{
    col::{Col, Word},
    read::FromRow,
    unit::{AggregateRow, PostgresUnit},
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "assessment", table_name = "custom_assessment_results")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Col<AssessmentResultId>,
    pub organization_id: Col<OrganizationId>,
    pub assessment_id: Col<CustomAssessmentId>,
    pub session_id: Uuid,
    pub session_type: Word<OriginKind>,
    pub interview_session_id: Col<InterviewSessionId>,
    pub campaign_id: Option<Col<CampaignId>>,
    pub run_by: Col<AccountId>,
    pub account_id: Option<Col<AccountId>>,
    pub run: Col<u32>,
    pub version_id: Col<PublishedVersionId>,
    pub major: SmallInt<u16>,
    pub assessment_version: Text<Version>,
    pub scorer_version: SmallInt<u16>,
    #[sea_orm(select_as = "text", save_as = "integer[]")]
    pub dimension_hundredths: Col<Vec<Option<Score>>>,
    pub overall_hundredths: Option<Col<Score>>,
    pub category_place: Option<SmallInt<usize>>,
    pub dimension_scores: Json,
    pub matched_category: Option<String>,
    pub matched_category_data: Option<Json>,
    pub ai_insights: Option<Json>,
    pub scored_at: Col<Timestamp>,
    pub completed_at: Col<Timestamp>,
    pub released_at: Option<Col<Timestamp>>,
    pub created_at: Col<Timestamp>,
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
        } = self.state().clone();
        let Run {
            number,
            published,
            version: assessment_version,
            scorer_version,
            outcome: Outcome { dimensions, overall, category },
            dimension_scores,
            matched_category,
            matched_category_data,
            scored_at,
        } = run;
        Model {
            id: Col::of(id),
            organization_id: Col::of(organization),
            assessment_id: Col::of(assessment),
            session_id: origin.id(),
            session_type: Col::of(origin.kind()),
            interview_session_id: Col::of(session),
            campaign_id: origin.campaign().map(Col::of),
            run_by: Col::of(run_by),
            account_id: account.map(Col::of),
            run: Col::of(number),
            version_id: Col::of(published),
            major: Col::of(assessment_version.major()),
            assessment_version: Col::of(assessment_version),
            scorer_version: Col::of(scorer_version),
            dimension_hundredths: Col::of(dimensions),
            overall_hundredths: overall.map(Col::of),
            category_place: category.map(Col::of),
            dimension_scores,
            matched_category,
            matched_category_data,
            ai_insights,
            scored_at: Col::of(scored_at),
            completed_at: Col::of(completed_at),
            released_at: released_at.map(Col::of),
            created_at: Col::of(created_at),
            version,
        }
    }
}

impl FromRow<Model> for AssessmentResult {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let outcome = Outcome {
            dimensions: row.dimension_hundredths.0,
            overall: row.overall_hundredths.map(Col::into_inner),
            category: row.category_place.map(Col::into_inner),
        };
        let run = Run {
            number: row.run.0,
            published: row.version_id.0,
            version: row.assessment_version.0,
            scorer_version: row.scorer_version.0,
            outcome,
            dimension_scores: row.dimension_scores,
            matched_category: row.matched_category,
            matched_category_data: row.matched_category_data,
            scored_at: row.scored_at.0,
        };
        let state = AssessmentResultState {
            id: row.id.0,
            organization: row.organization_id.0,
            assessment: row.assessment_id.0,
            session: row.interview_session_id.0,
            origin: origin(row.session_type.0, row.session_id, row.campaign_id.map(Col::into_inner))?,
            run_by: row.run_by.0,
            account: row.account_id.map(Col::into_inner),
            run,
            ai_insights: row.ai_insights,
            completed_at: row.completed_at.0,
            created_at: row.created_at.0,
            released_at: row.released_at.map(Col::into_inner),
        };
        Ok(Self::restore(state, row.version))
    }
}

/// Results that count: what was voided does not. There is little of it: an index of its own holds it.
///
/// One statement for each set of filters: conditions that may be absent would hide the indexes from generic plans.
pub(super) fn counted(filter: &ResultFilter) -> Select<Entity> {
    const COUNTS: &str = "NOT EXISTS (SELECT FROM assessment.interview_sessions voided \
                          WHERE voided.organization_id = custom_assessment_results.organization_id \
                            AND voided.id = interview_session_id AND voided.status = 'voided')";
    let ResultFilter { assessment, campaign, run_by } = filter;
    let mut of = Entity::find().filter(Column::AssessmentId.eq(assessment.uuid()));
    if let Some(campaign) = campaign {
        of = of.filter(Column::CampaignId.eq(campaign.uuid()));
    }
    if let Some(by) = run_by {
        of = of.filter(Column::RunBy.eq(by.uuid()));
    }
    of.filter(Expr::cust(COUNTS))
}

#[async_trait]
impl Results for PostgresUnit {
    async fn result(&mut self, id: AssessmentResultId) -> Result<Option<AssessmentResult>, StoreError> {
        self.tx.find_one(Entity::find_by_id(id)).await
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
