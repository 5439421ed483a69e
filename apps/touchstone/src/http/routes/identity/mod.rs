//! The identity domain over HTTP.

pub mod admin;
pub mod api_keys;
pub mod auth;
pub mod invitations;
pub mod jwks;
pub mod me;
pub mod members;
pub mod organizations;
pub mod second_factors;
pub mod sessions;
mod views;

use actix_web::web::Data;
use identity::{Identity, credentials::AccessTokens};
use std::sync::Arc;
use utoipa_actix_web::service_config::ServiceConfig;

/// The services handlers of this domain call.
pub type IdentityServices = Data<Identity>;

/// The public half of the signing keys.
pub type PublicKeys = Data<Arc<dyn AccessTokens>>;

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
