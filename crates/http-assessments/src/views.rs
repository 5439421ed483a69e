//! What several routes of the domain show.

use assessment_engine::{CustomAssessment, PriceTier, Refused, TemplateName, reading::AssessmentSummary};
use assessment_format::{
    Definition, Diagnostic,
    definition::{Disclosure, Kind, Settings},
    diagnostic::{Place, Severity},
};
use kernel::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::schemas;

use http_shell::{Object, Problem};

/// Whether it keeps an assessment from being written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = assessment::Severity)]
enum SeverityView {
    Error,
    Warning,
    Note,
}

impl From<Severity> for SeverityView {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Error => Self::Error,
            Severity::Warning => Self::Warning,
            Severity::Note => Self::Note,
        }
    }
}

/// Who said something in an interview.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = assessment::Speaker)]
pub(super) enum SpeakerView {
    Interviewer,
    Person,
}

/// What is wrong with an assessment, or worth knowing.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = assessment::Diagnostic, example = json!({ "severity": "error", "code": "weight-sum", "line": 22, "column": 11, "length": 3, "message": "the weights sum to 0.9", "why": "the weights are shares of the overall score, so that they sum to 1.0 +- 0.01", "hint": "add 0.1 to one of them" }))]
pub(super) struct DiagnosticView {
    severity: SeverityView,
    /// Which rule it is about.
    #[schema(example = "weight-sum")]
    code: &'static str,
    /// Of a file: from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    /// Of a file: from 1, in characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u32>,
    /// Of a file: in characters, on this line.
    #[serde(skip_serializing_if = "Option::is_none")]
    length: Option<u32>,
    /// Of a definition in JSON: a JSON Pointer that begins with `/definition`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<String>,
    /// What is wrong.
    message: String,
    /// Why it is a rule.
    why: &'static str,
    /// How to mend it, where that can be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

impl From<Diagnostic> for DiagnosticView {
    fn from(diagnostic: Diagnostic) -> Self {
        let why = diagnostic.why();
        let Diagnostic { severity, code, place, what, hint } = diagnostic;
        let (line, column, length, pointer) = match place {
            Place::Source { line, column, length } => (Some(line), Some(column), Some(length), None),
            Place::Json { pointer } => (None, None, None, Some(format!("/definition{pointer}"))),
        };
        let severity = severity.into();
        Self { severity, code: code.as_str(), line, column, length, pointer, message: what, why, hint }
    }
}

/// What the client is told; the faults of an assessment each with its place.
pub(super) fn problem(refused: Refused) -> Problem {
    let Refused::Faulty(diagnostics) = &refused else { return refused.into() };
    let views: Vec<DiagnosticView> = diagnostics.iter().cloned().map(DiagnosticView::from).collect();
    let errors = views.iter().filter(|view| view.severity == SeverityView::Error);
    let errors = errors.filter_map(|view| Some((view.pointer.clone()?, view.message.clone())));
    let errors = errors.collect();
    let views = views.iter().filter_map(|view| serde_json::to_value(view).ok()).collect();
    Problem::from(refused).with_errors(errors).with_diagnostics(views)
}

/// An assessment of an organisation, without what it says.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = assessment::CustomAssessmentSummary, example = json!({ "id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6", "created_by": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f7", "name": "Leadership Readiness", "slug": "leadership-readiness", "version": "1.0", "description": "How ready is this person to lead a team of ten?", "assessment_type": "multi-dimensional", "interview_style_default": 3, "interview_style_allow_override": true, "result_disclosure": "full", "source_type": "upload", "status": "draft", "template": null, "published_version": null, "marketplace_status": "private", "marketplace_price_tier": null, "created_at": "2026-11-20T12:00:00Z", "published_at": null, "revision": 1 }))]
pub(super) struct SummaryView {
    id: Uuid,
    /// The account of whoever wrote it first.
    created_by: Uuid,
    name: String,
    /// How it is called in addresses: unique in the organisation.
    slug: String,
    /// The version the draft names: `major.minor`.
    #[schema(example = "1.0")]
    version: String,
    /// Markdown.
    description: String,
    #[schema(value_type = schemas::Kind)]
    assessment_type: Kind,
    /// How freely the interview is led, where a campaign says nothing else: 1, highly structured, to 5, fully
    /// conversational.
    #[schema(minimum = 1, maximum = 5)]
    interview_style_default: u8,
    /// Whether a campaign may say something else.
    interview_style_allow_override: bool,
    /// How much of the result a person sees.
    #[schema(value_type = schemas::Disclosure)]
    result_disclosure: Disclosure,
    /// Where the draft comes from.
    #[schema(value_type = schemas::SourceType)]
    source_type: &'static str,
    #[schema(value_type = schemas::AssessmentStatus)]
    status: &'static str,
    /// The built-in type it is the organisation's copy of.
    #[schema(value_type = Option<schemas::TemplateName>)]
    template: Option<&'static str>,
    /// The newest published version.
    published_version: Option<String>,
    #[schema(value_type = schemas::MarketplaceStatus)]
    marketplace_status: &'static str,
    /// `null` until it was offered.
    #[schema(value_type = Option<schemas::PriceTier>)]
    marketplace_price_tier: Option<&'static str>,
    created_at: Timestamp,
    /// When its first version was published.
    published_at: Option<Timestamp>,
    /// The same number as in `ETag`.
    revision: i64,
}

impl From<&AssessmentSummary> for SummaryView {
    fn from(of: &AssessmentSummary) -> Self {
        Self {
            id: of.id.uuid(),
            created_by: of.created_by.uuid(),
            name: of.name.clone(),
            slug: of.slug.to_string(),
            version: of.version.to_string(),
            description: of.description.clone(),
            assessment_type: of.kind,
            interview_style_default: of.style.get(),
            interview_style_allow_override: of.allow_override,
            result_disclosure: of.disclosure,
            source_type: of.source_type.name(),
            status: of.status.name(),
            template: of.template.map(TemplateName::name),
            published_version: of.latest.map(|version| version.to_string()),
            marketplace_status: of.marketplace_status.name(),
            marketplace_price_tier: of.price_tier.map(PriceTier::name),
            created_at: of.created_at,
            published_at: of.published_at,
            revision: of.revision,
        }
    }
}

impl From<&CustomAssessment> for SummaryView {
    fn from(of: &CustomAssessment) -> Self {
        let Settings { name, description, version, kind, interview, disclosure, .. } =
            &of.draft.definition.settings;
        Self {
            id: of.id.uuid(),
            created_by: of.created_by.uuid(),
            name: name.clone(),
            slug: of.slug.to_string(),
            version: version.to_string(),
            description: description.clone(),
            assessment_type: *kind,
            interview_style_default: interview.style.get(),
            interview_style_allow_override: interview.allow_override,
            result_disclosure: *disclosure,
            source_type: of.source_type.name(),
            status: of.status.name(),
            template: of.template.map(TemplateName::name),
            published_version: of.latest.map(|(_, version)| version.to_string()),
            marketplace_status: of.marketplace_status.name(),
            marketplace_price_tier: of.price_tier.map(PriceTier::name),
            created_at: of.created_at,
            published_at: of.published_at,
            revision: of.version(),
        }
    }
}

/// An assessment of an organisation, with what its draft says.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = assessment::CustomAssessment)]
pub(super) struct AssessmentView {
    #[serde(flatten)]
    summary: SummaryView,
    /// Why the platform refused it.
    review_note: Option<String>,
    /// What the draft says: `metadata`, `dimensions`, `resultCategories`, `interviewGuidelines` and `items`, as the
    /// format `assessment/1` has them.
    definition: Object,
    /// What is worth knowing about the draft: warnings and notes.
    diagnostics: Vec<DiagnosticView>,
}

impl From<&CustomAssessment> for AssessmentView {
    fn from(of: &CustomAssessment) -> Self {
        Self {
            summary: of.into(),
            review_note: of.review_note.clone(),
            definition: of.draft.definition.to_json(),
            diagnostics: of.draft.diagnostics().into_iter().map(DiagnosticView::from).collect(),
        }
    }
}

/// The names of what an assessment scores, and how long it is: enough to choose it by.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = assessment::Outline)]
pub(super) struct OutlineView {
    name: String,
    /// Markdown.
    description: String,
    #[schema(example = "1.0")]
    version: String,
    #[schema(value_type = schemas::Kind)]
    assessment_type: Kind,
    /// BCP 47 tag.
    #[schema(example = "en")]
    language: String,
    /// The names of its dimensions.
    #[schema(example = json!(["Strategic Thinking"]))]
    dimensions: Vec<String>,
    /// The names of its result categories.
    #[schema(example = json!(["Visionary", "Emerging"]))]
    result_categories: Vec<String>,
    /// How many items the questionnaire has.
    items: usize,
    /// How many minutes a person has.
    time_limit_minutes: Option<u16>,
}

impl From<&Definition> for OutlineView {
    fn from(of: &Definition) -> Self {
        let settings = &of.settings;
        Self {
            name: settings.name.clone(),
            description: settings.description.clone(),
            version: settings.version.to_string(),
            assessment_type: settings.kind,
            language: settings.language.clone(),
            dimensions: of.dimensions.iter().map(|dimension| dimension.name.clone()).collect(),
            result_categories: of.categories.iter().map(|category| category.name.clone()).collect(),
            items: of.items.len(),
            time_limit_minutes: settings.time_limit_minutes,
        }
    }
}
