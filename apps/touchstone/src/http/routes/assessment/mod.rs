//! Assessments over HTTP: writing them, asking people, taking them, and what came of it.

mod authoring;
mod campaigns;
mod coaching;
mod judging;
mod marketplace;
mod results;
mod taking;
mod views;

use actix_web::web::Data;
use assessment_engine::custom::Assessing;
use utoipa_actix_web::service_config::ServiceConfig;

/// The services handlers of this domain call.
pub type Service = Data<Assessing>;

/// All routes of the domain.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    authoring::routes(cfg);
    marketplace::routes(cfg);
    campaigns::routes(cfg);
    coaching::routes(cfg);
    taking::routes(cfg);
    judging::routes(cfg);
    results::routes(cfg);
}
