//! The services of assessments over the in-memory adapters, with a clock that stands still until it is moved.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod assigning;
mod authoring;
mod campaign_fixture;
mod campaigns;
mod coaching;
mod mails;
mod marketplace;
mod participants;
mod promises;
mod ratings;
mod rescoring;
mod results;
mod session_fixture;
mod sessions;
mod world;
