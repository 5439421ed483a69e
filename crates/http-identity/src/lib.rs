//! The identity domain over HTTP.

mod admin;
mod api_keys;
mod auth;
mod authenticator;
mod invitations;
mod jwks;
mod me;
mod members;
mod organizations;
mod second_factors;
mod sessions;
mod views;

use std::sync::Arc;

use actix_web::web::{self, Data};
use http_shell::Sealing;
use identity::{
    Identity,
    credentials::{AccessTokens, Vault},
};
use utoipa_actix_web::service_config::ServiceConfig;

pub use self::authenticator::BearerAuthenticator;

/// The services handlers of this domain call.
type IdentityServices = Data<Identity>;

/// The public half of the signing keys.
type PublicKeys = Data<Arc<dyn AccessTokens>>;

/// What the handlers take as `Data`, for [`http_shell::Parts::services`].
pub fn data(
    identity: Identity,
    tokens: Arc<dyn AccessTokens>,
) -> impl Fn(&mut web::ServiceConfig) + Send + Sync {
    let (identity, tokens) = (IdentityServices::new(identity), PublicKeys::new(tokens));
    move |cfg| {
        cfg.app_data(identity.clone()).app_data(tokens.clone());
    }
}

/// Seals answers that are kept for replay with the vault, under a purpose of their own.
pub fn sealing(vault: Arc<dyn Vault>) -> Sealing {
    const PURPOSE: &str = "idempotent-answer";
    let opener = vault.clone();
    Sealing::new(
        move |plain| vault.seal_global(PURPOSE, plain),
        move |sealed| opener.open_global(PURPOSE, sealed).ok(),
    )
}

/// All routes of the domain.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    auth::routes(cfg);
    me::routes(cfg);
    sessions::routes(cfg);
    second_factors::routes(cfg);
    organizations::routes(cfg);
    members::routes(cfg);
    invitations::routes(cfg);
    api_keys::routes(cfg);
    admin::routes(cfg);
    jwks::routes(cfg);
}
