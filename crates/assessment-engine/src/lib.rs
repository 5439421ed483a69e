//! Assessments an organisation writes itself.
#![deny(missing_docs)]

mod check;
pub mod comparison;
pub mod condition;
pub mod custom;
pub mod definition;
pub mod diagnostic;
pub mod disclosure;
mod headings;
pub mod interview;
mod json;
pub mod markdown;
pub mod rating;
pub mod scoring;
pub mod session;
pub mod slug;
pub mod summary;
mod template;
mod text;
mod tree;
pub mod version;

pub use condition::{Condition, rounded};
pub use definition::{Content, Definition};
pub use diagnostic::{Code, Diagnostic, Faults, Place, Severity, render};
pub use interview::{Interviewer, Plan, Transcript};
pub use json::{check_json, parse_json};
pub use markdown::{format, parse, print};
pub use rating::{Rater, Rating, Ratings};
pub use scoring::{Explanation, SCORER_VERSION, Score, Scorer};
pub use session::{Answers, Reply, Session};
pub use slug::Slug;
pub use template::template;
pub use version::Version;

/// The outcome of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The definition, where there was no error.
    pub definition: Option<Definition>,
    /// Everything that is wrong or worth knowing.
    pub diagnostics: Vec<Diagnostic>,
}
