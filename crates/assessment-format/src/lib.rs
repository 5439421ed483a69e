//! Assessments as text: a format people write, the rules of taking one, and scoring that explains itself.
//!
//! # The words
//!
//! A [`Definition`] is what an assessment consists of; it is read from markdown ([`parse`]) or JSON
//! ([`check_json`]), and whatever is wrong is a [`Diagnostic`] with its place. Its **dimensions** are scored on one
//! scale, its **categories** are what a person may come out with. A [`Session`] takes replies and turns, a
//! [`Rating`] judges what was said, a [`Scorer`] makes a result of both, and [`disclosure`] and [`summary`] decide
//! what is seen of it. [`comparison`] tells a change of wording from one of scoring.
//!
//! All of that is a library without storage, permissions or organisations; what an organisation does with
//! assessments is the crate `assessment-engine`. `FORMAT.md` beside the sources is the format to the letter.
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
//! let file = template("Team spirit");
//! let definition = parse(&file).definition.expect("the template is whole");
//! let answers = Answers::read(r#"{ "d1": {"step": 5}, "d2": {"step": 2}, "d3": {"option": 2} }"#, &definition)?;
//! let (outcome, explanation) = Scorer::new(&definition).explain(&answers, &Ratings::default());
//! let shown = |score: Option<assessment_format::Score>| score.map(|score| score.to_string());
//! assert_eq!(shown(outcome.dimensions[0]).as_deref(), Some("4.67"));
//! assert_eq!(outcome.overall, None, "too little was answered, and nothing is guessed");
//! assert!(!explanation.dimensions[1].left_out.is_empty(), "what was left out is told");
//!
//! let bare = "---\nschema: assessment/1\nname: Team spirit\n---\n";
//! let refused = parse(bare);
//! assert!(refused.definition.is_none());
//! assert!(refused.render("bare.md", bare).contains("--> bare.md:"), "each fault is told with its place");
//! # Ok::<(), assessment_format::session::AnswersRefused>(())
//! ```
#![deny(missing_docs)]

mod check;
mod code;
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
pub mod summary;
mod template;
pub mod version;

pub use condition::{Condition, rounded};
pub use definition::{Content, Definition};
pub use diagnostic::{Code, Diagnostic, Faults, Place, Severity, render};
pub use interview::{Interviewer, Plan, Transcript};
pub use json::{check_json, parse_json};
pub use markdown::{format, parse, print};
pub use prose::slug::{self, Slug};
pub use rating::{Rater, Rating, Ratings};
pub use scoring::{Explanation, SCORER_VERSION, Score, Scorer};
pub use session::{Answers, Reply, Session};
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

impl Checked {
    fn into_result(self) -> Result<Definition, Faults> {
        let faults = || prose::Faults(self.diagnostics.into_iter().filter(Diagnostic::is_error).collect());
        self.definition.ok_or_else(faults)
    }

    /// What is wrong or worth knowing, each with an excerpt of the file it is about, as [`render()`] writes it; `path`
    /// is what the file is called.
    pub fn render(&self, path: &str, source: &str) -> String {
        render(&self.diagnostics, path, source)
    }
}
