//! The outermost layer: names the request, and sees to it that every answer carries its id, the security headers,
//! and, if it tells of an error, a problem.

use actix_web::{
    Error, HttpMessage, HttpResponse,
    body::{BoxBody, EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        Method, StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
};
use kernel::RequestId;

use super::{
    super::{
        context::{self, REQUEST_ID, RequestContext, TokenStatus},
        problem::{IN_REQUEST, fallback, render},
        response::AsItCame,
    },
    state,
};

const CSP: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(crate) async fn envelop<B: MessageBody + 'static>(
    mut req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let base = context::base(&req, &*state(&req)?);
    let Some(id) = base.request else { return next.call(req).await.map(ServiceResponse::map_into_left_body) };
    req.extensions_mut().insert(RequestContext { base, token_status: TokenStatus::Absent });
    if req.method() == Method::HEAD {
        // Every GET answers HEAD too; the connection leaves the body out.
        req.head_mut().method = Method::GET;
    }
    IN_REQUEST
        .scope(id, async move {
            match next.call(req).await {
                Ok(answer) => Ok(finish(answer, id)),
                Err(error) => {
                    let mut answer = error.error_response();
                    if !tells_problem(answer.status(), answer.headers()) {
                        answer = as_problem(answer.status(), answer.headers());
                    }
                    dress(answer.headers_mut(), id);
                    Err(InternalError::from_response(error, answer).into())
                }
            }
        })
        .await
}

fn finish<B: MessageBody + 'static>(
    answer: ServiceResponse<B>,
    id: RequestId,
) -> ServiceResponse<EitherBody<B>> {
    let mut answer = if tells_problem(answer.status(), answer.headers()) {
        answer.map_into_left_body()
    } else {
        let (req, answer) = answer.into_parts();
        ServiceResponse::new(req, as_problem(answer.status(), answer.headers())).map_into_right_body()
    };
    let is_ours = !answer.response().extensions().contains::<AsItCame>();
    if let Some(media) = answer.headers().get(header::CONTENT_TYPE).filter(|_| is_ours).and_then(with_charset)
    {
        answer.headers_mut().insert(header::CONTENT_TYPE, media);
    }
    dress(answer.headers_mut(), id);
    answer
}

/// Whether the answer is no error, or an error told as it should be.
fn tells_problem(status: StatusCode, headers: &HeaderMap) -> bool {
    let is_problem = |media: &HeaderValue| media.as_bytes().starts_with(b"application/problem+json");
    !(status.is_client_error() || status.is_server_error())
        || headers.get(header::CONTENT_TYPE).is_some_and(is_problem)
}

/// The same error as a problem; headers that do not describe the old body stay.
fn as_problem(status: StatusCode, headers: &HeaderMap) -> HttpResponse<BoxBody> {
    let mut answer = render(&fallback(status));
    let describes_body = |name: &HeaderName| {
        [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::CONTENT_ENCODING].contains(name)
    };
    for (name, value) in headers.iter().filter(|(name, _)| !describes_body(name)) {
        if !answer.headers().contains_key(name) {
            answer.headers_mut().append(name.clone(), value.clone());
        }
    }
    answer
}

/// A media type of text that does not say its encoding: all text of ours is UTF-8.
fn with_charset(media: &HeaderValue) -> Option<HeaderValue> {
    let media = media.to_str().ok()?;
    let is_text = media.starts_with("text/") || media.ends_with("xml");
    let silent = is_text && !media.contains("charset=");
    silent.then(|| HeaderValue::from_str(&format!("{media}; charset=utf-8")).ok()).flatten()
}

fn dress(headers: &mut HeaderMap, id: RequestId) {
    if let Ok(id) = HeaderValue::from_str(&id.to_string()) {
        headers.insert(HeaderName::from_static(REQUEST_ID), id);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let defaults = [
        (header::CONTENT_SECURITY_POLICY, CSP),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    for (name, value) in defaults {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}
