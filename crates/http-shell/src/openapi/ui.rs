//! The documentation page: Swagger UI, from the binary.

use std::sync::{Arc, LazyLock};

use actix_web::{
    HttpResponse, get,
    http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION},
    web::Path,
};
use utoipa_swagger_ui::{Config, serve};

use super::super::{problem::Problem, response::HandlerResult};

/// Swagger UI writes style attributes and shows icons as data; its scripts are files of our own.
pub(super) const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

static CONFIG: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| {
    let config = Config::from("../openapi.json")
        .use_base_layout()
        .validator_url("none")
        .deep_linking(true)
        .display_operation_id(true)
        .doc_expansion("none")
        .filter(true);
    Arc::new(config)
});

/// Links on the page are relative: it needs the slash.
#[get("/docs")]
pub(super) async fn without_slash() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((LOCATION, "docs/")).finish()
}

#[get("/docs/{file:.*}")]
pub(super) async fn file(file: Path<String>) -> HandlerResult {
    let found = serve(&file, CONFIG.clone()).map_err(|error| Problem::fault(&error))?;
    let found = found.ok_or_else(Problem::unknown_path)?;
    Ok(HttpResponse::Ok()
        .content_type(found.content_type)
        .insert_header((CONTENT_SECURITY_POLICY, CSP))
        .insert_header((CACHE_CONTROL, "public, max-age=3600"))
        .body(found.bytes.into_owned()))
}
