//! The interview: compiled from the guidelines, led question by question, covered as far as code can count.
//!
//! [`Plan::next`] decides what comes next: the opening, each question of each dimension, a follow-up where an
//! answer has fewer than [`WORDS_OF_AN_ANSWER`] words and the style has one left, the closing. An
//! [`Interviewer`] only words it, and [`lead`] says the planned words where theirs will not do, so that an
//! interview goes on whatever becomes of a model. Without one, [`ScriptedInterviewer`] leads it.

mod coverage;
mod interviewer;
mod plan;
mod transcript;
mod wording;

pub use self::{
    coverage::{DimensionCoverage, Extent, WORDS_OF_AN_ANSWER, words},
    interviewer::{
        Brief, FallbackReason, Interviewer, Next, NoWording, ScriptedInterviewer, Utterance, lead,
    },
    plan::{NoOverride, Plan, Prompt, Step, StyleRules},
    transcript::{Purpose, QuestionId, Speaker, Transcript, Turn, TurnOutcome, TurnRefused},
    wording::{WordingRefused, check_wording},
};
