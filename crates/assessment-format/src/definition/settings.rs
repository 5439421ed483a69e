//! The settings of an assessment: its front matter, and the text under its title.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{answer::Likert, decimal};
use crate::{slug::Slug, version::Version};

/// Name, version, kind, scale, and how an assessment is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "schema", rename = "assessment/1", rename_all = "camelCase")]
pub struct Settings {
    /// Plain text, 1 to 120 characters.
    pub name: String,
    /// How it is called in addresses; by default the slug of the name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slug: Option<Slug>,
    /// What it is for: markdown.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Which version this is.
    pub version: Version,
    /// How scores become a category.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// What every score is measured on.
    pub scale: Scale,
    /// How the interview is led.
    pub interview: Interview,
    /// How much of the result the person sees.
    #[serde(rename = "resultDisclosure")]
    pub disclosure: Disclosure,
    /// BCP 47 tag, such as `en` or `pt-BR`.
    pub language: String,
    /// How a comparative assessment settles ties; no other has it.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub tie: Option<TieRule>,
    /// How much of the weight must have a score before there is an overall score: above 0, at most 1, at most 4 decimal
    /// places.
    #[serde(serialize_with = "decimal")]
    pub coverage: Decimal,
    /// How many minutes a person has from the start: 1 to 10,080 (a week). Without it there is no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_limit_minutes: Option<u16>,
    /// The answer of items that name none. The items here have theirs all the same.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub default_answer: Option<Likert>,
}

kernel::named! {
    /// How scores become a category.
    pub enum Kind {
        /// One dimension of weight 1; the first category whose condition holds.
        SingleOutcome = "single-outcome",
        /// Several dimensions; the first category whose condition holds.
        MultiDimensional = "multi-dimensional",
        /// The category of the dimension with the highest score.
        Comparative = "comparative",
    }
}

/// What every score is measured on; both ends belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Scale {
    /// The lowest score, from -100, at most 2 decimal places.
    #[serde(serialize_with = "decimal")]
    pub min: Decimal,
    /// The highest score, to 100, at most 2 decimal places.
    #[serde(serialize_with = "decimal")]
    pub max: Decimal,
}

impl Scale {
    /// How long it is.
    pub fn length(self) -> Decimal {
        self.max - self.min
    }

    /// Whether a score is on it.
    pub fn contains(self, score: Decimal) -> bool {
        (self.min..=self.max).contains(&score)
    }

    /// The score of a fraction: 0 is the lowest, 1 the highest.
    pub fn at(self, fraction: Decimal) -> Decimal {
        self.min + fraction * self.length()
    }
}

/// How the interview is led.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Interview {
    /// How freely, where a campaign says nothing else.
    pub style: Style,
    /// Whether a campaign may say something else.
    pub allow_override: bool,
}

/// How freely an interview is led: 1 highly structured, questions verbatim, to 5 fully conversational.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Style(u8);

impl Style {
    /// Checks the range.
    pub const fn new(style: u8) -> Result<Self, UnknownStyle> {
        if style >= 1 && style <= 5 { Ok(Self(style)) } else { Err(UnknownStyle) }
    }

    /// From 1 to 5.
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl Default for Style {
    fn default() -> Self {
        Self(3)
    }
}

impl From<Style> for u8 {
    fn from(style: Style) -> Self {
        style.0
    }
}

impl TryFrom<u8> for Style {
    type Error = UnknownStyle;

    fn try_from(style: u8) -> Result<Self, UnknownStyle> {
        Self::new(style)
    }
}

/// A style that is not from 1 to 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an interview style is a whole number from 1, highly structured, to 5, fully conversational")]
pub struct UnknownStyle;

kernel::named! {
    /// How much of the result the person sees.
    pub enum Disclosure {
        /// All of it.
        Full = "full",
        /// The category and its prose.
        Teaser = "teaser",
        /// Only that it is done.
        None = "none",
    }
}

/// How a comparative assessment settles ties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct TieRule {
    /// Dimensions whose rounded scores are within this of the highest are tied with it: 0 to the length of the
    /// scale, at most 2 decimal places.
    #[serde(rename = "tieMargin", serialize_with = "decimal")]
    pub margin: Decimal,
    /// Who wins a tie.
    #[serde(rename = "tieBreak")]
    pub winner: TieBreak,
}

kernel::named! {
    /// Who wins a tie.
    pub enum TieBreak {
        /// Of the tied dimensions the one with the highest score; of equals the one that stands first.
        Order = "order",
        /// Of the tied dimensions the one with the greatest weight; of equals the one that stands first.
        Weight = "weight",
        /// None of them: the default category is given.
        Default = "default",
    }
}
