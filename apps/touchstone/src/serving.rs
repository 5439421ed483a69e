//! Between the composition root and the HTTP shell.

use std::{io, net::TcpListener, num::NonZeroU32, sync::Arc};

use actix_web::web::Data;
use assessment_engine::custom::{Guest, Passes, ports::PASS_PREFIX};
use async_trait::async_trait;
use identity::{authentication::Authentication, credentials::AccessTokens};
use kernel::{Actor, Ctx, Scope, Timestamp};
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
    let (assessing, desk) = (Data::from(touchstone.assessing.clone()), Data::new(touchstone.desk.clone()));
    let bearers =
        Bearers { accounts: touchstone.identity.authentication.clone(), guests: touchstone.guests.clone() };
    AppState::new(Parts {
        settings,
        clock: touchstone.clock.clone(),
        ids: touchstone.ids.clone(),
        authenticator: Arc::new(bearers),
        claims: touchstone.claims.clone(),
        sealing: Sealing::with(&touchstone.vault),
        health: touchstone.health.clone(),
        standing: touchstone.standing.clone(),
        services: Arc::new(move |config| {
            config.app_data(identity.clone()).app_data(tokens.clone());
            config.app_data(trail.clone()).app_data(prover.clone());
            config.app_data(assessing.clone()).app_data(desk.clone());
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

struct Bearers {
    accounts: Arc<Authentication>,
    guests: Arc<dyn Passes>,
}

#[async_trait]
impl Authenticator for Bearers {
    async fn authenticate(&self, token: &str, base: &Ctx, now: Timestamp) -> Result<Ctx, Problem> {
        if !token.starts_with(PASS_PREFIX) {
            return Ok(self.accounts.authenticate(base, token).await?);
        }
        let guest = self.guests.read(token).filter(|guest| now < guest.expires_at);
        let Guest { organization, origin, expires_at: _ } = guest.ok_or_else(Problem::unauthenticated)?;
        let actor = Actor::Guest { invitation: origin.id(), organization };
        Ok(Ctx { actor, ..base.within(Scope::Tenant(organization)) })
    }
}
