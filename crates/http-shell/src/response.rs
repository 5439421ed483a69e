//! How handlers answer: JSON, pages, entity tags.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{ETAG, IF_NONE_MATCH, LOCATION},
};
use kernel::Page;
use serde::Serialize;
use utoipa::ToSchema;

use super::problem::Problem;

/// What a handler gives back.
pub type HandlerResult = Result<HttpResponse, Problem>;

/// Marks an answer whose body came from outside: its media type goes out as it is, and no encoding is told that nobody
/// knows.
#[derive(Debug)]
pub struct AsItCame;

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Page)]
pub struct Paged<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// Send it as `after` to get the next page; `null` on the last.
    pub next: Option<String>,
}

impl<T> Paged<T> {
    /// A page of what handlers send, from a page of what the domain has.
    pub fn of<U>(page: Page<U>, view: impl FnMut(U) -> T) -> Self {
        let page = page.map(view);
        Self { items: page.items, next: page.next.map(|cursor| cursor.as_str().to_owned()) }
    }
}

/// 200 with a body.
pub fn ok(body: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok().json(body)
}

/// 201 with the place of what was made, its version as entity tag, and a body.
pub fn created(location: impl AsRef<str>, version: i64, body: &impl Serialize) -> HttpResponse {
    HttpResponse::Created()
        .insert_header((LOCATION, location.as_ref()))
        .insert_header((ETAG, etag(version)))
        .json(body)
}

/// 202: it will be done.
pub fn accepted() -> HttpResponse {
    HttpResponse::Accepted().finish()
}

/// 204: done, and nothing to say.
pub fn no_content() -> HttpResponse {
    HttpResponse::NoContent().finish()
}

/// 200 with the version as entity tag: the answer to a change.
pub fn versioned(version: i64, body: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok().insert_header((ETAG, etag(version))).json(body)
}

/// The same for a read: 304 without a body when the client has this version (`If-None-Match`).
pub fn tagged(req: &HttpRequest, version: i64, body: &impl Serialize) -> HttpResponse {
    let tag = etag(version);
    if has(req, &tag) { not_modified(&tag) } else { versioned(version, body) }
}

/// 304.
pub fn not_modified(tag: &str) -> HttpResponse {
    HttpResponse::NotModified().insert_header((ETAG, tag)).finish()
}

/// Whether `If-None-Match` names this entity tag, by the weak comparison of RFC 9110, section 13.1.2.
pub fn has(req: &HttpRequest, tag: &str) -> bool {
    let lines = req.headers().get_all(IF_NONE_MATCH).filter_map(|line| line.to_str().ok());
    let mut tags = lines.flat_map(|line| line.split(',')).map(str::trim);
    tags.any(|given| given == "*" || given.strip_prefix("W/").unwrap_or(given) == tag)
}

fn etag(version: i64) -> String {
    format!("\"{version}\"")
}
