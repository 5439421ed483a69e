//! The services of assessments over the in-memory adapters, with a clock that stands still until it is moved.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod asked;
mod assigning;
mod authoring;
mod belonging;
mod campaigns;
mod coaching;
mod judging;
mod letters;
mod marketplace;
mod promises;
mod rescoring;
mod results;
mod sitting;
mod taking;
mod world;
