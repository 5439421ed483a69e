//! Assessments over HTTP: writing them, asking people, taking them, and what came of it.
#![deny(missing_docs)]

mod authoring;
mod campaigns;
mod coaching;
mod guests;
mod marketplace;
mod ratings;
mod results;
mod schemas;
mod sessions;
mod views;

use std::sync::Arc;

use actix_web::web::{self, Data};
use assessment_engine::AssessmentServices;
use utoipa_actix_web::service_config::ServiceConfig;

pub use self::guests::GuestAuthenticator;

/// The services handlers of this domain call.
type Service = Data<AssessmentServices>;

/// What the handlers take as `Data`, for [`http_shell::Parts::services`].
pub fn data(assessments: Arc<AssessmentServices>) -> impl Fn(&mut web::ServiceConfig) + Send + Sync {
    let assessments = Service::from(assessments);
    move |cfg| {
        cfg.app_data(assessments.clone());
    }
}

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
