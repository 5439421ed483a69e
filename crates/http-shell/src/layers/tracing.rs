//! One span for each request: what logs may know of it, and nothing a secret could stand in.

use actix_web::{
    Error, HttpMessage,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
};
use tracing::{Span, field::Empty};
use tracing_actix_web::RootSpanBuilder;

use super::{super::context::RequestContext, state};

/// Builds the span: method and route pattern, never the path, the query or headers.
pub(crate) struct Root;

impl RootSpanBuilder for Root {
    fn on_request_start(req: &ServiceRequest) -> Span {
        let extensions = req.extensions();
        let base = extensions.get::<RequestContext>().map(|request_context| &request_context.base);
        let tells_client = state(req).is_ok_and(|state| state.settings().log_client_addresses);
        let route = req.match_pattern().unwrap_or_else(|| "none".to_owned());
        tracing::info_span!(
            "request",
            request_id = base.and_then(|base| base.request).map(tracing::field::display),
            client = base.and_then(|base| base.address).filter(|_| tells_client).map(tracing::field::display),
            method = %req.method(),
            route,
            status = Empty,
            actor = Empty,
            actor_id = Empty,
        )
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        let status = match outcome {
            Ok(answer) => answer.status(),
            Err(error) => error.as_response_error().status_code(),
        };
        span.record("status", status.as_u16());
    }
}
