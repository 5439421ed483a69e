//! What the links have in common by which letters are ended without signing in (RFC 8058).

use actix_web::{HttpResponse, http::header::LOCATION};
use serde::Deserialize;
use utoipa::IntoParams;

/// What the link in a letter says.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UnsubscribeToken {
    /// From the letter's link. It works for good.
    pub token: String,
}

impl UnsubscribeToken {
    /// Leads to the page that asks whether they mean it, with the token under this name in the fragment, which no
    /// server sees. What cannot be a token is left out: it could lead elsewhere.
    pub fn to_page(&self, public_url: &str, name: &str) -> HttpResponse {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        let token = if self.token.bytes().all(is_plain) { &self.token } else { "" };
        let page = format!("{public_url}/unsubscribe#{name}={token}");
        HttpResponse::SeeOther().insert_header((LOCATION, page)).finish()
    }
}
