//! Text bodies, such as a markdown source.

use std::{future::Future, pin::Pin};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::StatusCode, web::Bytes};

use super::{super::problem::Problem, body};

/// A body of `text/markdown` or `text/plain`, in UTF-8, at most `KIB` KiB.
#[derive(Debug, Clone)]
pub struct Text<const KIB: usize> {
    /// What was sent.
    pub text: String,
    /// The octets that were sent.
    pub raw: Bytes,
}

impl<const KIB: usize> FromRequest for Text<KIB> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (req, mut payload) = (req.clone(), payload.take());
        Box::pin(async move {
            body::expect_type(&req, &["text/markdown", "text/plain"])?;
            let raw = body::read(&req, &mut payload, KIB * 1024).await?;
            let text = String::from_utf8(raw.to_vec()).map_err(|error| {
                let at = error.utf8_error().valid_up_to();
                let detail = format!("the body is not UTF-8 from octet {at} on");
                Problem::new(StatusCode::BAD_REQUEST, "request.malformed", detail)
            })?;
            Ok(Self { text, raw })
        })
    }
}
