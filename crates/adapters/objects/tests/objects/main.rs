//! What every store of objects promises, and what is particular to each.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod cases;
mod errors;
mod folder;
mod promises;
