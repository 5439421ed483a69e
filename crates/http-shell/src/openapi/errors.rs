//! The page a problem's `type` leads to: every code, with who reacts how.

use std::fmt::Write as _;

use actix_web::{HttpResponse, get, http::header::CONTENT_SECURITY_POLICY, web::Data};

use super::ui::CSP;
use crate::AppState;

#[get("/docs/errors")]
pub(super) async fn page(state: Data<AppState>) -> HttpResponse {
    let rows = state.api().codes().into_iter().fold(String::new(), |mut rows, code| {
        let (name, status, note) = (code.code, code.status, code.note);
        let _ = writeln!(rows, "<tr id=\"{name}\"><td><code>{name}</code><td>{status}<td>{note}");
        rows
    });
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((CONTENT_SECURITY_POLICY, CSP))
        .body(include_str!("errors.html").replace("{rows}", &rows))
}
