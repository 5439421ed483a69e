//! Between the composition root and the HTTP shell.

use std::{io, net::TcpListener, num::NonZeroU32, sync::Arc};

use actix_web::web::Data;
use async_trait::async_trait;
use identity::{authentication::Authentication, credentials::AccessTokens};
use kernel::Ctx;
use tokio::task::JoinHandle;

use crate::{
    compose::Touchstone,
    config::Settings,
    http::{self, AppState, Authenticator, Parts, Problem, Sealing, settings::Rates},
};

/// The state of the HTTP shell over these services. Handlers take a domain's services as `Data`, such as
/// `Data<Identity>`.
pub fn state(touchstone: &Touchstone, settings: http::Settings) -> AppState {
    let identity = Data::new(touchstone.identity.clone());
    let tokens: Data<Arc<dyn AccessTokens>> = Data::new(touchstone.tokens.clone());
    let trail = Data::new(touchstone.audit.trail.clone());
    let prover = Data::new(touchstone.audit.prover.clone());
    AppState::new(Parts {
        settings,
        clock: touchstone.clock.clone(),
        ids: touchstone.ids.clone(),
        authenticator: Arc::new(Bearers(touchstone.identity.authentication.clone())),
        claims: touchstone.claims.clone(),
        sealing: Sealing::with(&touchstone.vault),
        health: touchstone.health.clone(),
        standing: touchstone.standing.clone(),
        services: Arc::new(move |config| {
            config.app_data(identity.clone()).app_data(tokens.clone());
            config.app_data(trail.clone()).app_data(prover.clone());
        }),
    })
}

/// The shell's settings.
pub fn settings(settings: &Settings) -> http::Settings {
    let limits = settings.limits;
    let rate = |requests| NonZeroU32::new(requests).unwrap_or(NonZeroU32::MIN);
    let rates =
        Rates { anonymous: rate(limits.anonymous_per_minute), account: rate(limits.account_per_minute) };
    http::Settings {
        trusted_proxies: settings.trusted_proxies.iter().copied().collect(),
        cors_origins: settings.cors_origins.clone(),
        rates: limits.rate_limits.then_some(rates),
        workers: settings.http.workers,
        ..http::Settings::default()
    }
}

/// Serves on the listener until `shutdown` resolves; the task ends when the last request is answered.
pub fn serve(
    listener: TcpListener,
    state: AppState,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> JoinHandle<io::Result<()>> {
    tokio::spawn(http::server::serve(listener, state, shutdown))
}

struct Bearers(Arc<Authentication>);

#[async_trait]
impl Authenticator for Bearers {
    async fn authenticate(&self, token: &str, base: &Ctx) -> Result<Ctx, Problem> {
        Ok(self.0.authenticate(base, token).await?)
    }
}
