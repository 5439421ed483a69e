//! What the shell works with: the parts the composition root gives it, and what it makes of them once.

use std::{fmt, sync::Arc};

use actix_web::web::ServiceConfig;
use kernel::{Clock, HealthCheck, IdempotencyStore, Ids, Sealing};

use super::{
    Api, allowed_methods::AllowedMethods, context::Authenticator, health::TrailReport, layers::Limiter,
    openapi::Description, settings::Settings,
};

/// What the composition root fills in.
pub struct Parts {
    /// What is served.
    pub api: Api,
    /// What is set.
    pub settings: Settings,
    /// The time, for idempotent requests.
    pub clock: Arc<dyn Clock>,
    /// New ids of requests.
    pub ids: Arc<dyn Ids>,
    /// Tells who holds a token.
    pub authenticator: Arc<dyn Authenticator>,
    /// Where requests that run once are kept.
    pub idempotency: Arc<dyn IdempotencyStore>,
    /// Seals the answers that are kept for replay.
    pub sealing: Arc<dyn Sealing>,
    /// Whether storage can serve.
    pub health: Arc<dyn HealthCheck>,
    /// Tells how the audit trail stands.
    pub trail_report: Arc<dyn Fn() -> TrailReport + Send + Sync>,
    /// Puts the services in place that handlers take as `Data<T>`, and the pages beside the operations:
    /// `Arc::new(move |cfg| { cfg.app_data(data.clone()); })`, with `data` made by `Data::new` outside.
    pub services: Arc<dyn Fn(&mut ServiceConfig) + Send + Sync>,
}

/// The state all workers share.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

struct Shared {
    parts: Parts,
    limiter: Option<Arc<Limiter>>,
    description: Description,
    allowed_methods: AllowedMethods,
}

impl AppState {
    /// Prepares what is made once: the OpenAPI document, the table of methods, the rate limiter.
    pub fn new(parts: Parts) -> Self {
        let document = parts.api.document();
        let allowed_methods = AllowedMethods::of(&document, parts.api.pages);
        let limiter = parts.settings.rates.map(|rates| Arc::new(Limiter::new(rates)));
        Self(Arc::new(Shared { limiter, allowed_methods, description: Description::of(&document), parts }))
    }

    pub(crate) fn api(&self) -> &Api {
        &self.0.parts.api
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.parts.settings
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.0.parts.clock
    }

    pub(crate) fn ids(&self) -> &dyn Ids {
        &*self.0.parts.ids
    }

    pub(crate) fn authenticator(&self) -> &dyn Authenticator {
        &*self.0.parts.authenticator
    }

    pub(crate) fn idempotency(&self) -> &dyn IdempotencyStore {
        &*self.0.parts.idempotency
    }

    pub(crate) fn sealing(&self) -> &dyn Sealing {
        &*self.0.parts.sealing
    }

    pub(crate) fn health(&self) -> &dyn HealthCheck {
        &*self.0.parts.health
    }

    pub(crate) fn trail_report(&self) -> TrailReport {
        (self.0.parts.trail_report)()
    }

    pub(crate) fn provide(&self, cfg: &mut ServiceConfig) {
        (self.0.parts.services)(cfg);
    }

    pub(crate) fn limiter(&self) -> Option<&Arc<Limiter>> {
        self.0.limiter.as_ref()
    }

    pub(crate) fn description(&self) -> &Description {
        &self.0.description
    }

    pub(crate) fn allowed_methods(&self) -> &AllowedMethods {
        &self.0.allowed_methods
    }
}

impl fmt::Debug for AppState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AppState")
    }
}
