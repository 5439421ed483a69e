//! What is served: the operations of all domains.

use http_shell::{Api, tasks};
use platform::DOMAINS;
use utoipa::openapi::{Info, License};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::pages;

/// Everything the shell is told about the API.
pub fn api() -> Api {
    Api { info: info(), routes, domains: DOMAINS, pages: &pages::PATHS }
}

fn routes(cfg: &mut ServiceConfig<'_>) {
    http_identity::routes(cfg);
    http_audit::routes(cfg);
    http_assessments::routes(cfg);
    tasks::routes(cfg);
}

fn info() -> Info {
    let mut info = Info::new("Touchstone", env!("CARGO_PKG_VERSION"));
    info.description = Some(include_str!("api/description.md").to_owned());
    info.license = Some(License::new("MIT OR Apache-2.0"));
    info
}

#[cfg(test)]
mod tests;
