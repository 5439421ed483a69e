//! The identity services over the in-memory adapters, with a clock that stands still until it is moved.

mod accounts;
mod organizations;
mod registering;
mod second_factors;
mod signing_in;
mod world;
