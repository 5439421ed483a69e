//! Which origins browsers may call from: a fixed list.

use actix_cors::Cors;
use actix_web::http::header;

use super::super::settings::Settings;

/// Allows the listed origins what the API needs, without cookies; no other origin is allowed anything.
pub(crate) fn cors(settings: &Settings) -> Cors {
    let cors = Cors::default()
        .allowed_methods(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers([
            header::ACCEPT,
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_MATCH,
            header::IF_NONE_MATCH,
            header::HeaderName::from_static("idempotency-key"),
            header::HeaderName::from_static("x-request-id"),
        ])
        .expose_headers([
            "Content-Disposition",
            "ETag",
            "Location",
            "Retry-After",
            "Idempotency-Replayed",
            "X-Request-Id",
        ])
        .max_age(600);
    settings.cors_origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}
