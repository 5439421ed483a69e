//! The identity services over the in-memory adapters, with a clock that stands still until it is moved.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod accounts;
mod hardening;
mod organization_letters;
mod organizations;
mod other_domains;
mod registrations;
mod second_factors;
mod sign_in;
mod temporary_passwords;
mod throttling;
mod trail;
mod world;
