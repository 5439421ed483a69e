//! Guards what lies inside: headers of a sane size, an answer in time, and a panic that ends one request alone.

use std::{
    cell::Cell,
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    rc::Rc,
    task::Poll,
    time::Duration,
};

use actix_web::{
    Error, HttpMessage, HttpRequest,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{StatusCode, header::HeaderMap},
    middleware::Next,
};

use tokio::time::{Instant, timeout_at};

use super::{super::problem::Problem, refuse, state};

/// When a request has to be answered. A handler that takes in a long body allows itself more time.
#[derive(Debug, Clone)]
pub struct Deadline(Rc<Cell<Instant>>);

impl Deadline {
    fn new(within: Duration) -> Self {
        Self(Rc::new(Cell::new(Instant::now() + within)))
    }

    /// That of a request.
    pub fn of(req: &HttpRequest) -> Result<Self, Problem> {
        let deadline = req.extensions().get::<Self>().cloned();
        deadline.ok_or_else(|| Problem::fault(&"the layers of the shell are not in place"))
    }

    /// From now on the answer may take so long.
    pub fn allow(&self, within: Duration) {
        self.0.set(Instant::now() + within);
    }
}

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
    let deadline = Deadline::new(settings.answer_within);
    req.extensions_mut().insert(deadline.clone());
    let mut answer = pin!(without_panic(async { next.call(req).await }));
    loop {
        match timeout_at(deadline.0.get(), answer.as_mut()).await {
            Ok(Some(answer)) => return answer.map(ServiceResponse::map_into_left_body),
            Ok(None) => return Err(Problem::fault(&"a handler panicked").into()),
            Err(_) if deadline.0.get() > Instant::now() => {}
            Err(_) => {
                let detail =
                    "there was no answer in time; read before you repeat it, or use an Idempotency-Key";
                tracing::warn!("no answer in time");
                return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "service.timeout", detail)
                    .retry_after(1)
                    .into());
            }
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
