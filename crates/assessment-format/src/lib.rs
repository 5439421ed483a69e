//! Assessments as text: a format people write, the rules of taking one, and scoring that explains itself.
//!
//! # The words
//!
//! A [`Definition`] is what an assessment consists of; it is read from markdown ([`parse`]) or JSON ([`check_json`]), and
//! whatever is wrong is a [`Diagnostic`] with its place. Its **dimensions** are scored on one scale, its **categories** are what
//! a person may come out with. A [`Session`] takes replies and turns, a [`Rating`] judges what was said, a [`Scorer`] makes a
//! result of both, and [`disclosure`] and [`summary`] decide what is seen of it. [`comparison`] tells a change of wording
//! from one of scoring.
//!
//! All of that is a library without storage, permissions or organisations; what an organisation does with assessments is
//! the crate `assessment-engine`. `FORMAT.md` beside the sources is the format to the letter.
//!
//! # What always holds
//!
//! - What is printed reads back as the same definition; the same definition, answers and ratings give the same bytes.
//! - Numbers are decimal. What is missing is left out, never guessed.
//! - Every fault is told in one pass, with its place, why it is one, and how to mend it; hostile input ends in one.
//!
//! ```
//! use assessment_format::{Answers, Ratings, Scorer, parse, template};
//!
//! let checked = parse(template("Team spirit"));
//! let definition = checked.definition.expect("the template is whole");
//! let scorer = Scorer::new(&definition);
//! let (outcome, explanation) = scorer.explain(&Answers::default(), &Ratings::default());
//! assert_eq!(outcome.overall, None, "nothing was answered, and nothing is guessed");
//! assert!(!explanation.dimensions[0].left_out.is_empty(), "what was left out is told");
//!
//! let faults = parse("---\nschema: assessment/1\nname: Team spirit\n---\n").diagnostics;
//! assert!(faults.iter().any(|fault| fault.is_error() && fault.hint.is_some()));
//! ```
#![deny(missing_docs)]

mod check;
pub mod comparison;
pub mod condition;
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
