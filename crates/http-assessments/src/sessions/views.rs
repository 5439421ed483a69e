//! What a person sees of what they take.

use std::collections::BTreeMap;

use assessment_engine::{
    OriginKind,
    sessions::{Form, OpenedInvitation, OwnAssignment, Question, Questionnaire, SessionView, SpokenTurn},
};
use assessment_format::{
    Reply, Slug,
    interview::{Speaker, Turn, TurnOutcome},
    session::{EventKind, SaveOutcome, Stage},
};
use kernel::{Id, Timestamp};
use rust_decimal::{Decimal, prelude::ToPrimitive as _};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{schemas, views::SpeakerView};

/// What I am asked to take.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::MyAssignment, example = json!({ "id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6", "session_type": "campaign", "organization_id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f7", "organization_name": "North Wind", "title": "Spring", "message": "", "assessment_type": "custom", "assessment_name": "Leadership Readiness", "assessment_version": "1.0", "minutes": 45, "opens_at": null, "closes_at": "2026-12-20T12:00:00Z", "scheduled_at": null, "session_id": null, "status": "not_started", "deadline": null, "created_at": "2026-11-20T12:00:00Z" }))]
pub(super) struct OwnAssignmentView {
    /// What starting it takes.
    id: Uuid,
    #[schema(value_type = schemas::OriginKind)]
    session_type: OriginKind,
    organization_id: Uuid,
    organization_name: String,
    /// The name of the campaign, or the title of the coaching session.
    title: String,
    /// What the invitation says; may be empty.
    message: String,
    #[schema(value_type = schemas::AssessmentType)]
    assessment_type: &'static str,
    assessment_name: String,
    #[schema(example = "1.0")]
    assessment_version: String,
    /// From the start; `null` without a limit.
    minutes: Option<u32>,
    /// Before this nobody begins.
    opens_at: Option<Timestamp>,
    /// From this on nobody begins.
    closes_at: Option<Timestamp>,
    /// When coach and coachee meet.
    scheduled_at: Option<Timestamp>,
    /// Once it was opened.
    session_id: Option<Uuid>,
    #[schema(value_type = schemas::Stage)]
    status: Stage,
    /// Once it was started, where there is a limit.
    deadline: Option<Timestamp>,
    created_at: Timestamp,
}

impl From<&OwnAssignment> for OwnAssignmentView {
    fn from(asked: &OwnAssignment) -> Self {
        Self {
            id: asked.id,
            session_type: asked.kind,
            organization_id: asked.organization.uuid(),
            organization_name: asked.organization_name.clone(),
            title: asked.title.clone(),
            message: asked.message.clone(),
            assessment_type: asked.assessment_type.name(),
            assessment_name: asked.assessment_name.clone(),
            assessment_version: asked.assessment_version.to_string(),
            minutes: asked.minutes,
            opens_at: asked.opens_at,
            closes_at: asked.closes_at,
            scheduled_at: asked.scheduled_at,
            session_id: asked.session.map(Id::uuid),
            status: asked.stage,
            deadline: asked.deadline,
            created_at: asked.created_at,
        }
    }
}

/// An invitation that was opened.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::OpenedAssignment)]
pub(super) struct OpenedInvitationView {
    /// The bearer token of a guest: it serves this assignment alone.
    #[schema(example = "tsg_AQGS88Rabnx8jZ4P")]
    pass: String,
    /// Until when it works; the link gives another.
    expires_at: Timestamp,
    assignment: OwnAssignmentView,
}

impl From<OpenedInvitation> for OpenedInvitationView {
    fn from(OpenedInvitation { guest_token, expires_at, assignment }: OpenedInvitation) -> Self {
        Self {
            pass: guest_token.expose().to_owned(),
            expires_at,
            assignment: OwnAssignmentView::from(&assignment),
        }
    }
}

/// A session as I see it.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::MySession, example = json!({ "id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6", "assignment_id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f7", "session_type": "campaign", "status": "in_progress", "allowed": ["answer", "submit"], "name": "Leadership Readiness", "description": "", "language": "en", "assessment_version": "1.0", "started_at": "2026-11-20T12:00:00Z", "deadline": "2026-11-20T12:45:00Z", "server_time": "2026-11-20T12:01:00Z", "questionnaire": { "instructions": "", "parts": [], "items": [{ "id": "s1", "part": null, "text": "I review long-term goals every month.", "required": true, "form": { "answer": "agree", "steps": 5, "labels": [] } }] }, "answers": { "s1": { "sequence": 1, "reply": { "step": 4 }, "answered_at": "2026-11-20T12:01:00Z" } }, "answered": 1, "questions": 1, "missing": [], "interview": { "turns": [], "goes_on": false } }))]
pub(super) struct OwnSessionView {
    id: Uuid,
    /// The assignment or coaching session it belongs to.
    assignment_id: Uuid,
    #[schema(value_type = schemas::OriginKind)]
    session_type: OriginKind,
    #[schema(value_type = schemas::Stage)]
    status: Stage,
    /// What I may do now: of `start`, `answer`, `turn`, `pause`, `resume`, `submit`.
    #[schema(value_type = Vec<schemas::EventKind>)]
    allowed: Vec<EventKind>,
    /// What is taken.
    name: String,
    /// Markdown; may be empty.
    description: String,
    /// BCP 47 tag.
    language: String,
    #[schema(example = "1.0")]
    assessment_version: String,
    started_at: Option<Timestamp>,
    /// When it lapses; `null` without a limit.
    deadline: Option<Timestamp>,
    /// The clock that decides.
    server_time: Timestamp,
    /// The questions; `null` before the start and in a pause.
    questionnaire: Option<QuestionnaireView>,
    /// What I answered, by item.
    answers: BTreeMap<String, AnswerView>,
    /// How many items have an answer.
    answered: usize,
    /// How many items there are.
    questions: usize,
    /// The items that must be answered and are not.
    missing: Vec<String>,
    interview: InterviewView,
}

impl From<&SessionView> for OwnSessionView {
    fn from(view: &SessionView) -> Self {
        let session = &view.session;
        let answers: BTreeMap<String, AnswerView> = view
            .answers
            .iter()
            .map(|(item, kept)| {
                let (sequence, answered_at) = (kept.sequence, kept.at);
                (item.to_string(), AnswerView { sequence, reply: kept.reply.clone(), answered_at })
            })
            .collect();
        Self {
            id: session.id.uuid(),
            assignment_id: session.origin.id(),
            session_type: session.origin.kind(),
            status: session.progress.status.stage(),
            allowed: view.allowed(),
            name: view.name().to_owned(),
            description: view.description().to_owned(),
            language: view.language().to_owned(),
            assessment_version: session.version.to_string(),
            started_at: session.progress.started_at,
            deadline: session.progress.deadline,
            server_time: view.now,
            questionnaire: view.questionnaire().map(QuestionnaireView::from),
            answered: view.answers.replies().count(),
            questions: view.questions(),
            answers,
            missing: view.missing().iter().map(ToString::to_string).collect(),
            interview: InterviewView {
                turns: view.transcript.turns().iter().map(TurnView::from).collect(),
                goes_on: view.goes_on,
            },
        }
    }
}

/// The questions, without what answers are worth.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::MyQuestionnaire)]
struct QuestionnaireView {
    /// What is read first: markdown; may be empty.
    instructions: String,
    parts: Vec<PartView>,
    items: Vec<ItemView>,
}

/// A part of the questions.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::MyPart)]
struct PartView {
    id: String,
    name: String,
    /// Markdown; may be empty.
    instructions: String,
}

/// A question.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::MyItem)]
struct ItemView {
    id: String,
    /// The part it stands in.
    part: Option<String>,
    /// Markdown.
    text: String,
    required: bool,
    form: FormView,
}

/// How a question is answered.
#[derive(Serialize, ToSchema)]
#[serde(tag = "answer", rename_all = "kebab-case")]
#[schema(as = assessment::MyForm)]
enum FormView {
    /// `{"step": 1..steps}`
    Agree {
        steps: u8,
        /// None, those of the two ends, or one for each.
        labels: Vec<String>,
    },
    /// `{"option": 1..}`
    SingleChoice { options: Vec<String> },
    /// `{"options": [1, ..]}`
    MultipleChoice { options: Vec<String>, least: u8, most: u8 },
    /// `{"number": 1.5}`
    Number { min: f64, max: f64, decimals: u8, unit: Option<String> },
    /// `{"text": ".."}`
    Text { max_length: u16 },
}

impl From<Questionnaire<'_>> for QuestionnaireView {
    fn from(of: Questionnaire<'_>) -> Self {
        let part = |part: &assessment_format::definition::Part| PartView {
            id: part.id.to_string(),
            name: part.name.clone(),
            instructions: part.instructions.clone(),
        };
        let item = |Question { id, part, text, required, form }: Question<'_>| ItemView {
            id: id.to_string(),
            part: part.map(ToString::to_string),
            text: text.to_owned(),
            required,
            form: FormView::from(form),
        };
        Self {
            instructions: of.instructions.to_owned(),
            parts: of.parts.iter().map(part).collect(),
            items: of.questions.into_iter().map(item).collect(),
        }
    }
}

impl From<Form<'_>> for FormView {
    fn from(form: Form<'_>) -> Self {
        let texts = |options: Vec<&str>| options.into_iter().map(str::to_owned).collect();
        // Numbers of the format have at most 15 digits.
        let number = |number: Decimal| number.to_f64().unwrap_or_default();
        match form {
            Form::Steps { steps, labels } => Self::Agree { steps, labels: labels.to_vec() },
            Form::OneOf { options } => Self::SingleChoice { options: texts(options) },
            Form::SomeOf { options, least, most } => {
                Self::MultipleChoice { options: texts(options), least, most }
            }
            Form::Number { min, max, decimals, unit } => {
                Self::Number { min: number(min), max: number(max), decimals, unit: unit.map(str::to_owned) }
            }
            Form::Text { max_length } => Self::Text { max_length },
        }
    }
}

/// What I answered to an item.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::MyAnswer)]
struct AnswerView {
    /// The number it came under: the next takes a larger one.
    sequence: u64,
    /// `null` where I took it back.
    #[schema(value_type = Option<Object>)]
    reply: Option<Reply>,
    answered_at: Timestamp,
}

/// The interview as far as it has come.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::MyInterview)]
struct InterviewView {
    turns: Vec<TurnView>,
    /// Whether the interviewer waits for me.
    goes_on: bool,
}

/// What somebody said.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::MyTurn, example = json!({ "number": 1, "by": "interviewer", "text": "Tell me about a decision with a three-year horizon.", "said_at": "2026-11-20T12:00:00Z" }))]
pub(super) struct TurnView {
    number: u32,
    by: SpeakerView,
    text: String,
    said_at: Timestamp,
}

impl From<&Turn> for TurnView {
    fn from(turn: &Turn) -> Self {
        let is_person = turn.by == Speaker::Person;
        let by = if is_person { SpeakerView::Person } else { SpeakerView::Interviewer };
        Self { number: turn.number, by, text: turn.text.clone(), said_at: turn.at }
    }
}

/// What became of what was sent.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = assessment::SaveOutcome)]
enum OutcomeView {
    Stored,
    Repeated,
    Superseded,
}

/// What became of an answer.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::SavedAnswer, example = json!({ "item": "s1", "sequence": 3, "outcome": "stored", "by": null }))]
pub(super) struct SavedView {
    item: String,
    sequence: u64,
    /// `stored`; `repeated` where it was there already; `superseded` where a newer one was.
    outcome: OutcomeView,
    /// The number of the newer one.
    by: Option<u64>,
}

impl SavedView {
    pub(super) fn of(item: &Slug, sequence: u64, saved: SaveOutcome) -> Self {
        let (outcome, by) = match saved {
            SaveOutcome::Stored => (OutcomeView::Stored, None),
            SaveOutcome::Repeated => (OutcomeView::Repeated, None),
            SaveOutcome::Superseded { by } => (OutcomeView::Superseded, Some(by)),
        };
        Self { item: item.to_string(), sequence, outcome, by }
    }
}

/// What came of a turn.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::SpokenTurn)]
pub(super) struct SpokenView {
    number: u32,
    /// `stored`; `repeated` where it was there already.
    outcome: OutcomeView,
    /// What was said after it.
    turns: Vec<TurnView>,
    /// Whether the interviewer waits for me.
    goes_on: bool,
}

impl SpokenView {
    pub(super) fn of(number: u32, spoken: &SpokenTurn) -> Self {
        let outcome = match spoken.outcome {
            TurnOutcome::Stored => OutcomeView::Stored,
            TurnOutcome::Repeated => OutcomeView::Repeated,
        };
        let turns = spoken.after.iter().map(TurnView::from).collect();
        Self { number, outcome, turns, goes_on: spoken.goes_on }
    }
}
