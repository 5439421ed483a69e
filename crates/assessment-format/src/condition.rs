//! Conditions: when a category is given, as `overall >= 4.2 and (strategic >= 4 or not eq < 3)`.
//!
//! A condition compares `overall`, a dimension's id, or what a function makes of several, with a number, by `<`, `<=`,
//! `==`, `!=`, `>=` or `>`: `min(a, b)`, `max(a, b)`, `sum(a, b)`, and `count(a, b >= 4)`, how many of them compare so.
//! `not` binds tighter than `and`, `and` tighter than `or`. Scores are compared, and added, as the result shows them:
//! rounded to two places, halves away from zero.

mod coverage;
mod subject;
mod syntax;

use std::{fmt, str::FromStr};

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Serialize, Serializer};

pub(crate) use self::syntax::Place;
pub use self::{
    coverage::{Coverage, Dead, Gap, Overlap, Sample, Subjects},
    subject::{Subject, SubjectRange},
    syntax::ConditionError,
};
use crate::slug::Slug;

/// A condition on the scores of a person.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Condition(Expression);

/// `All` and `Any` have at least two parts, none of their own kind.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Expression {
    Compare(Comparison),
    Not(Box<Expression>),
    All(Vec<Expression>),
    Any(Vec<Expression>),
}

/// A score, or what is made of scores, compared with a number.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Comparison {
    /// What is compared.
    pub subject: Subject,
    /// How.
    pub operator: Operator,
    /// With what: -10,000 to 10,000, at most 4 decimal places; a count with a whole number.
    pub value: Decimal,
}

/// How a score is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operator {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `>=`
    AtLeast,
    /// `>`
    Greater,
}

/// A score as the result shows it and conditions compare it: two places, halves away from zero.
pub fn rounded(score: Decimal) -> Decimal {
    score.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

impl Condition {
    /// The most characters.
    pub const MAX_LENGTH: usize = 1_000;
    /// The most comparisons.
    pub const MAX_COMPARISONS: usize = 100;
    /// The largest number on either side of 0: a sum of 100 scores.
    pub const MAX_NUMBER: i64 = 10_000;
    /// The deepest nesting of `not` and parentheses.
    pub const MAX_DEPTH: usize = 32;

    /// Reads a condition. Whether its dimensions exist is for the checker.
    pub fn parse(text: &str) -> Result<Self, ConditionError> {
        syntax::parse(text).map(|(condition, _)| condition)
    }

    /// The condition, and where the parts of each comparison stand.
    pub(crate) fn parse_with_places(text: &str) -> Result<(Self, Vec<Place>), ConditionError> {
        syntax::parse(text)
    }

    /// Whether it holds for an overall score and those of dimensions, which are rounded here; `None` when that hangs on
    /// a score that is missing.
    pub fn evaluate(
        &self,
        overall: Option<Decimal>,
        dimension: impl Fn(&Slug) -> Option<Decimal>,
    ) -> Option<bool> {
        let overall = overall.map(rounded);
        let dimension = |id: &Slug| dimension(id).map(rounded);
        self.0.evaluate(&|comparison| {
            comparison.operator.decide(comparison.subject.range(overall, dimension), comparison.value)
        })
    }

    /// The comparisons, from left to right.
    pub fn comparisons(&self) -> Vec<&Comparison> {
        let mut found = Vec::new();
        self.0.collect(&mut found);
        found
    }
}

impl Expression {
    /// Three-valued logic of Kleene: what is unknown decides nothing.
    fn evaluate(&self, compare: &dyn Fn(&Comparison) -> Option<bool>) -> Option<bool> {
        let any_is = |parts: &[Self], decisive: bool| {
            let mut verdict = Some(!decisive);
            for part in parts {
                match part.evaluate(compare) {
                    Some(value) if value == decisive => return Some(decisive),
                    Some(_) => (),
                    None => verdict = None,
                }
            }
            verdict
        };
        match self {
            Self::Compare(comparison) => compare(comparison),
            Self::Not(inner) => inner.evaluate(compare).map(|value| !value),
            Self::All(parts) => any_is(parts, false),
            Self::Any(parts) => any_is(parts, true),
        }
    }

    fn collect<'e>(&'e self, found: &mut Vec<&'e Comparison>) {
        match self {
            Self::Compare(comparison) => found.push(comparison),
            Self::Not(inner) => inner.collect(found),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.collect(found)),
        }
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, binding: u8) -> fmt::Result {
        let (own, word, parts) = match self {
            Self::Compare(Comparison { subject, operator, value }) => {
                return write!(f, "{subject} {operator} {}", value.normalize());
            }
            Self::Not(inner) => {
                f.write_str("not ")?;
                return inner.print(f, 3);
            }
            Self::All(parts) => (2, " and ", parts),
            Self::Any(parts) => (1, " or ", parts),
        };
        let parentheses = own < binding;
        f.write_str(if parentheses { "(" } else { "" })?;
        for (n, part) in parts.iter().enumerate() {
            f.write_str(if n == 0 { "" } else { word })?;
            part.print(f, own + 1)?;
        }
        f.write_str(if parentheses { ")" } else { "" })
    }
}

impl Operator {
    /// Whether the comparison holds.
    pub fn holds(self, score: Decimal, value: Decimal) -> bool {
        match self {
            Self::Less => score < value,
            Self::AtMost => score <= value,
            Self::Equal => score == value,
            Self::NotEqual => score != value,
            Self::AtLeast => score >= value,
            Self::Greater => score > value,
        }
    }

    /// Whether the comparison holds for all that the number on its left may be; `None` where some differ.
    fn decide(self, range: SubjectRange, value: Decimal) -> Option<bool> {
        let is_below = |end: Option<Decimal>, or_equal: bool| {
            end.is_some_and(|end| end < value || (or_equal && end == value))
        };
        let is_above = |end: Option<Decimal>, or_equal: bool| {
            end.is_some_and(|end| end > value || (or_equal && end == value))
        };
        let (yes, no) = match self {
            Self::Less => (is_below(range.most, false), is_above(range.least, true)),
            Self::AtMost => (is_below(range.most, true), is_above(range.least, false)),
            Self::Equal => (
                range.least == Some(value) && range.most == Some(value),
                is_above(range.least, false) || is_below(range.most, false),
            ),
            Self::NotEqual => return Self::Equal.decide(range, value).map(|equal| !equal),
            Self::AtLeast => return Self::Less.decide(range, value).map(|less| !less),
            Self::Greater => return Self::AtMost.decide(range, value).map(|at_most| !at_most),
        };
        (yes || no).then_some(yes)
    }

    /// How it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::AtLeast => ">=",
            Self::Greater => ">",
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.print(f, 0)
    }
}

impl FromStr for Condition {
    type Err = ConditionError;

    fn from_str(text: &str) -> Result<Self, ConditionError> {
        Self::parse(text)
    }
}

impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
