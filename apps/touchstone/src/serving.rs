//! Between the composition root and the HTTP shell.

use std::{io, net::TcpListener, num::NonZeroU32, sync::Arc};

use actix_web::web::Data;
use assessment_engine::{GuestToken, GuestTokens, ports::GUEST_TOKEN_PREFIX};
use async_trait::async_trait;
use identity::{authentication::AuthenticationService, credentials::AccessTokens};
use kernel::{Actor, Ctx, Scope, Timestamp};
use platform::Platform;
use tokio::task::JoinHandle;

use crate::{
    config::Settings,
    http::{self, AppState, Authenticator, Parts, Problem, Sealing, settings::Rates},
};

/// The state of the HTTP shell over these services. Handlers take a domain's services as `Data`, such as
/// `Data<Identity>`.
pub fn state(platform: &Platform, settings: http::Settings) -> AppState {
    let identity = Data::new(platform.identity.clone());
    let tokens: Data<Arc<dyn AccessTokens>> = Data::new(platform.tokens.clone());
    let trail = Data::new(platform.audit.trail.clone());
    let prover = Data::new(platform.audit.prover.clone());
    let (assessments, task_service) =
        (Data::from(platform.assessments.clone()), Data::new(platform.task_service.clone()));
    let authenticator = BearerAuthenticator {
        accounts: platform.identity.authentication.clone(),
        guest_tokens: platform.guest_tokens.clone(),
    };
    AppState::new(Parts {
        settings,
        clock: platform.clock.clone(),
        ids: platform.ids.clone(),
        authenticator: Arc::new(authenticator),
        idempotency: platform.idempotency.clone(),
        sealing: Sealing::with(&platform.vault),
        health: platform.health.clone(),
        trail_health: platform.trail_health.clone(),
        services: Arc::new(move |config| {
            config.app_data(identity.clone()).app_data(tokens.clone());
            config.app_data(trail.clone()).app_data(prover.clone());
            config.app_data(assessments.clone()).app_data(task_service.clone());
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

struct BearerAuthenticator {
    accounts: Arc<AuthenticationService>,
    guest_tokens: Arc<dyn GuestTokens>,
}

#[async_trait]
impl Authenticator for BearerAuthenticator {
    async fn authenticate(&self, token: &str, base: &Ctx, now: Timestamp) -> Result<Ctx, Problem> {
        if !token.starts_with(GUEST_TOKEN_PREFIX) {
            return Ok(self.accounts.authenticate(base, token).await?);
        }
        let guest = self.guest_tokens.read(token).filter(|guest| now < guest.expires_at);
        let GuestToken { organization, origin, expires_at: _ } =
            guest.ok_or_else(Problem::unauthenticated)?;
        let actor = Actor::Guest { invitation: origin.id(), organization };
        Ok(Ctx { actor, ..base.within(Scope::Tenant(organization)) })
    }
}

#[cfg(test)]
mod tests;
