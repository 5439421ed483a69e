//! The identity domain over HTTP: its operations, for any actix application.
//!
//! ```
//! use std::sync::Arc;
//! use actix_web::{test, web};
//! use http_identity::BearerAuthenticator;
//! use http_shell::{Api, AppState, Parts, Settings, health::TrailReport, server};
//! use mail::MemoryMailer;
//! use platform::{Options, Platform};
//! use serde_json::json;
//! use utoipa::openapi::Info;
//!
//! # #[actix_web::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let platform = Platform::in_memory(Options::for_tests(Arc::new(MemoryMailer::new()))).await?;
//! let data = http_identity::data(
//!     platform.identity.clone(),
//!     platform.tokens.clone(),
//!     platform.personal_data.clone(),
//! );
//! let state = AppState::new(Parts {
//!     api: Api {
//!         info: Info::new("A service of one's own", "1.0.0"),
//!         routes: http_identity::routes,
//!         describe: |_| {},
//!         domains: &[&identity::DOMAIN],
//!         pages: &["/hello"],
//!     },
//!     settings: Settings::default(),
//!     clock: platform.clock.clone(),
//!     ids: platform.ids.clone(),
//!     authenticator: Arc::new(BearerAuthenticator(platform.identity.authentication.clone())),
//!     idempotency: platform.idempotency.clone(),
//!     sealing: platform.sealing.clone(),
//!     health: platform.health.clone(),
//!     trail_report: Arc::new(|| TrailReport::UNKNOWN),
//!     services: Arc::new(move |cfg| {
//!         cfg.configure(&data);
//!     }),
//! });
//! // An actix application as any other: it takes routes of one's own beside these.
//! let app = server::app(&state).route("/hello", web::get().to(async || "hello"));
//! let app = test::init_service(app).await;
//! let ann = json!({ "email": "ann@example.org", "password": "plinth-orbit-walnut-sieve" });
//! let register = test::TestRequest::post().uri("/v1/auth/register").set_json(ann);
//! assert_eq!(test::call_service(&app, register.to_request()).await.status(), 202);
//! let hello = test::TestRequest::get().uri("/hello");
//! assert_eq!(test::call_and_read_body(&app, hello.to_request()).await, "hello");
//! # Ok(())
//! # }
//! ```
#![deny(missing_docs)]

mod admin;
mod api_keys;
mod auth;
mod authenticator;
mod invitations;
mod jwks;
mod me;
mod members;
mod organizations;
mod schemas;
mod second_factors;
mod sessions;
mod unsubscribing;
mod views;

use std::sync::Arc;

use actix_web::web::{self, Data};
use identity::{Identity, credentials::AccessTokens};
use kernel::PersonalData;
use utoipa_actix_web::service_config::ServiceConfig;

pub use self::authenticator::BearerAuthenticator;

/// The services handlers of this domain call.
type IdentityServices = Data<Identity>;

/// The public half of the signing keys.
type PublicKeys = Data<Arc<dyn AccessTokens>>;

/// What the other domains keep of people.
type PersonalDomains = Data<Vec<Arc<dyn PersonalData>>>;

/// What the handlers take as `Data`, for [`http_shell::Parts::services`].
pub fn data(
    identity: Identity,
    tokens: Arc<dyn AccessTokens>,
    personal_data: Vec<Arc<dyn PersonalData>>,
) -> impl Fn(&mut web::ServiceConfig) + Send + Sync {
    let (identity, tokens) = (IdentityServices::new(identity), PublicKeys::new(tokens));
    let personal_data = PersonalDomains::new(personal_data);
    move |cfg| {
        cfg.app_data(identity.clone()).app_data(tokens.clone()).app_data(personal_data.clone());
    }
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
    unsubscribing::routes(cfg);
    admin::routes(cfg);
    jwks::routes(cfg);
}
