//! The HTTP shell: everything between a socket and a domain service, so that a handler only parses, calls and
//! answers.
//!
//! [`server::app`] puts it together, for the real server and for tests alike; [`routes`] shows what a handler
//! looks like. The words a handler needs are re-exported here.

pub mod accept;
pub mod admin;
pub mod allowed_methods;
pub mod checker;
pub mod context;
pub mod extract;
pub mod health;
pub mod idempotency;
pub mod layers;
pub mod openapi;
pub mod pages;
pub mod problem;
pub mod proxies;
pub mod response;
pub mod routes;
pub mod server;
pub mod settings;
pub mod state;

#[cfg(test)]
mod tests;

pub use accept::preferred;
pub use checker::{Checked, Checker};
pub use context::{Anonymous, Authenticator, Caller};
pub use extract::{Document, Field, IfMatch, Json, ListQuery, PageQuery, PathParams, Query, Text};
pub use idempotency::{Idempotent, Sealing};
pub use problem::Problem;
pub use response::{HandlerResult, Paged, accepted, created, no_content, ok, tagged, versioned};
pub use settings::Settings;
pub use state::{AppState, Parts};
