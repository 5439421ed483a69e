//! Coaching sessions.

mod bodies;

use actix_web::{HttpResponse, get, patch, post};
use assessment_engine::{CoachingSession, CoachingSessionId, reading::Asked};
use http_shell::{
    Caller, HandlerResult, Idempotent, IfMatch, Json, PageQuery, Paged, PathParams, Problem, created, ok,
    versioned,
};
use kernel::{Id, OrganizationId};
use utoipa_actix_web::service_config::ServiceConfig;

use self::bodies::{CoachingPatch, CoachingView, NewCoachingBody};
use super::Service;

pub(super) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(arrange).service(list).service(get_one).service(edit).service(remind).service(close);
}

fn respond(session: &Asked<CoachingSession>) -> HttpResponse {
    versioned(session.of.version(), &CoachingView::from(session))
}

/// Arrange a coaching session.
///
/// For owners, admins, managers and practitioners, who are then the coach, and API keys with `campaigns.write`. The
/// coachee is sent a letter. Nobody coaches themselves.
#[utoipa::path(
    operation_id = "assessment.arrange_coaching_session", tag = "coaching", params(Idempotent), request_body = NewCoachingBody,
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 201, description = "Arranged; a letter is on its way", body = CoachingView),
        (status = 409, description = "`assessment.time_taken` where the coach meets somebody else then; `assessment.wrong_status`, `assessment.unpublished`, `assessment.style_fixed` or `quota.reached`"),
        (status = 422, description = "`assessment.invalid`"))
)]
#[post("/v1/organizations/{organization_id}/coaching-sessions")]
async fn arrange(
    ctx: Caller,
    organization: PathParams<OrganizationId>,
    idempotent: Idempotent,
    body: Json<NewCoachingBody>,
    assessments: Service,
) -> HandlerResult {
    let raw = body.raw();
    let new = body.into_inner().check()?;
    let answer = |session: Asked<CoachingSession>| {
        let place = format!("/v1/organizations/{}/coaching-sessions/{}", *organization, session.of.id);
        created(place, session.of.version(), &CoachingView::from(&session))
    };
    idempotent
        .run(
            &ctx,
            &raw,
            async |ctx| Ok(answer(assessments.coaching.arrange(ctx, *organization, new).await?)),
            async |ctx, saved| {
                let saved = saved.ok_or_else(Problem::not_found)?;
                Ok(answer(assessments.coaching.get(ctx, *organization, Id::from_uuid(saved.id)).await?))
            },
        )
        .await
}

/// The coaching sessions, newest first.
///
/// For owners and admins; managers and practitioners see their own; API keys with `campaigns.read`.
#[utoipa::path(
    operation_id = "assessment.list_coaching_sessions", tag = "coaching", params(PageQuery),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "A page of coaching sessions", body = Paged<CoachingView>))
)]
#[get("/v1/organizations/{organization_id}/coaching-sessions")]
async fn list(
    ctx: Caller,
    organization: PathParams<OrganizationId>,
    page: PageQuery,
    assessments: Service,
) -> HandlerResult {
    let sessions = assessments.coaching.list(&ctx, *organization, &page).await?;
    Ok(ok(&Paged::of(sessions, |session| CoachingView::from(&session))))
}

/// A coaching session.
///
/// For owners and admins; managers and practitioners see their own; API keys with `campaigns.read`.
#[utoipa::path(
    operation_id = "assessment.get_coaching_session", tag = "coaching", security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "It", body = CoachingView))
)]
#[get("/v1/organizations/{organization_id}/coaching-sessions/{coaching_session_id}")]
async fn get_one(
    ctx: Caller,
    path: PathParams<(OrganizationId, CoachingSessionId)>,
    assessments: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    let session = assessments.coaching.get(&ctx, organization, id).await?;
    Ok(respond(&session))
}

/// Change a coaching session.
///
/// For owners and admins; managers and practitioners their own; API keys with `campaigns.write`. Once the coachee
/// has opened it, what is taken, and how, is fixed; once it is over, everything is.
#[utoipa::path(
    operation_id = "assessment.edit_coaching_session", tag = "coaching", params(IfMatch),
    request_body(content = CoachingPatch, content_type = "application/merge-patch+json"),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "The coaching session as it is now", body = CoachingView),
        (status = 409, description = "`assessment.closed` where this cannot be changed any more, the address of the coachee included; `assessment.time_taken` where the coach meets somebody else then; `assessment.wrong_status`, `assessment.unpublished` or `assessment.style_fixed`"),
        (status = 422, description = "`assessment.invalid`"))
)]
#[patch("/v1/organizations/{organization_id}/coaching-sessions/{coaching_session_id}")]
async fn edit(
    ctx: Caller,
    path: PathParams<(OrganizationId, CoachingSessionId)>,
    version: IfMatch,
    body: Json<CoachingPatch>,
    assessments: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    let (choice, address, set) = body.into_inner().check()?;
    let session =
        assessments.coaching.edit(&ctx, organization, (id, version.0), choice, address, set).await?;
    Ok(respond(&session))
}

/// Remind the coachee.
///
/// For owners and admins; managers and practitioners in their own; API keys with `campaigns.write`. They are sent a
/// letter with a new link, at once where the last did not arrive, else at most once in 24 hours.
#[utoipa::path(
    operation_id = "assessment.remind_coachee", tag = "coaching", params(Idempotent),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "A letter is on its way", body = CoachingView),
        (status = 409, description = "`assessment.closed`: it is over, the coachee is done, or was reminded within 24 hours"))
)]
#[post("/v1/organizations/{organization_id}/coaching-sessions/{coaching_session_id}/remind")]
async fn remind(
    ctx: Caller,
    path: PathParams<(OrganizationId, CoachingSessionId)>,
    idempotent: Idempotent,
    assessments: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    idempotent
        .run(
            &ctx,
            b"",
            async |ctx| Ok(respond(&assessments.coaching.remind(ctx, organization, id).await?)),
            async |ctx, _| Ok(respond(&assessments.coaching.get(ctx, organization, id).await?)),
        )
        .await
}

/// End a coaching session.
///
/// For owners and admins; managers and practitioners their own; API keys with `campaigns.write`. Nothing new
/// begins; a session that has begun goes on until its own deadline.
#[utoipa::path(
    operation_id = "assessment.close_coaching_session", tag = "coaching", params(Idempotent),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "It is over", body = CoachingView),
        (status = 409, description = "`assessment.closed`: it is already"))
)]
#[post("/v1/organizations/{organization_id}/coaching-sessions/{coaching_session_id}/close")]
async fn close(
    ctx: Caller,
    path: PathParams<(OrganizationId, CoachingSessionId)>,
    idempotent: Idempotent,
    assessments: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    idempotent
        .run(
            &ctx,
            b"",
            async |ctx| Ok(respond(&assessments.coaching.close(ctx, organization, id).await?)),
            async |ctx, _| Ok(respond(&assessments.coaching.get(ctx, organization, id).await?)),
        )
        .await
}
