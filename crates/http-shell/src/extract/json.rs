//! JSON bodies, read strictly.

use std::{future::Future, ops::Deref, pin::Pin};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::{Method, StatusCode},
    web::Bytes,
};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::error::Category;

use super::{
    super::problem::Problem,
    body, depth,
    strict::{self, InputError},
};

const LIMIT: usize = 64 * 1024;

/// A JSON body: at most 64 KiB, at most 32 deep, without a field the call does not have.
///
/// A PATCH takes `application/merge-patch+json` as well as `application/json`.
#[derive(Debug, Clone)]
pub struct Json<T> {
    value: T,
    raw: Bytes,
}

impl<T> Json<T> {
    /// What was sent.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// The octets that were sent, for [`super::super::Idempotent`].
    pub fn raw(&self) -> Bytes {
        self.raw.clone()
    }
}

impl<T> Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (req, mut payload) = (req.clone(), payload.take());
        Box::pin(async move {
            let accepted: &[&str] = if req.method() == Method::PATCH {
                &["application/merge-patch+json", "application/json"]
            } else {
                &["application/json"]
            };
            body::expect_type(&req, accepted)?;
            let raw = body::read(&req, &mut payload, LIMIT).await?;
            Ok(Self { value: parse(&raw)?, raw })
        })
    }
}

/// The same where a request may come without any body, or with `null`.
#[derive(Debug, Clone)]
pub struct OptionalJson<T>(pub Option<T>);

impl<T: DeserializeOwned + 'static> FromRequest for OptionalJson<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (req, mut payload) = (req.clone(), payload.take());
        Box::pin(async move {
            let raw = body::read(&req, &mut payload, LIMIT).await?;
            if raw.is_empty() {
                return Ok(Self(None));
            }
            body::expect_type(&req, &["application/json"])?;
            Ok(Self(parse(&raw)?))
        })
    }
}

pub(super) fn parse<T: DeserializeOwned>(raw: &[u8]) -> Result<T, Problem> {
    if let Some((line, column)) = depth::too_deep(raw) {
        return Err(malformed(line, column, "nests deeper than 32"));
    }
    // Serde would take a list for an object, its items by their places.
    if raw.trim_ascii_start().starts_with(b"[") {
        serde_json::from_slice::<IgnoredAny>(raw).map_err(|error| syntax(&error))?;
        return Err(Problem::invalid(vec![(String::new(), "must be an object".to_owned())]));
    }
    let mut source = serde_json::Deserializer::from_slice(raw);
    let value = strict::read(&mut source).map_err(|error| match error {
        InputError::Value { error, .. } if error.classify() != Category::Data => syntax(&error),
        error => Problem::invalid(error.errors()),
    })?;
    source.end().map_err(|error| syntax(&error))?;
    Ok(value)
}

fn syntax(error: &serde_json::Error) -> Problem {
    malformed(error.line(), error.column(), strict::without_position(&error.to_string()))
}

fn malformed(line: usize, column: usize, what: &str) -> Problem {
    let detail = format!("the body is not JSON this call takes; line {line}, column {column}: {what}");
    Problem::new(StatusCode::BAD_REQUEST, "request.malformed_json", detail)
}
