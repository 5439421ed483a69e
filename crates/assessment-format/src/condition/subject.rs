//! What a condition compares: a score, or what is made of several.

use std::fmt;

use rust_decimal::Decimal;

use super::Operator;
use crate::slug::Slug;

/// What is compared. Dimensions stand there by their ids, each once, at least one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// The overall score.
    Overall,
    /// That of a dimension.
    Dimension(Slug),
    /// The lowest score: `min(a, b)`.
    Minimum(Vec<Slug>),
    /// The highest score: `max(a, b)`.
    Maximum(Vec<Slug>),
    /// The scores, as shown, added up: `sum(a, b)`.
    Sum(Vec<Slug>),
    /// How many of the scores compare so with a number: `count(a, b >= 4)`.
    Count(Vec<Slug>, Operator, Decimal),
}

/// What a subject may be where scores are missing: one number where none is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubjectRange {
    /// The least; `None` for without bound.
    pub least: Option<Decimal>,
    /// The most; `None` for without bound.
    pub most: Option<Decimal>,
}

impl Subject {
    /// The functions, as they are written, each with an example.
    pub(super) const FUNCTIONS: [(&str, &str); 4] = [
        ("min", "min(a, b) >= 3"),
        ("max", "max(a, b) >= 3"),
        ("sum", "sum(a, b) > 7"),
        ("count", "count(a, b, c >= 4) >= 2"),
    ];

    /// The dimensions it is made of; none for the overall score.
    pub fn dimensions(&self) -> &[Slug] {
        match self {
            Self::Overall => &[],
            Self::Dimension(id) => std::slice::from_ref(id),
            Self::Minimum(ids) | Self::Maximum(ids) | Self::Sum(ids) | Self::Count(ids, ..) => ids,
        }
    }

    /// What it is for scores that are rounded.
    pub(super) fn range(
        &self,
        overall: Option<Decimal>,
        dimension: impl Fn(&Slug) -> Option<Decimal>,
    ) -> SubjectRange {
        let known = || self.dimensions().iter().filter_map(&dimension);
        let missing = self.dimensions().len() - known().count();
        let complete = |number: Option<Decimal>| number.filter(|_| missing == 0);
        let (least, most) = match self {
            Self::Overall => (overall, overall),
            Self::Dimension(_) => (known().next(), known().next()),
            Self::Minimum(_) => (complete(known().min()), known().min()),
            Self::Maximum(_) => (known().max(), complete(known().max())),
            Self::Sum(_) => {
                let sum = complete(Some(known().sum()));
                (sum, sum)
            }
            Self::Count(_, operator, value) => {
                let held = known().filter(|score| operator.holds(*score, *value)).count();
                (Some(held.into()), Some((held + missing).into()))
            }
        };
        SubjectRange { least, most }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let function = match self {
            Self::Overall => return f.write_str("overall"),
            Self::Dimension(id) => return id.fmt(f),
            Self::Minimum(_) => "min",
            Self::Maximum(_) => "max",
            Self::Sum(_) => "sum",
            Self::Count(..) => "count",
        };
        let ids: Vec<&str> = self.dimensions().iter().map(Slug::as_str).collect();
        write!(f, "{function}({}", ids.join(", "))?;
        if let Self::Count(_, operator, value) = self {
            write!(f, " {operator} {}", value.normalize())?;
        }
        f.write_str(")")
    }
}
