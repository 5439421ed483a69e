//! One test binary for what spans crates.
#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod architecture;
mod asvs;
mod contracts;
mod domains;
mod http;
mod links;
mod prose;
mod readers;
mod state_machine;
