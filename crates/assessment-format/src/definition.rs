//! What an assessment consists of, whichever way it was written.
//!
//! [`Content`] is plain data. A [`Definition`] is content that kept every rule: it is had from [`crate::parse`],
//! [`crate::check_json`] or [`Definition::new`], reads like its content, and never changes.

mod answer;
mod guidelines;
mod settings;

use std::ops::Deref;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap as _};
use sha2::{Digest as _, Sha256};

pub use self::{
    answer::{Answer, Choice, Correct, Likert, OptionScore},
    guidelines::{Guidelines, Note, Question, Topic},
    settings::{Disclosure, Interview, Kind, Scale, Settings, Style, TieBreak, TieRule, UnknownStyle},
};
use crate::{condition::Condition, diagnostic::Faults, slug::Slug};

/// What an assessment consists of, as plain data that nobody checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Content {
    /// Name, version, kind, scale and how it is taken: the front matter and the text under the title.
    #[serde(rename = "metadata")]
    pub settings: Settings,
    /// What is scored; 1 to 100.
    pub dimensions: Vec<Dimension>,
    /// What comes out, in the order in which they are tried; 1 to 100.
    #[serde(rename = "resultCategories")]
    pub categories: Vec<Category>,
    /// How the interview goes.
    #[serde(rename = "interviewGuidelines")]
    pub guidelines: Guidelines,
    /// The parts of the questionnaire, in order; at most 100. Without parts the items stand alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// The questionnaire, in order; at most 500. Items outside any part come first, then those of each part together.
    pub items: Vec<Item>,
    /// Prose between a section's heading and its first entry.
    #[serde(skip_serializing_if = "Introductions::is_empty")]
    pub introductions: Introductions,
    /// Sections the format knows nothing about, such as sources; at most 100.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
}

/// Something that is scored on the scale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Dimension {
    /// Unique among the dimensions; by default the slug of the name. Never `overall`.
    pub id: Slug,
    /// Plain text, 1 to 120 characters, unique among the dimensions.
    pub name: String,
    /// Its share of the overall score: above 0, at most 1, at most 6 decimal places. All of them sum to 1.0 +- 0.01
    /// and are divided by their sum, so that the overall score never leaves the scale.
    #[serde(serialize_with = "decimal")]
    pub weight: Decimal,
    /// What it is: markdown, never empty.
    pub description: String,
    /// What scores look like in a person: for raters, ascending by score.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub anchors: Vec<Anchor>,
    /// The heading above the anchors' texts: one line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anchors_heading: Option<String>,
}

/// What a score looks like in a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Anchor {
    /// On the scale, at most 2 decimal places, unique in its dimension.
    #[serde(serialize_with = "decimal")]
    pub score: Decimal,
    /// One line of markdown.
    pub text: String,
}

impl Anchor {
    /// The heading above the texts, where nothing is said.
    pub const HEADING: &'static str = "what you would see";
}

/// A result a person may come out with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Category {
    /// Unique among the categories; by default the slug of the name.
    pub id: Slug,
    /// Plain text, 1 to 120 characters, unique among the categories.
    pub name: String,
    /// When it is given.
    #[serde(flatten)]
    pub rule: CategoryRule,
    /// What it means for the person: markdown, shown with the result.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
}

/// When a category is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CategoryRule {
    /// When the condition holds and none before it did. Not in a comparative assessment.
    When(Condition),
    /// When this dimension has the highest score. In a comparative assessment only, once for each dimension.
    Highest(Slug),
    /// When no other is. The last one; in a comparative assessment only where ties go to it.
    Default,
}

impl Serialize for CategoryRule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        match self {
            Self::When(condition) => map.serialize_entry("when", condition)?,
            Self::Highest(dimension) => map.serialize_entry("dimension", dimension)?,
            Self::Default => map.serialize_entry("default", &true)?,
        }
        map.end()
    }
}

/// A part of the questionnaire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Unique among the parts; always the slug of the name.
    pub id: Slug,
    /// Plain text, 1 to 120 characters, unique among the parts.
    pub name: String,
    /// What is said before its items: markdown without numbered lists.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub instructions: String,
}

/// A question with a form of answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    /// Unique among the items. Answers are kept under it.
    pub id: Slug,
    /// The part it stands in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<Slug>,
    /// What is asked: markdown that begins with a paragraph and has no lists.
    pub text: String,
    /// The dimensions the answer counts for, at most 20. None: it is asked, not scored. Where the choices name
    /// their own dimensions ([`OptionScore::Toward`]) these are all of them, in the order of the dimensions, none
    /// reversed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub measures: Vec<Measure>,
    /// Whether it must be answered before submission.
    pub required: bool,
    /// The form of the answer and what it is worth.
    #[serde(flatten)]
    pub answer: Answer,
}

/// That an item counts for a dimension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Measure {
    /// The dimension's id.
    pub dimension: Slug,
    /// Whether a high answer is a low score: a fraction f becomes 1 - f.
    pub reversed: bool,
}

/// Prose between a section's heading and its first entry: markdown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Introductions {
    /// Of the dimensions.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub dimensions: String,
    /// Of the result categories.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub categories: String,
    /// Of the interview guidelines.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub guidelines: String,
    /// Of the items: the instructions a person reads first. Without numbered lists.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub items: String,
}

impl Introductions {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Content that kept every rule of `assessment/1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "serde_json::Value")]
pub struct Definition(Content);

impl Definition {
    /// Checks content that was put together by a program; what is wrong is said with JSON Pointers.
    pub fn new(content: &Content) -> Result<Self, Faults> {
        let json = serde_json::to_value(content).expect("content has string keys only");
        crate::check_json(&json).into_result()
    }

    pub(crate) const fn of_checked(content: Content) -> Self {
        Self(content)
    }

    /// Gives the content away, to be changed and checked anew.
    pub fn into_content(self) -> Content {
        self.0
    }

    /// The slug that was given, or that of the name.
    pub fn slug(&self) -> Slug {
        let settings = &self.0.settings;
        let derived = || Slug::of(&settings.name).expect("a name without a slug was refused");
        settings.slug.clone().unwrap_or_else(derived)
    }

    /// The dimension with this id.
    pub fn dimension(&self, id: &Slug) -> Option<&Dimension> {
        self.0.dimensions.iter().find(|dimension| dimension.id == *id)
    }

    /// The category that is given when no other is.
    pub fn default_category(&self) -> Option<&Category> {
        self.0.categories.iter().find(|category| category.rule == CategoryRule::Default)
    }

    /// The definition as JSON, as it is stored and served.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(&self.0).expect("content has string keys only")
    }

    /// The definition as canonical JSON (RFC 8785): the same bytes for the same definition, ever.
    pub fn to_canonical_json(&self) -> Vec<u8> {
        serde_json_canonicalizer::to_vec(&self.0).expect("content has string keys and finite numbers only")
    }

    /// The SHA-256 of the canonical JSON.
    pub fn checksum(&self) -> [u8; 32] {
        Sha256::digest(self.to_canonical_json()).into()
    }
}

impl Deref for Definition {
    type Target = Content;

    fn deref(&self) -> &Content {
        &self.0
    }
}

impl TryFrom<serde_json::Value> for Definition {
    type Error = Faults;

    /// Reads what was stored, as it was when it was published: a version is write-once, so that rules about where
    /// things stand, which may have come later, do not make it unreadable.
    fn try_from(json: serde_json::Value) -> Result<Self, Faults> {
        crate::json::read_stored(&json).into_result()
    }
}

/// Numbers of the format have at most 15 digits, which a JSON number keeps exactly.
fn decimal<S: Serializer>(number: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    let number = number.normalize();
    match i64::try_from(number) {
        Ok(whole) if number.scale() == 0 => serializer.serialize_i64(whole),
        _ => serializer.serialize_f64(number.to_string().parse().map_err(serde::ser::Error::custom)?),
    }
}
