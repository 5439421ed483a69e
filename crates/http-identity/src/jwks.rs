//! The public keys access tokens are checked with.

use actix_web::get;
use http_shell::{HandlerResult, ok};
use utoipa_actix_web::service_config::ServiceConfig;

use super::PublicKeys;

pub(super) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(jwks);
}

/// The public keys access tokens are checked with, as a JSON Web Key Set (RFC 7517).
#[utoipa::path(
    operation_id = "identity.jwks", tag = "identity",
    responses(
        (status = 200, description = "The keys", body = serde_json::Value, example = json!({ "keys": [{
            "kty": "EC", "crv": "P-256", "kid": "wJq…", "use": "sig", "alg": "ES256", "x": "f83O…", "y": "x_FE…"
        }] }))
    )
)]
#[get("/.well-known/jwks.json")]
async fn jwks(tokens: PublicKeys) -> HandlerResult {
    Ok(ok(&tokens.jwks()))
}
