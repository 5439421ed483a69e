//! Bodies that are a text file, or JSON that says the same.

use std::{future::Future, pin::Pin};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, web::Bytes};
use serde::de::DeserializeOwned;

use super::{super::problem::Problem, Text, body, json};

/// A body of `text/markdown`, `text/plain` or `application/json`, at most `KIB` KiB of it.
#[derive(Debug, Clone)]
pub enum Document<T, const KIB: usize> {
    /// A text file.
    Text(Text<KIB>),
    /// JSON.
    Json {
        /// What was sent.
        value: T,
        /// The octets that were sent.
        raw: Bytes,
    },
}

impl<T, const KIB: usize> Document<T, KIB> {
    /// The octets that were sent, for [`super::super::Idempotent`].
    pub fn raw(&self) -> Bytes {
        match self {
            Self::Text(text) => text.raw.clone(),
            Self::Json { raw, .. } => raw.clone(),
        }
    }
}

impl<T: DeserializeOwned + 'static, const KIB: usize> FromRequest for Document<T, KIB> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (req, mut payload) = (req.clone(), payload.take());
        Box::pin(async move {
            body::expect_type(&req, &["text/markdown", "application/json", "text/plain"])?;
            if req.content_type() != "application/json" {
                return Ok(Self::Text(Text::from_request(&req, &mut payload).await?));
            }
            let raw = body::read(&req, &mut payload, KIB * 1024).await?;
            Ok(Self::Json { value: json::parse(&raw)?, raw })
        })
    }
}
