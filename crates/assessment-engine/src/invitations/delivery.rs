//! How an assessment is taken: what a campaign or a coaching session says about it.

use assessment_format::{
    Definition, Version,
    definition::Style,
    rating::Required,
    session::{OnDeadline, Pauses, Rules},
};
use kernel::Timestamp;
use serde::{Deserialize, Serialize};

use crate::authoring::{
    assessment::{CustomAssessmentId, TemplateName},
    published::PublishedVersionId,
};

kernel::named! {
    /// Which kind of assessment is taken.
    pub enum AssessmentType {
        /// The built-in one on industry 4.0.
        Industry4 = "industry4",
        /// The built-in one on team roles.
        Archetype = "archetype",
        /// The built-in one on learning.
        Education = "education",
        /// One of the organisation's own.
        Custom = "custom",
    }
}

impl AssessmentType {
    /// The template it is made from, unless it is one of the organisation's own.
    pub const fn template(self) -> Option<TemplateName> {
        match self {
            Self::Industry4 => Some(TemplateName::Industry4),
            Self::Archetype => Some(TemplateName::Archetype),
            Self::Education => Some(TemplateName::Education),
            Self::Custom => None,
        }
    }
}

/// What is taken: a published version of an assessment of the organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AssessmentRef {
    /// Which kind.
    pub kind: AssessmentType,
    /// Which assessment.
    pub assessment: CustomAssessmentId,
    /// Which published version.
    pub published: PublishedVersionId,
    /// How that is called.
    pub version: Version,
}

/// When a person may see their result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "when", rename_all = "snake_case")]
pub enum Release {
    /// As soon as it is scored.
    Scored,
    /// At this time, if it is scored by then; else as soon as it is.
    At {
        /// When.
        at: Timestamp,
    },
    /// When someone releases it.
    ByHand,
}

impl Release {
    /// Whether a result that is scored now may be seen now.
    pub fn is_due(self, now: Timestamp) -> bool {
        match self {
            Self::Scored => true,
            Self::At { at } => at <= now,
            Self::ByHand => false,
        }
    }
}

/// How it is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliverySettings {
    /// How freely the interview is led, in place of what the assessment says.
    pub style: Option<Style>,
    /// Minutes from the start, in place of those of the assessment: 1 to 10,080.
    pub minutes: Option<u16>,
    /// Whether a session may pause.
    pub pauses: Option<Pauses>,
    /// What becomes of a session whose deadline passes.
    #[serde(rename = "lapse")]
    pub on_deadline: OnDeadline,
    /// When a person may see their result.
    pub release: Release,
    /// Whose ratings complete a session.
    pub raters: Required,
}

impl Default for DeliverySettings {
    /// As the assessment says; what was answered counts, and is seen as soon as it is scored.
    fn default() -> Self {
        Self {
            style: None,
            minutes: None,
            pauses: None,
            on_deadline: OnDeadline::Submit,
            release: Release::Scored,
            raters: Required::Person,
        }
    }
}

impl DeliverySettings {
    /// The rules of a session that begins under these settings.
    pub fn rules(&self, definition: &Definition, closes_at: Option<Timestamp>) -> Rules {
        Rules {
            minutes: self.minutes.or(definition.settings.time_limit_minutes),
            closes_at,
            pauses: self.pauses,
            on_deadline: self.on_deadline,
        }
    }
}
