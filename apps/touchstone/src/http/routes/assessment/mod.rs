//! Assessments over HTTP: writing them, asking people, taking them, and what came of it.

mod authoring;
mod campaigns;
mod coaching;
mod marketplace;
mod ratings;
mod results;
mod sessions;
mod views;

use actix_web::web::Data;
use assessment_engine::AssessmentServices;
use utoipa_actix_web::service_config::ServiceConfig;

/// The services handlers of this domain call.
pub type Service = Data<AssessmentServices>;

/// All routes of the domain.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    authoring::routes(cfg);
    marketplace::routes(cfg);
    campaigns::routes(cfg);
    coaching::routes(cfg);
    sessions::routes(cfg);
    ratings::routes(cfg);
    results::routes(cfg);
}
