//! Webhooks over HTTP: the endpoints of an organisation, what was sent to them, and the description of what is sent.
#![deny(missing_docs)]

mod deliveries;
mod endpoints;
mod events;
mod schemas;
mod views;

use std::sync::Arc;

use actix_web::web::{self, Data};
use kernel::Clock;
use utoipa_actix_web::service_config::ServiceConfig;
use webhook::EndpointService;

pub use self::events::{describe, events_page};

/// What the handlers of this domain call.
#[derive(Clone)]
pub struct Services {
    /// The endpoints of organisations.
    pub endpoints: EndpointService,
    /// The time, which tells which keys sign still.
    pub clock: Arc<dyn Clock>,
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
    endpoints::routes(cfg);
    deliveries::routes(cfg);
}
