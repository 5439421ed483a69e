//! What is served: the operations of all domains, and the services they call.

use std::sync::Arc;

use actix_web::web::{self, Data};
use http_audit::Actions;
use http_shell::{Api, Authenticator, tasks};
use platform::{DOMAINS, EVENTS, Platform};
use utoipa::openapi::{Info, License, OpenApi};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::pages;

/// Everything the shell is told about the API.
pub fn api() -> Api {
    let describe = |document: &mut OpenApi| http_webhook::describe(document, &EVENTS);
    Api { info: info(), routes, describe, domains: DOMAINS, pages: &pages::PATHS }
}

fn routes(cfg: &mut ServiceConfig<'_>) {
    http_identity::routes(cfg);
    http_audit::routes(cfg);
    http_assessments::routes(cfg);
    http_document::routes(cfg);
    http_notification::routes(cfg);
    http_webhook::routes(cfg);
    tasks::routes(cfg);
}

/// What the handlers of all domains take as `Data`.
pub(crate) fn services(
    platform: &Platform,
    authenticator: Arc<dyn Authenticator>,
) -> impl Fn(&mut web::ServiceConfig) + Send + Sync + use<> {
    let platform = platform.clone();
    let Platform { identity, audit, assessments, documents, notifications, webhooks, .. } = platform;
    let Platform { tokens, task_service, personal_data, clock, .. } = platform;
    let documents = http_document::data(http_document::Services {
        documents: documents.service,
        public_url: identity.public_url().to_owned(),
    });
    let identity = http_identity::data(identity, tokens, personal_data);
    let audit = http_audit::data(audit.trail, audit.prover, Actions::of(DOMAINS));
    let assessments = http_assessments::data(assessments);
    let notifications = http_notification::data(http_notification::Services {
        notifications: notifications.service,
        mail_links: notifications.mail_links,
        authenticator,
        clock: clock.clone(),
        settings: notifications.settings,
    });
    let webhooks = http_webhook::data(http_webhook::Services { endpoints: webhooks.endpoints, clock });
    let task_service = Data::new(task_service);
    move |cfg| {
        cfg.configure(&identity).configure(&audit).configure(&assessments).configure(&notifications);
        cfg.configure(&documents).configure(&webhooks).app_data(task_service.clone());
    }
}

fn info() -> Info {
    let mut info = Info::new("Touchstone", env!("CARGO_PKG_VERSION"));
    info.description = Some(include_str!("api/description.md").to_owned());
    info.license = Some(License::new("MIT OR Apache-2.0"));
    info
}

#[cfg(test)]
mod tests;
