//! Notifications over HTTP: the inbox, an open stream of what comes, and how one wants to be told.
#![deny(missing_docs)]

mod inbox;
mod preferences;
mod stream;
mod unsubscribing;
mod views;

use std::sync::Arc;

use actix_web::web::{self, Data};
use http_shell::Authenticator;
use kernel::Clock;
use notification::{MailLinkService, NotificationService, Settings};
use utoipa_actix_web::service_config::ServiceConfig;

/// What the handlers of this domain call.
#[derive(Clone)]
pub struct Services {
    /// Inboxes.
    pub notifications: NotificationService,
    /// Links in mails.
    pub mail_links: MailLinkService,
    /// Tells whether who opened a stream is still who they were.
    pub authenticator: Arc<dyn Authenticator>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where links lead.
    pub settings: Arc<Settings>,
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
    inbox::routes(cfg);
    preferences::routes(cfg);
    stream::routes(cfg);
    unsubscribing::routes(cfg);
}
