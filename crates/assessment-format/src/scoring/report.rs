//! The result of a session as it is stored and served.

use serde::{Serialize, Serializer, ser::SerializeMap as _};

use super::{Outcome, SCORER_VERSION, Score};
use crate::definition::{Category, Definition};

/// The result of a session: its scores with the names, and the category as the definition has it.
///
/// `{"scorerVersion", "assessmentVersion", "dimensionScores": {name: score or null}, "overallScore",
/// "matchedCategory", "matchedCategoryData"}`, the last three null where there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report<'d> {
    definition: &'d Definition,
    outcome: Outcome,
}

/// A dimension and its score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scored<'d> {
    /// The dimension's name.
    pub name: &'d str,
    /// Its score.
    pub score: Option<Score>,
}

impl<'d> Report<'d> {
    pub(super) const fn new(definition: &'d Definition, outcome: Outcome) -> Self {
        Self { definition, outcome }
    }

    /// The scores.
    pub const fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// The definition.
    pub const fn definition(&self) -> &'d Definition {
        self.definition
    }

    /// The dimensions with their scores, in order.
    pub fn dimensions(&self) -> impl Iterator<Item = Scored<'d>> {
        let named = self.definition.dimensions.iter().zip(&self.outcome.dimensions);
        named.map(|(dimension, score)| Scored { name: &dimension.name, score: *score })
    }

    /// The category, whole.
    pub fn category(&self) -> Option<&'d Category> {
        self.definition.categories.get(self.outcome.category?)
    }

    /// The same bytes for the same result, ever (RFC 8785).
    pub fn to_canonical_json(&self) -> Vec<u8> {
        serde_json_canonicalizer::to_vec(self).expect("a report has string keys and finite numbers only")
    }
}

impl Serialize for Report<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Scores<'r>(&'r Report<'r>);
        impl Serialize for Scores<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_map(self.0.dimensions().map(|Scored { name, score }| (name, score)))
            }
        }
        let category = self.category();
        let mut map = serializer.serialize_map(Some(6))?;
        map.serialize_entry("scorerVersion", &SCORER_VERSION)?;
        map.serialize_entry("assessmentVersion", &self.definition.settings.version)?;
        map.serialize_entry("dimensionScores", &Scores(self))?;
        map.serialize_entry("overallScore", &self.outcome.overall)?;
        map.serialize_entry("matchedCategory", &category.map(|category| &category.name))?;
        map.serialize_entry("matchedCategoryData", &category)?;
        map.end()
    }
}
