//! The audit trail over HTTP: reading it, taking it along, and proofs for anyone.

mod event_view;
mod events;
mod ndjson;
mod proofs;

use actix_web::web::Data;
use audit::{prover::Prover, trail::Trail};
use utoipa_actix_web::service_config::ServiceConfig;

pub use self::event_view::listed_actions;

/// Reads and exports.
pub type Trails = Data<Trail>;

/// Proves.
pub type Provers = Data<Prover>;

/// All routes of the domain.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    events::routes(cfg);
    proofs::routes(cfg);
}
