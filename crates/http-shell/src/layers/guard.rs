//! Guards what lies inside: headers of a sane size, an answer in time, and a panic that ends one request alone.

use std::{
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
};

use actix_web::{
    Error,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{StatusCode, header::HeaderMap},
    middleware::Next,
};

use super::{super::problem::Problem, refuse, state};

pub(crate) async fn guard<B: MessageBody>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let state = state(&req)?;
    let settings = state.settings();
    if size(req.headers()) > settings.header_limit {
        let detail = format!("all headers together may have {} KiB", settings.header_limit / 1024);
        let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
        return Ok(refuse(req, Problem::new(status, "request.headers_too_large", detail)));
    }
    let answer = without_panic(async { next.call(req).await });
    match tokio::time::timeout(settings.answer_within, answer).await {
        Ok(Some(answer)) => answer.map(ServiceResponse::map_into_left_body),
        Ok(None) => Err(Problem::fault(&"a handler panicked").into()),
        Err(_) => {
            let detail = "there was no answer in time; read before you repeat it, or use an Idempotency-Key";
            tracing::warn!("no answer in time");
            Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "service.timeout", detail)
                .retry_after(1)
                .into())
        }
    }
}

fn size(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
}

/// `None` when the future panicked; the panic hook has logged it.
async fn without_panic<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(poll) => poll.map(Some),
        Err(_) => Poll::Ready(None),
    })
    .await
}
