//! The audit trail over HTTP: reading it, taking it along, and proofs for anyone.
#![deny(missing_docs)]

mod actions;
mod event_view;
mod events;
mod ndjson;
mod proofs;

use actix_web::web::{self, Data};
use audit::{prover::Prover, trail::Trail};
use utoipa_actix_web::service_config::ServiceConfig;

pub use self::actions::Actions;

/// Reads and exports.
type Trails = Data<Trail>;

/// Proves.
type Provers = Data<Prover>;

/// What the handlers take as `Data`, for [`http_shell::Parts::services`].
pub fn data(
    trail: Trail,
    prover: Prover,
    actions: Actions,
) -> impl Fn(&mut web::ServiceConfig) + Send + Sync {
    let (trail, prover, actions) = (Trails::new(trail), Provers::new(prover), Data::new(actions));
    move |cfg| {
        cfg.app_data(trail.clone()).app_data(prover.clone()).app_data(actions.clone());
    }
}

/// All routes of the domain.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    events::routes(cfg);
    proofs::routes(cfg);
}
