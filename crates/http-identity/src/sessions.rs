//! One's own sessions.

use actix_web::{delete, get, post};
use http_shell::{Caller, HandlerResult, Idempotent, PageQuery, Paged, PathParams, no_content, ok};
use kernel::SessionId;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{IdentityServices, views::SessionView};

pub(super) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list_sessions).service(end_session).service(end_other_sessions);
}

fn current(ctx: &Caller) -> Option<SessionId> {
    match ctx.actor {
        kernel::Actor::Account { session, .. } => Some(session),
        _ => None,
    }
}

/// One's live sessions, newest first.
#[utoipa::path(
    operation_id = "identity.list_sessions", tag = "me", params(PageQuery), security(("bearer" = [])),
    responses((status = 200, description = "A page of sessions", body = Paged<SessionView>))
)]
#[get("/v1/me/sessions")]
async fn list_sessions(ctx: Caller, page: PageQuery, identity: IdentityServices) -> HandlerResult {
    let sessions = identity.accounts.sessions(&ctx, &page).await?;
    Ok(ok(&Paged::of(sessions, |session| SessionView::of(&session, current(&ctx)))))
}

/// Ends one of one's sessions; another than this one after a recent proof.
#[utoipa::path(
    operation_id = "identity.end_session", tag = "me", security(("bearer" = [])),
    responses((status = 204, description = "Ended"),
        (status = 403, description = "`identity.step_up_required` for another session"),
        (status = 404, description = "There is none, or it is not yours"))
)]
#[delete("/v1/me/sessions/{session_id}")]
async fn end_session(
    ctx: Caller,
    session: PathParams<SessionId>,
    identity: IdentityServices,
) -> HandlerResult {
    identity.accounts.end_session(&ctx, *session).await?;
    Ok(no_content())
}

/// How many ended.
#[derive(Serialize, ToSchema)]
#[schema(as = identity::EndedSessions, example = json!({ "ended": 2 }))]
struct Ended {
    ended: usize,
}

/// Ends all of one's sessions but this one, after a recent proof.
#[utoipa::path(
    operation_id = "identity.end_other_sessions", tag = "me", params(Idempotent), security(("bearer" = [])),
    responses((status = 200, description = "How many ended", body = Ended),
        (status = 403, description = "`identity.step_up_required`"))
)]
#[post("/v1/me/sessions/revoke-others")]
async fn end_other_sessions(
    ctx: Caller,
    idempotent: Idempotent,
    identity: IdentityServices,
) -> HandlerResult {
    idempotent
        .run(
            &ctx,
            b"",
            async |ctx| Ok(ok(&Ended { ended: identity.accounts.end_other_sessions(ctx).await? })),
            async |_, _| Ok(ok(&Ended { ended: 0 })),
        )
        .await
}
