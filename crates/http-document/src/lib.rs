//! Documents over HTTP: uploading files, listing them, giving them out.
#![deny(missing_docs)]

mod content;
mod documents;
mod form;
mod schemas;
mod upload;
mod views;

use actix_web::{
    http::StatusCode,
    web::{self, Data},
};
use document::{DocumentService, Refused};
use http_shell::Problem;
use utoipa_actix_web::service_config::ServiceConfig;

/// What the handlers of this domain call.
#[derive(Clone)]
pub struct Services {
    /// The documents of organisations.
    pub documents: DocumentService,
    /// Where links lead: the address people and programs reach the API at.
    pub public_url: String,
}

type Service = Data<Services>;

/// What the handlers take as `Data`, for [`http_shell::Parts::services`].
pub fn data(services: Services) -> impl Fn(&mut web::ServiceConfig) + Send + Sync {
    let services = Service::new(services);
    move |cfg| {
        cfg.app_data(services.clone());
    }
}

/// All routes of the domain.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    upload::routes(cfg);
    documents::routes(cfg);
    content::routes(cfg);
}

/// The problem of a refusal: what is too large has a status of its own.
fn problem(refused: Refused) -> Problem {
    match refused {
        Refused::TooLarge { .. } => {
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "request.body_too_large", refused.to_string())
        }
        refused => refused.into(),
    }
}
