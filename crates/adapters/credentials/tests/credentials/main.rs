//! What the adapters promise their ports, from outside.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod long_passwords;
mod passwords;
mod rotation;
mod support;
mod tokens;
mod trail;
mod vault;
