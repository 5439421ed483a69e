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
        context::{Proved, RequestContext, TokenStatus, bearer},
        health, openapi,
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
    let base = req.extensions().get::<RequestContext>().map(|request_context| request_context.base.clone());
    let base = base.ok_or_else(|| Problem::fault(&"the envelope is not in place"))?;
    if health::PATHS.contains(&req.path()) || is_file(&base, &state) {
        return next.call(req).await.map(ServiceResponse::map_into_left_body);
    }
    let token_status = token_status_of(&req, &base, &state).await;
    let caller = if let TokenStatus::Valid(ctx) = &token_status { ctx } else { &base };
    let admission = match state.limiter().map(|limiter| limiter.admit(caller)).transpose() {
        Ok(admission) => admission.flatten(),
        Err(seconds) => {
            let detail = format!("too many requests; try again in {seconds} s");
            let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "request.rate_limited", detail);
            return Ok(refuse(req, problem.retry_after(seconds)));
        }
    };
    req.extensions_mut().insert(RequestContext { base, token_status });
    let answer = next.call(req).await?;
    let proved = answer.request().extensions().get::<Proved>().copied();
    match (admission, proved) {
        (Some(admission), Some(Proved(sender))) => admission.proved(sender),
        (Some(admission), None) if answer.status() == StatusCode::SERVICE_UNAVAILABLE => {
            admission.undecided();
        }
        _ => {}
    }
    Ok(answer.map_into_left_body())
}

/// Pages, styles and documents: they ask nobody who they are, and cost nothing that limits would save.
fn is_file(base: &Ctx, state: &AppState) -> bool {
    let pattern = base.route.as_deref().and_then(|route| route.split_once(' ')).map(|(_, pattern)| pattern);
    let mut files = state.api().pages.iter().chain(&openapi::PATHS);
    pattern.is_some_and(|pattern| files.any(|file| *file == pattern))
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
