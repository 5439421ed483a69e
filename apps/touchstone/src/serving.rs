//! Between the composition root and the HTTP shell.

use std::{io, net::TcpListener, num::NonZeroU32, sync::Arc};

use http_assessments::GuestAuthenticator;
use http_identity::BearerAuthenticator;
use http_shell::{AppState, Authenticator, Parts, health::TrailReport, settings::Rates};
use platform::Platform;
use tokio::task::JoinHandle;

use crate::{api, config::Settings, pages};

/// The state of the HTTP shell over these services. Handlers take a domain's services as `Data`, such as
/// `Data<Identity>`.
pub fn state(platform: &Platform, settings: http_shell::Settings) -> AppState {
    let authenticator: Arc<dyn Authenticator> = Arc::new(GuestAuthenticator {
        guest_tokens: platform.guest_tokens.clone(),
        others: Arc::new(BearerAuthenticator(platform.identity.authentication.clone())),
    });
    let (services, trail_health) =
        (api::services(platform, authenticator.clone()), platform.trail_health.clone());
    AppState::new(Parts {
        api: api::api(),
        settings,
        clock: platform.clock.clone(),
        ids: platform.ids.clone(),
        authenticator,
        idempotency: platform.idempotency.clone(),
        sealing: platform.sealing.clone(),
        health: platform.health.clone(),
        trail_report: Arc::new(move || TrailReport {
            soundness: trail_health.soundness().name(),
            lag: trail_health.lag(),
        }),
        services: Arc::new(move |cfg| {
            cfg.configure(&services).configure(pages::routes);
        }),
    })
}

/// The shell's settings.
pub fn settings(settings: &Settings) -> http_shell::Settings {
    let limits = settings.limits;
    let rate = |requests| NonZeroU32::new(requests).unwrap_or(NonZeroU32::MIN);
    let rates =
        Rates { anonymous: rate(limits.anonymous_per_minute), account: rate(limits.account_per_minute) };
    http_shell::Settings {
        trusted_proxies: settings.trusted_proxies.iter().copied().collect(),
        cors_origins: settings.cors_origins.clone(),
        rates: limits.rate_limits.then_some(rates),
        log_client_addresses: settings.log.client_addresses,
        workers: settings.http.workers,
        ..http_shell::Settings::default()
    }
}

/// Serves on the listener until `shutdown` resolves; the task ends when the last request is answered.
pub fn serve(
    listener: TcpListener,
    state: AppState,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> JoinHandle<io::Result<()>> {
    tokio::spawn(http_shell::server::serve(listener, state, shutdown))
}

#[cfg(test)]
mod tests;
