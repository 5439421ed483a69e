//! The description of the API: OpenAPI 3.1 at `/openapi.json`, a page to read and try it at `/docs/`, and the
//! page that explains the codes of errors.

mod complete;
mod errors;
mod schemas;
mod ui;

use std::fmt::Write as _;

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{CACHE_CONTROL, ETAG},
    web::{Bytes, Data, ServiceConfig},
};
use sha2::{Digest as _, Sha256};
use utoipa::openapi::OpenApi;

pub(crate) use self::complete::{SCOPE_MISSING, complete};
use super::{
    response::{has, not_modified},
    state::AppState,
};

/// The paths of this module that are no operations.
pub(crate) const PATHS: [&str; 4] = ["/openapi.json", "/docs", "/docs/errors", "/docs/{file:.*}"];

/// The document as it is sent.
pub(crate) struct Description {
    json: Bytes,
    tag: String,
}

impl Description {
    pub(crate) fn of(document: &OpenApi) -> Self {
        let json = document.to_json().unwrap_or_default();
        let tag = Sha256::digest(&json).iter().take(12).fold(String::new(), |mut tag, octet| {
            let _ = write!(tag, "{octet:02x}");
            tag
        });
        Self { json: Bytes::from(json), tag: format!("\"{tag}\"") }
    }
}

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    cfg.service(openapi_json).service(errors::page).service(ui::without_slash).service(ui::file);
}

#[get("/openapi.json")]
async fn openapi_json(req: HttpRequest, state: Data<AppState>) -> HttpResponse {
    let Description { json, tag } = state.description();
    let mut answer = if has(&req, tag) {
        not_modified(tag)
    } else {
        HttpResponse::Ok()
            .content_type("application/json")
            .insert_header((ETAG, tag.as_str()))
            .body(json.clone())
    };
    answer.headers_mut().insert(CACHE_CONTROL, actix_web::http::header::HeaderValue::from_static("no-cache"));
    answer
}
