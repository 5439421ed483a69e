//! The small pages that links in mails lead to, for those who run no front end of their own. The token
//! stands in the fragment: it never reaches a log, and leaves the address bar at once.

use actix_web::{
    HttpResponse, get,
    http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY},
    web::{Path, ServiceConfig},
};

use http_shell::{HandlerResult, Problem};

/// The paths of this module.
pub(crate) const PATHS: [&str; 6] =
    ["/verify", "/reset", "/invitation", "/unsubscribe", "/assessment", "/pages/{file}"];

const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    cfg.service(verify)
        .service(reset)
        .service(invitation)
        .service(unsubscribe)
        .service(assessment)
        .service(file);
}

#[get("/verify")]
async fn verify() -> HttpResponse {
    page(include_str!("verify.html"))
}

#[get("/reset")]
async fn reset() -> HttpResponse {
    page(include_str!("reset.html"))
}

#[get("/invitation")]
async fn invitation() -> HttpResponse {
    page(include_str!("invitation.html"))
}

#[get("/unsubscribe")]
async fn unsubscribe() -> HttpResponse {
    page(include_str!("unsubscribe.html"))
}

#[get("/assessment")]
async fn assessment() -> HttpResponse {
    page(include_str!("assessment.html"))
}

fn page(html: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((CONTENT_SECURITY_POLICY, CSP))
        .body(html)
}

#[get("/pages/{file}")]
async fn file(file: Path<String>) -> HandlerResult {
    let (media, text) = match file.as_str() {
        "page.css" => ("text/css; charset=utf-8", include_str!("page.css")),
        "assessment.js" => ("text/javascript; charset=utf-8", include_str!("assessment.js")),
        "said.js" => ("text/javascript; charset=utf-8", include_str!("said.js")),
        "page.js" => ("text/javascript; charset=utf-8", include_str!("page.js")),
        _ => return Err(Problem::unknown_path()),
    };
    Ok(HttpResponse::Ok()
        .content_type(media)
        .insert_header((CACHE_CONTROL, "public, max-age=3600"))
        .body(text))
}

#[cfg(test)]
mod tests;
