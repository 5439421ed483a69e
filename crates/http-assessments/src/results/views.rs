//! What is shown of results.

use assessment_engine::{
    AssessmentResult, OriginKind, Run,
    results::{
        DisclosedSummary, GivenAnswer, GivenResponses, ListedResult, OwnResult, OwnResultDetails,
        ResultDetails, Subject, rescoring::Preview,
    },
};
use assessment_format::{Reply, Score, definition::Disclosure};
use http_shell::Object;
use kernel::{Id, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{ratings::TurnView, schemas};

/// A result of mine.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::MyResult, example = json!({ "id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6", "session_type": "campaign", "assignment_id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f7", "organization_id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f8", "organization_name": "North Wind", "title": "Spring", "assessment_name": "Leadership Readiness", "assessment_version": "1.0", "disclosure": "teaser", "completed_at": "2026-11-20T12:00:00Z", "released_at": "2026-11-20T12:00:00Z" }))]
pub(super) struct OwnResultView {
    id: Uuid,
    #[schema(value_type = schemas::OriginKind)]
    session_type: OriginKind,
    /// The assignment or coaching session.
    assignment_id: Uuid,
    organization_id: Uuid,
    organization_name: String,
    /// The name of the campaign, or the title of the coaching session.
    title: String,
    assessment_name: String,
    #[schema(example = "1.0")]
    assessment_version: String,
    /// How much of it I see.
    #[schema(value_type = schemas::Disclosure)]
    disclosure: Disclosure,
    completed_at: Timestamp,
    released_at: Timestamp,
}

impl From<&OwnResult> for OwnResultView {
    fn from(of: &OwnResult) -> Self {
        Self {
            id: of.id.uuid(),
            session_type: of.kind,
            assignment_id: of.origin,
            organization_id: of.organization.uuid(),
            organization_name: of.organization_name.clone(),
            title: of.title.clone(),
            assessment_name: of.assessment_name.clone(),
            assessment_version: of.assessment_version.to_string(),
            disclosure: of.disclosure,
            completed_at: of.completed_at,
            released_at: of.released_at,
        }
    }
}

/// A result of mine with what I may see of it.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::MyResultWhole)]
pub(super) struct OwnResultDetailsView {
    #[serde(flatten)]
    result: OwnResultView,
    /// With `full`: `dimensions`, `overallScore`, `category` and `explanation`; with `teaser`: `category`; with
    /// `none` nothing but `disclosure`.
    #[schema(example = json!({ "disclosure": "teaser", "category": { "name": "Visionary", "description": "Leads by picture." } }))]
    disclosed: Object,
}

impl From<&OwnResultDetails> for OwnResultDetailsView {
    fn from(of: &OwnResultDetails) -> Self {
        Self { result: OwnResultView::from(&of.result), disclosed: of.disclosed.clone() }
    }
}

/// A result.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::Result, example = json!({ "id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6", "custom_assessment_id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f7", "session_id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f8", "session_type": "campaign", "campaign_id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f9", "interview_session_id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5fa", "subject": { "account_id": null, "email": "ann@example.org", "name": "Ann" }, "run": 1, "assessment_version": "1.0", "scorer_version": 1, "dimension_scores": { "Strategic Thinking": 4.2 }, "overall_score": 4.2, "matched_category": "Visionary", "matched_category_data": null, "ai_insights": null, "completed_at": "2026-11-20T12:00:00Z", "created_at": "2026-11-20T12:00:00Z", "scored_at": "2026-11-20T12:00:00Z", "released_at": null, "version": 1 }))]
pub(super) struct ResultView {
    id: Uuid,
    custom_assessment_id: Uuid,
    /// The assignment or coaching session.
    session_id: Uuid,
    #[schema(value_type = schemas::OriginKind)]
    session_type: OriginKind,
    campaign_id: Option<Uuid>,
    interview_session_id: Uuid,
    subject: SubjectView,
    #[serde(flatten)]
    scored: RunView,
    /// `null` until a language model is attached.
    ai_insights: Option<Object>,
    completed_at: Timestamp,
    created_at: Timestamp,
    /// Since when the person may see it.
    released_at: Option<Timestamp>,
    /// How often it was saved.
    version: i64,
}

/// Whose a result is; all `null` once they had their data erased.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::Subject)]
struct SubjectView {
    /// The member.
    account_id: Option<Uuid>,
    /// The address that was asked.
    email: Option<String>,
    name: Option<String>,
}

/// What scoring gave.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::ScoringRun)]
struct RunView {
    /// Its number in the result, from 1.
    run: u32,
    /// By the rules of this version.
    #[schema(example = "1.0")]
    assessment_version: String,
    /// By this version of the scorer.
    scorer_version: u16,
    /// By the names of the dimensions; `null` where nothing was said about one.
    dimension_scores: Object,
    /// `null` where too little of the weight has a score.
    #[schema(value_type = Option<f64>)]
    overall_score: Option<Score>,
    /// The category's name.
    matched_category: Option<String>,
    /// The category as the definition had it.
    matched_category_data: Option<Object>,
    scored_at: Timestamp,
}

impl From<&Run> for RunView {
    fn from(run: &Run) -> Self {
        Self {
            run: run.number,
            assessment_version: run.version.to_string(),
            scorer_version: run.scorer_version,
            dimension_scores: run.dimension_scores.clone(),
            overall_score: run.outcome.overall,
            matched_category: run.matched_category.clone(),
            matched_category_data: run.matched_category_data.clone(),
            scored_at: run.scored_at,
        }
    }
}

impl ResultView {
    fn of(result: &AssessmentResult, subject: &Subject) -> Self {
        Self {
            id: result.id.uuid(),
            custom_assessment_id: result.assessment.uuid(),
            session_id: result.origin.id(),
            session_type: result.origin.kind(),
            campaign_id: result.origin.campaign().map(Id::uuid),
            interview_session_id: result.session.uuid(),
            subject: SubjectView {
                account_id: subject.account.map(Id::uuid),
                email: subject.email.as_ref().map(ToString::to_string),
                name: subject.name.as_ref().map(ToString::to_string),
            },
            scored: RunView::from(&result.run),
            ai_insights: result.ai_insights.clone(),
            completed_at: result.completed_at,
            created_at: result.created_at,
            released_at: result.released_at,
            version: result.version(),
        }
    }
}

impl From<&ListedResult> for ResultView {
    fn from(of: &ListedResult) -> Self {
        Self::of(&of.result, &of.subject)
    }
}

/// A result, whole.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::ResultWhole)]
pub(super) struct ResultDetailsView {
    #[serde(flatten)]
    result: ResultView,
    /// The definition it was scored by, as it was published.
    assessment_definition_snapshot: Object,
    /// How each number came about; `null` where what was answered was erased.
    explanation: Option<Object>,
    /// The version that was answered, whose wording stands in `answers`; `null` for an API key.
    #[schema(example = "1.0")]
    answered_version: Option<String>,
    /// What was answered, in the order of the questionnaire; empty once it was erased, `null` for an API key.
    answers: Option<Vec<GivenAnswerView>>,
    /// What was said in the interview; empty once it was erased, `null` for an API key.
    turns: Option<Vec<TurnView>>,
    /// The runs before, oldest first.
    older_runs: Vec<RunView>,
}

/// An answer with what was asked.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::GivenAnswer, example = json!({ "item": "s1", "wording": "I review long-term goals every month.", "reply": { "step": 4 }, "readable": "4 (Often)", "answered_at": "2026-11-20T12:01:00Z" }))]
struct GivenAnswerView {
    item: String,
    /// What was asked: markdown.
    wording: String,
    /// As it was sent, such as `{"step": 4}`.
    #[schema(value_type = Object)]
    reply: Reply,
    /// As people read it: the texts of options, a step with its label, a number, or the text.
    readable: String,
    answered_at: Timestamp,
}

impl From<&GivenAnswer> for GivenAnswerView {
    fn from(of: &GivenAnswer) -> Self {
        Self {
            item: of.item.to_string(),
            wording: of.wording.clone(),
            reply: of.reply.clone(),
            readable: of.readable.clone(),
            answered_at: of.at,
        }
    }
}

impl From<&ResultDetails> for ResultDetailsView {
    fn from(of: &ResultDetails) -> Self {
        Self {
            result: ResultView::of(&of.result, &of.subject),
            assessment_definition_snapshot: of.published.definition.to_json(),
            explanation: of.explanation.as_ref().and_then(|why| serde_json::to_value(why).ok()),
            answered_version: of.responses.as_ref().map(|of: &GivenResponses| of.version.to_string()),
            answers: of.responses.as_ref().map(|of| of.answers.iter().map(GivenAnswerView::from).collect()),
            turns: of.responses.as_ref().map(|of| of.turns.iter().map(TurnView::from).collect()),
            older_runs: of.older_runs.iter().map(RunView::from).collect(),
        }
    }
}

/// A summary of results.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::ResultSummary, example = json!({ "major": 1, "assessment_version": "1.1", "assessment_name": "Leadership Readiness", "dimensions": [{ "id": "strategic", "name": "Strategic Thinking" }], "categories": [{ "id": "visionary", "name": "Visionary" }], "summary": { "results": 12, "overall": null, "dimensions": [], "categories": [{ "id": "visionary", "results": 7 }], "withoutCategory": null } }))]
pub(super) struct SummaryResultView {
    /// Of results of versions with this major number.
    major: u16,
    /// The newest of them, whose names these are.
    #[schema(example = "1.1")]
    assessment_version: String,
    assessment_name: String,
    dimensions: Vec<NamedView>,
    categories: Vec<NamedView>,
    /// How many results, how scores are distributed, and how many came out with each category; `null` where a
    /// number would tell what single persons answered.
    summary: Object,
}

/// What an id of the summary is called.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::Named)]
struct NamedView {
    id: String,
    name: String,
}

impl From<&DisclosedSummary> for SummaryResultView {
    fn from(of: &DisclosedSummary) -> Self {
        let definition = &of.published.definition;
        let named = |id: &assessment_format::Slug, name: &str| NamedView {
            id: id.to_string(),
            name: name.to_owned(),
        };
        Self {
            major: of.major,
            assessment_version: of.published.version.to_string(),
            assessment_name: definition.settings.name.clone(),
            dimensions: definition.dimensions.iter().map(|of| named(&of.id, &of.name)).collect(),
            categories: definition.categories.iter().map(|of| named(&of.id, &of.name)).collect(),
            summary: of.summary.clone(),
        }
    }
}

/// What scoring anew would change.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::RescorePreview, example = json!({ "scorer_version": 1, "version": "1.1", "results": 120, "changed": 3, "erased": 0, "overall": { "up": 2, "down": 1, "gained": 0, "lost": 0 }, "dimensions": { "strategic": { "up": 2, "down": 1, "gained": 0, "lost": 0 } }, "categories": [{ "from": "Emerging", "to": "Visionary", "results": 2 }], "first": [] }))]
pub(super) struct PreviewView {
    /// `scorer_version`, `version`, `results`, `changed`, `erased`, `overall`, `dimensions`, `categories` and `first`.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    preview: Preview,
}

impl From<Preview> for PreviewView {
    fn from(preview: Preview) -> Self {
        Self { preview }
    }
}
