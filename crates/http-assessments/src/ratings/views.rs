//! What raters and those who run a campaign see of a session.

use assessment_engine::{
    InterviewSession, OriginKind,
    ratings::{AnsweredText, GivenRating, RatingMaterial, SessionToRate},
};
use assessment_format::{
    Rater, Score,
    definition::Dimension,
    interview::{Speaker, Turn},
    rating::{Quote, Source, Target},
    session::Stage,
};
use kernel::{Id, Timestamp};
use rust_decimal::{Decimal, prelude::ToPrimitive as _};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{schemas, views::SpeakerView};

/// A session as those see it who run it.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::Session, example = json!({ "id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6", "session_type": "campaign", "session_id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f7", "campaign_id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f8", "custom_assessment_id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f9", "assessment_version": "1.0", "status": "scored", "granted_minutes": 0, "started_at": "2026-11-20T12:00:00Z", "deadline": null, "created_at": "2026-11-20T12:00:00Z", "version": 4 }))]
pub(super) struct SessionView {
    id: Uuid,
    #[schema(value_type = schemas::OriginKind)]
    session_type: OriginKind,
    /// The assignment or coaching session.
    session_id: Uuid,
    campaign_id: Option<Uuid>,
    custom_assessment_id: Uuid,
    #[schema(example = "1.0")]
    assessment_version: String,
    #[schema(value_type = schemas::Stage)]
    status: Stage,
    /// Minutes beyond everyone else's.
    granted_minutes: u32,
    started_at: Option<Timestamp>,
    deadline: Option<Timestamp>,
    created_at: Timestamp,
    /// How often it was saved.
    version: i64,
}

impl From<&InterviewSession> for SessionView {
    fn from(session: &InterviewSession) -> Self {
        Self {
            id: session.id.uuid(),
            session_type: session.origin.kind(),
            session_id: session.origin.id(),
            campaign_id: session.origin.campaign().map(Id::uuid),
            custom_assessment_id: session.assessment.uuid(),
            assessment_version: session.version.to_string(),
            status: session.progress.status.stage(),
            granted_minutes: session.progress.granted_minutes,
            started_at: session.progress.started_at,
            deadline: session.progress.deadline,
            created_at: session.created_at,
            version: InterviewSession::version(session),
        }
    }
}

/// A session with what can be rated in it.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::JudgedSession)]
pub(super) struct SessionToRateView {
    #[serde(flatten)]
    session: SessionView,
    /// What can be rated; `null` while the person is at it, and where nothing counts.
    material: Option<MaterialView>,
}

/// What raters judge by.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::RatingMaterial)]
struct MaterialView {
    transcript: Vec<TurnView>,
    texts: Vec<TextView>,
    dimensions: Vec<DimensionView>,
    /// What has to be rated before there is a result.
    needed: Vec<TargetView>,
    /// What of it is missing.
    missing: Vec<TargetView>,
    ratings: Vec<RatingView>,
}

/// What somebody said in the interview.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::Turn)]
pub(crate) struct TurnView {
    number: u32,
    /// Evidence is what the person said.
    by: SpeakerView,
    /// The dimension the interviewer asked about.
    dimension: Option<String>,
    text: String,
    said_at: Timestamp,
}

/// A text that was answered.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::AnsweredText)]
struct TextView {
    item: String,
    /// What was asked: markdown.
    question: String,
    answer: String,
}

/// What is rated, and what scores look like in a person.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::RatedDimension)]
struct DimensionView {
    id: String,
    name: String,
    /// Markdown.
    description: String,
    anchors: Vec<AnchorView>,
}

/// What a score looks like in a person.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::Anchor)]
struct AnchorView {
    score: f64,
    text: String,
}

/// What is rated: a dimension by the interview, or a text by one of the dimensions it counts for.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::RatingTarget, example = json!({ "dimension": "strategic", "item": null }))]
struct TargetView {
    dimension: String,
    /// The text; `null` for the interview.
    item: Option<String>,
}

/// What a rater concluded.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::GivenRating)]
struct RatingView {
    #[serde(flatten)]
    target: TargetView,
    /// The account of the person who rated.
    rater_id: Option<Uuid>,
    /// The model that rated.
    rater_model: Option<String>,
    /// `null`: too little was said.
    #[schema(value_type = Option<f64>)]
    score: Option<Score>,
    evidence: Vec<QuoteView>,
}

/// What was said, word for word.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::GivenQuote)]
struct QuoteView {
    /// The number of the turn, for the interview.
    turn: Option<u32>,
    /// The item, for a text.
    item: Option<String>,
    text: String,
}

impl From<&SessionToRate> for SessionToRateView {
    fn from(to_rate: &SessionToRate) -> Self {
        Self {
            session: SessionView::from(&to_rate.session),
            material: to_rate.material.as_ref().map(MaterialView::from),
        }
    }
}

impl From<&RatingMaterial> for MaterialView {
    fn from(of: &RatingMaterial) -> Self {
        let text = |AnsweredText { item, question, answer }: &AnsweredText| TextView {
            item: item.to_string(),
            question: question.clone(),
            answer: answer.clone(),
        };
        Self {
            transcript: of.transcript.turns().iter().map(TurnView::from).collect(),
            texts: of.texts.iter().map(text).collect(),
            dimensions: of.dimensions().iter().map(DimensionView::from).collect(),
            needed: of.needed.iter().map(TargetView::from).collect(),
            missing: of.missing.iter().map(TargetView::from).collect(),
            ratings: of.ratings.iter().map(RatingView::from).collect(),
        }
    }
}

impl From<&Turn> for TurnView {
    fn from(turn: &Turn) -> Self {
        let (by, dimension) = match &turn.by {
            Speaker::Person => (SpeakerView::Person, None),
            Speaker::Interviewer(purpose) => {
                let question = purpose.question();
                (SpeakerView::Interviewer, question.map(|question| question.dimension.to_string()))
            }
        };
        Self { number: turn.number, by, dimension, text: turn.text.clone(), said_at: turn.at }
    }
}

impl From<&Dimension> for DimensionView {
    fn from(of: &Dimension) -> Self {
        // Numbers of the format have at most 15 digits.
        let number = |number: Decimal| number.to_f64().unwrap_or_default();
        let anchors = of.anchors.iter();
        Self {
            id: of.id.to_string(),
            name: of.name.clone(),
            description: of.description.clone(),
            anchors: anchors
                .map(|anchor| AnchorView { score: number(anchor.score), text: anchor.text.clone() })
                .collect(),
        }
    }
}

impl From<&Target> for TargetView {
    fn from(of: &Target) -> Self {
        Self { dimension: of.dimension.to_string(), item: of.item.as_ref().map(ToString::to_string) }
    }
}

impl From<&GivenRating> for RatingView {
    fn from(given: &GivenRating) -> Self {
        let (rater_id, rater_model) = match &given.rater {
            Rater::Person(account) => (Some(account.uuid()), None),
            Rater::Model(name) => (None, Some(name.clone())),
        };
        let quote = |quote: &Quote| {
            let (turn, item) = match &quote.source {
                Source::Turn(number) => (Some(*number), None),
                Source::Item(item) => (None, Some(item.to_string())),
            };
            QuoteView { turn, item, text: quote.text.clone() }
        };
        Self {
            target: TargetView::from(&given.target),
            rater_id,
            rater_model,
            score: given.rating.score,
            evidence: given.rating.evidence.iter().map(quote).collect(),
        }
    }
}
