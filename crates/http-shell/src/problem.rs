//! Problems: the one form in which anything that went wrong leaves the server (RFC 9457).

mod code;
mod render;
mod table;

use std::{borrow::Cow, fmt};

use actix_web::http::StatusCode;
use kernel::{Kind, Refusal};

pub use code::CodeNote;
pub(crate) use render::{IN_REQUEST, render};
pub use render::{ProblemBody, ProblemError};
pub(crate) use table::{fallback, status_of};

/// What went wrong, as a client is told.
///
/// Every [`Refusal`] of a domain becomes one by `?`. The request id is put in when it is rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    status: StatusCode,
    pub(crate) code: Cow<'static, str>,
    detail: Cow<'static, str>,
    errors: Vec<(String, String)>,
    retry_after: Option<u32>,
    allow: Option<Box<str>>,
    diagnostics: Option<Box<[serde_json::Value]>>,
}

impl Problem {
    /// A problem with a stable code `area.reason` and a sentence for people: what is wrong, and how to mend it.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            code: Cow::Borrowed(code),
            detail: detail.into(),
            errors: Vec::new(),
            retry_after: None,
            allow: None,
            diagnostics: None,
        }
    }

    /// Not there, or not for this caller to know: every such answer is the same but for its request id.
    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "request.not_found",
            "there is nothing by this id, or it is not for you to see",
        )
    }

    /// The request says things that cannot be: each with the JSON Pointer of its place.
    pub fn invalid(errors: Vec<(String, String)>) -> Self {
        let detail: Cow<'static, str> = match errors.as_slice() {
            [(pointer, detail)] if !pointer.is_empty() => format!("{pointer} {detail}").into(),
            [(_, detail)] => detail.clone().into(),
            several => format!("{} fields are wrong; see `errors`", several.len()).into(),
        };
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "request.invalid", detail).with_errors(errors)
    }

    /// A defect on our side: the cause goes to the log, the client learns nothing of it.
    pub fn fault(cause: &dyn fmt::Display) -> Self {
        tracing::error!(%cause, "a request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "service.fault",
            "something went wrong on our side; it was logged under this request_id",
        )
    }

    /// Not now; worth trying again in so many seconds. The cause goes to the log.
    pub fn unavailable(cause: &dyn fmt::Display, retry_after: u64) -> Self {
        tracing::warn!(%cause, "a request could not be served");
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "service.unavailable",
            "the service cannot answer at the moment; try again",
        )
        .retry_after(retry_after)
    }

    /// Where the input is wrong.
    pub fn with_errors(mut self, errors: Vec<(String, String)>) -> Self {
        self.errors = errors;
        self
    }

    /// In how many seconds it is worth trying again.
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(u32::try_from(seconds).unwrap_or(u32::MAX));
        self
    }

    /// What is wrong with a document that was sent, each with its place in it, and how to mend it.
    pub fn with_diagnostics(mut self, diagnostics: Vec<serde_json::Value>) -> Self {
        self.diagnostics = Some(diagnostics.into());
        self
    }

    /// Which methods there are: the `Allow` header of a 405.
    pub fn allow(mut self, methods: impl Into<String>) -> Self {
        self.allow = Some(methods.into().into());
        self
    }

    /// The status it is answered with.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The stable code.
    pub fn code(&self) -> &str {
        &self.code
    }
}

impl<R: Refusal> From<R> for Problem {
    fn from(refusal: R) -> Self {
        let problem = match refusal.kind() {
            Kind::Fault => return Self::fault(&Chain(&refusal)),
            Kind::Missing => return Self::not_found(),
            Kind::Unavailable if refusal.code() == "service.unavailable" => {
                return Self::unavailable(&Chain(&refusal), refusal.retry_after().unwrap_or(1));
            }
            kind => Self::new(status_of(kind), refusal.code(), refusal.to_string()),
        };
        let problem = problem.with_errors(refusal.errors());
        match refusal.retry_after() {
            Some(seconds) => problem.retry_after(seconds),
            None => problem,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.detail)
    }
}

/// An error with its sources, for the log.
struct Chain<'a>(&'a dyn std::error::Error);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}
