//! Forms of answers, and what an answer is worth.
//!
//! Every scored answer becomes a fraction f from 0 to 1 for each dimension it counts for; the item's score on that
//! dimension is `min + f * (max - min)` of the scale, with 1 - f for f where the measure is reversed.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Serialize, Serializer, ser::SerializeMap as _};

use super::decimal;
use crate::slug::Slug;

/// The form of an answer and what it is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A step k from 1 to n: f = (k - 1) / (n - 1).
    Agree(Likert),
    /// One of the options.
    ///
    /// By correctness f is 1 for the correct option, else 0. By points, for each dimension,
    /// f = (points - fewest) / (most - fewest) over all options, an option that does not name the dimension having 0.
    SingleChoice {
        /// In the order in which they are shown; 2 to 50, their texts unique.
        options: Vec<Choice>,
    },
    /// Some of the options.
    ///
    /// f = (points of the chosen) / (most that can be had), not below 0, for each dimension. A correct option is
    /// worth 1 point, an incorrect one -1. The most that can be had is the sum of the `most` greatest points above
    /// 0.
    MultipleChoice {
        /// In the order in which they are shown; 2 to 50, their texts unique.
        options: Vec<Choice>,
        /// How few may be chosen: 0 to `most`. Where it is 0, choosing none is an answer.
        least: u8,
        /// How many may be chosen: 1 to the number of options.
        most: u8,
    },
    /// A number: f = (x - min) / (max - min), or, where there is a correct one, 1 within the tolerance of it, else 0.
    Number {
        /// The least that is accepted.
        min: Decimal,
        /// The most that is accepted: above `min`.
        max: Decimal,
        /// How many decimal places are accepted: 0 to 4.
        decimals: u8,
        /// What is counted, such as `years`: one line of plain text.
        unit: Option<String>,
        /// The number that is right.
        correct: Option<Correct>,
    },
    /// Text, which code does not score: where it counts for a dimension, a person rates it on the scale.
    Text {
        /// How many characters are accepted: 1 to 10,000.
        max_length: u16,
    },
}

/// Steps from no to yes, or from never to always.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Likert {
    /// How many: 2 to 11.
    pub steps: u8,
    /// What they are called: none (the usual words of agreement), two (for the ends), or one for each. Plain text.
    pub labels: Vec<String>,
}

/// The number that is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Correct {
    /// Between the question's `min` and `max`.
    pub value: Decimal,
    /// How far from it is still right: not negative.
    pub tolerance: Decimal,
}

/// An option of a choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// One line of markdown.
    pub text: String,
    /// What choosing it is worth. All options of an item are worth the same kind of thing.
    pub worth: OptionScore,
}

/// What choosing an option is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OptionScore {
    /// Nothing: the item measures no dimension.
    Nothing,
    /// Whether it is right. At least one option of an item is, exactly one of a single choice.
    Correct(bool),
    /// Points on every dimension the item measures: -1,000 to 1,000, at most 2 decimal places.
    Points(Decimal),
    /// Points on dimensions of its own, as in a choice between types; not 0. May be empty: "none of these".
    Toward(Vec<(Slug, Decimal)>),
}

/// `{"text", "correct": true}`, `{"text", "points": 2}` or `{"text", "points": {"id": 2}}`.
impl Serialize for Choice {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("text", &self.text)?;
        match &self.worth {
            OptionScore::Nothing => (),
            OptionScore::Correct(correct) => map.serialize_entry("correct", correct)?,
            OptionScore::Points(points) => map.serialize_entry("points", &Number(*points))?,
            OptionScore::Toward(points) => {
                let points = points.iter().map(|(dimension, points)| (dimension.as_str(), Number(*points)));
                map.serialize_entry("points", &points.collect::<BTreeMap<_, _>>())?;
            }
        }
        map.end()
    }
}

impl Answer {
    /// The form's name, as files and JSON give it: `agree-5`, `single-choice`, `multiple-choice`, `number`, `text`.
    pub fn form(&self) -> String {
        match self {
            Self::Agree(likert) => likert.form(),
            Self::SingleChoice { .. } => "single-choice".to_owned(),
            Self::MultipleChoice { .. } => "multiple-choice".to_owned(),
            Self::Number { .. } => "number".to_owned(),
            Self::Text { .. } => "text".to_owned(),
        }
    }
}

impl Likert {
    /// The form's name, such as `agree-5`.
    pub fn form(&self) -> String {
        format!("agree-{}", self.steps)
    }

    /// What a step is called: its own label, or that of the end it is.
    pub fn label(&self, step: u8) -> Option<&str> {
        let place = match (self.labels.len(), step) {
            (all, _) if all == usize::from(self.steps) => usize::from(step).checked_sub(1)?,
            (2, 1) => 0,
            (2, step) if step == self.steps => 1,
            _ => return None,
        };
        self.labels.get(place).map(String::as_str)
    }
}

/// `answer` and the keys its form has, beside those of the item.
impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Self::Agree(likert) = self {
            return likert.serialize(serializer);
        }
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("answer", &self.form())?;
        match self {
            Self::Agree(_) => (),
            Self::SingleChoice { options } => map.serialize_entry("options", options)?,
            Self::MultipleChoice { options, least, most } => {
                map.serialize_entry("choose", &Range { min: least, max: most })?;
                map.serialize_entry("options", options)?;
            }
            Self::Number { min, max, decimals, unit, correct } => {
                map.serialize_entry("range", &Range { min: Number(*min), max: Number(*max) })?;
                map.serialize_entry("decimals", decimals)?;
                if let Some(unit) = unit {
                    map.serialize_entry("unit", unit)?;
                }
                if let Some(Correct { value, tolerance }) = correct {
                    map.serialize_entry("correct", &Number(*value))?;
                    map.serialize_entry("tolerance", &Number(*tolerance))?;
                }
            }
            Self::Text { max_length } => map.serialize_entry("maxLength", max_length)?,
        }
        map.end()
    }
}

impl Serialize for Likert {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("answer", &self.form())?;
        if !self.labels.is_empty() {
            map.serialize_entry("labels", &self.labels)?;
        }
        map.end()
    }
}

#[derive(Serialize)]
struct Range<T> {
    min: T,
    max: T,
}

#[derive(Serialize)]
struct Number(#[serde(serialize_with = "decimal")] Decimal);
