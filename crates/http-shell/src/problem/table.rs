//! The tables: from a refusal's kind to its status, and from a bare status of the framework to a problem.

use actix_web::http::StatusCode;
use kernel::Kind;

use super::Problem;

/// The status a kind of refusal is answered with.
pub(crate) const fn status_of(kind: Kind) -> StatusCode {
    match kind {
        Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::Missing => StatusCode::NOT_FOUND,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::Stale => StatusCode::PRECONDITION_FAILED,
        Kind::Limited => StatusCode::TOO_MANY_REQUESTS,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Fault => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The problem that stands for an error the framework answers in its own way.
pub(crate) fn fallback(status: StatusCode) -> Problem {
    let (code, detail) = match status {
        StatusCode::BAD_REQUEST => ("request.malformed", "the request cannot be read as it stands"),
        StatusCode::UNAUTHORIZED => return Problem::unauthenticated(),
        StatusCode::FORBIDDEN => ("request.forbidden", "this is not allowed"),
        StatusCode::NOT_FOUND => return Problem::unknown_path(),
        StatusCode::METHOD_NOT_ALLOWED => ("request.method_not_allowed", "there is no such method here"),
        StatusCode::NOT_ACCEPTABLE => {
            ("request.not_acceptable", "the answer cannot be given in a form that `Accept` and its kin allow")
        }
        StatusCode::REQUEST_TIMEOUT => ("request.too_slow", "the request took too long to arrive"),
        StatusCode::PAYLOAD_TOO_LARGE => {
            ("request.body_too_large", "the body is larger than this call takes")
        }
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            ("request.unsupported_media_type", "this call does not take a body of that media type")
        }
        StatusCode::EXPECTATION_FAILED => {
            ("request.expectation_failed", "the `Expect` header asks for what this server does not do")
        }
        status if status.is_client_error() => ("request.refused", "the request was refused"),
        _ => return Problem::fault(&format_args!("the framework answered {status}")),
    };
    Problem::new(status, code, detail)
}

impl Problem {
    /// Nobody proved who they are.
    pub fn unauthenticated() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "request.unauthenticated",
            "send an access token or an API key as `Authorization: Bearer ...`",
        )
    }

    /// No call has this path.
    pub fn unknown_path() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "request.unknown_path",
            "no call has this path; /openapi.json lists them all",
        )
    }
}
