//! The audit trail over HTTP: reading it, taking it along, and proofs for anyone.

mod events;
mod lines;
mod proofs;
mod shown;

use actix_web::web::Data;
use audit::{prover::Prover, trail::Trail};
use utoipa_actix_web::service_config::ServiceConfig;

pub use self::shown::listed_actions;

/// Reads and exports.
pub type Trails = Data<Trail>;

/// Proves.
pub type Provers = Data<Prover>;

/// All routes of the domain.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    events::routes(cfg);
    proofs::routes(cfg);
}
