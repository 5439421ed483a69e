//! How a problem is written: `application/problem+json`, completed with the id of the request it happened in.

use actix_web::{HttpResponse, ResponseError, body::BoxBody, http::StatusCode, http::header};
use kernel::RequestId;
use serde::Serialize;
use utoipa::ToSchema;

use super::Problem;

tokio::task_local! {
    /// The request the current task serves; set by the outermost layer.
    pub(crate) static IN_REQUEST: RequestId;
}

/// What went wrong (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody<'a> {
    /// Where the code is explained; a reference relative to the server.
    #[schema(format = "uri-reference", example = "/docs/errors#request.invalid")]
    r#type: String,
    /// The status in words.
    #[schema(example = "Unprocessable Entity")]
    title: &'a str,
    /// The HTTP status.
    #[schema(example = 422)]
    status: u16,
    /// A sentence for people: what is wrong, and how to mend it.
    #[schema(example = "/email must be an e-mail address such as ann@example.org")]
    detail: &'a str,
    /// A stable name for programs, `area.reason`.
    #[schema(example = "request.invalid")]
    code: &'a str,
    /// Names this request in our logs; the same as the header `X-Request-Id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = uuid::Uuid, required = true)]
    request_id: Option<String>,
    /// What is wrong with the input, place by place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ProblemError<'a>>,
    /// What is wrong with a document that was sent, such as an assessment: each with its place, and how to mend it.
    #[serde(skip_serializing_if = "<[serde_json::Value]>::is_empty")]
    #[schema(value_type = Vec<Object>)]
    diagnostics: &'a [serde_json::Value],
}

/// One faulty place of the input.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProblemError)]
pub struct ProblemError<'a> {
    /// Where: a JSON Pointer (RFC 6901) into the body; in a query, a slash and the parameter's name.
    #[schema(example = "/email")]
    pointer: &'a str,
    /// What is wrong there.
    #[schema(example = "must be an e-mail address such as ann@example.org")]
    detail: &'a str,
}

/// The answer a problem is told with.
pub(crate) fn render(problem: &Problem) -> HttpResponse {
    let body = ProblemBody {
        r#type: format!("/docs/errors#{}", problem.code),
        title: problem.status.canonical_reason().unwrap_or("Error"),
        status: problem.status.as_u16(),
        detail: &problem.detail,
        code: &problem.code,
        request_id: IN_REQUEST.try_with(ToString::to_string).ok(),
        errors: problem.errors.iter().map(|(pointer, detail)| ProblemError { pointer, detail }).collect(),
        diagnostics: problem.diagnostics.as_deref().unwrap_or_default(),
    };
    let mut answer = HttpResponse::build(problem.status);
    if problem.status == StatusCode::UNAUTHORIZED {
        answer.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
    }
    if let Some(seconds) = problem.retry_after {
        answer.insert_header((header::RETRY_AFTER, seconds));
    }
    if let Some(methods) = &problem.allow {
        answer.insert_header((header::ALLOW, &**methods));
    }
    answer.content_type("application/problem+json").body(serde_json::to_string(&body).unwrap_or_default())
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        render(self)
    }
}
