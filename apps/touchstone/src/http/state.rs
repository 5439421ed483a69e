//! What the shell works with: the parts the composition root gives it, and what it makes of them once.

use std::{fmt, sync::Arc};

use actix_web::web::ServiceConfig;
use kernel::{Clock, HealthCheck, IdempotencyClaims, Ids};

use super::{
    allow::Allow,
    context::Authenticator,
    idempotency::Sealing,
    layers::Limiter,
    openapi::{self, Description},
    settings::Settings,
};
use crate::standing::Standing;

/// What the composition root fills in.
pub struct Parts {
    /// What is set.
    pub settings: Settings,
    /// The time, for idempotency claims.
    pub clock: Arc<dyn Clock>,
    /// New request and claim ids.
    pub ids: Arc<dyn Ids>,
    /// Tells who holds a token.
    pub authenticator: Arc<dyn Authenticator>,
    /// Where idempotency claims are kept.
    pub claims: Arc<dyn IdempotencyClaims>,
    /// Seals the answers that are kept for replay.
    pub sealing: Sealing,
    /// Whether storage can serve.
    pub health: Arc<dyn HealthCheck>,
    /// How the audit trail stands.
    pub standing: Standing,
    /// Puts the services in place that handlers take as `Data<T>`:
    /// `Arc::new(move |cfg| { cfg.app_data(data.clone()); })`, with `data` made by `Data::new` outside.
    pub services: Arc<dyn Fn(&mut ServiceConfig) + Send + Sync>,
}

/// The state all workers share.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

struct Shared {
    parts: Parts,
    limiter: Option<Limiter>,
    description: Description,
    allow: Allow,
}

impl AppState {
    /// Prepares what is made once: the OpenAPI document, the table of methods, the rate limiter.
    pub fn new(parts: Parts) -> Self {
        let document = openapi::document();
        let allow = Allow::of(&document);
        let limiter = parts.settings.rates.map(Limiter::new);
        Self(Arc::new(Shared { limiter, allow, description: Description::of(&document), parts }))
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

    pub(crate) fn claims(&self) -> &dyn IdempotencyClaims {
        &*self.0.parts.claims
    }

    pub(crate) fn sealing(&self) -> &Sealing {
        &self.0.parts.sealing
    }

    pub(crate) fn health(&self) -> &dyn HealthCheck {
        &*self.0.parts.health
    }

    pub(crate) fn standing(&self) -> &Standing {
        &self.0.parts.standing
    }

    pub(crate) fn provide(&self, cfg: &mut ServiceConfig) {
        (self.0.parts.services)(cfg);
    }

    pub(crate) fn limiter(&self) -> Option<&Limiter> {
        self.0.limiter.as_ref()
    }

    pub(crate) fn description(&self) -> &Description {
        &self.0.description
    }

    pub(crate) fn allow(&self) -> &Allow {
        &self.0.allow
    }
}

impl fmt::Debug for AppState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AppState")
    }
}
