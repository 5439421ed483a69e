//! Who comes in: recognises the caller by their token and counts their requests.

use actix_web::{
    Error, HttpMessage,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::StatusCode,
    middleware::Next,
};
use kernel::Ctx;

use super::{
    super::{
        context::{RequestContext, TokenStatus, bearer},
        health,
        problem::Problem,
        state::AppState,
    },
    refuse, state,
};

pub(crate) async fn admit<B: MessageBody>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let state = state(&req)?;
    if health::PATHS.contains(&req.path()) {
        return next.call(req).await.map(ServiceResponse::map_into_left_body);
    }
    let base = req.extensions().get::<RequestContext>().map(|request_context| request_context.base.clone());
    let base = base.ok_or_else(|| Problem::fault(&"the envelope is not in place"))?;
    let token_status = token_status_of(&req, &base, &state).await;
    let caller = if let TokenStatus::Valid(ctx) = &token_status { ctx } else { &base };
    if let Some(seconds) = state.limiter().and_then(|limiter| limiter.count(caller)) {
        let detail = format!("too many requests; try again in {seconds} s");
        let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "request.rate_limited", detail);
        return Ok(refuse(req, problem.retry_after(seconds)));
    }
    req.extensions_mut().insert(RequestContext { base, token_status });
    next.call(req).await.map(ServiceResponse::map_into_left_body)
}

/// A token that is no good does not end the request here: some calls take anybody.
async fn token_status_of(req: &ServiceRequest, base: &Ctx, state: &AppState) -> TokenStatus {
    let token = match bearer(req.headers()) {
        None => return TokenStatus::Absent,
        Some(Err(problem)) => return TokenStatus::Refused(problem),
        Some(Ok(token)) => token,
    };
    match state.authenticator().authenticate(token, base, state.clock().now()).await {
        Err(problem) => TokenStatus::Refused(problem),
        Ok(ctx) => {
            let span = tracing::Span::current();
            span.record("actor", ctx.actor.kind());
            span.record("actor_id", ctx.actor.id().map(tracing::field::display));
            TokenStatus::Valid(ctx)
        }
    }
}
