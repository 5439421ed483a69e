//! Campaigns.

mod assignments;
mod bodies;
pub(super) mod terms;

use actix_web::{get, patch, post};
use assessment_engine::{Campaign, CampaignId, CampaignStatus};
use http_shell::{
    Caller, HandlerResult, Idempotent, IfMatch, Json, ListQuery, PageQuery, Paged, PathParams, Problem,
    created, ok, tagged, versioned,
};
use kernel::{Id, OrganizationId};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use self::bodies::{CampaignPatch, CampaignView, NewCampaignBody, ProgressView};
use super::{Service, schemas};

pub(super) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(prepare).service(list).service(get_one).service(edit);
    cfg.service(activate).service(close).service(remind).service(progress);
    assignments::routes(cfg);
}

/// Prepare a campaign.
///
/// For owners, admins, managers and recruiters, and API keys with `campaigns.write`. First use of a built-in type
/// copies it into the organisation. Nobody is asked before the campaign is activated.
#[utoipa::path(
    operation_id = "assessment.prepare_campaign", tag = "campaigns", params(Idempotent), request_body = NewCampaignBody,
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 201, description = "Prepared, as a draft", body = CampaignView),
        (status = 409, description = "`assessment.wrong_status`, `assessment.unpublished`, `assessment.style_fixed` or `quota.reached`"),
        (status = 422, description = "`assessment.invalid`"))
)]
#[post("/v1/organizations/{organization_id}/campaigns")]
async fn prepare(
    ctx: Caller,
    organization: PathParams<OrganizationId>,
    idempotent: Idempotent,
    body: Json<NewCampaignBody>,
    assessments: Service,
) -> HandlerResult {
    let raw = body.raw();
    let new = body.into_inner().check()?;
    let answer = |campaign: Campaign| {
        let place = format!("/v1/organizations/{}/campaigns/{}", *organization, campaign.id);
        created(place, campaign.version(), &CampaignView::from(&campaign))
    };
    idempotent
        .run(
            &ctx,
            &raw,
            async |ctx| Ok(answer(assessments.campaigns.prepare(ctx, *organization, new).await?)),
            async |ctx, saved| {
                let saved = saved.ok_or_else(Problem::not_found)?;
                Ok(answer(assessments.campaigns.get(ctx, *organization, Id::from_uuid(saved.id)).await?))
            },
        )
        .await
}

/// Which campaigns.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// With this status.
    #[param(required = false, inline, value_type = Option<schemas::CampaignStatus>)]
    status: Option<CampaignStatus>,
    /// Only those of this assessment.
    #[param(required = false)]
    custom_assessment_id: Option<Uuid>,
}

/// The campaigns, newest first.
///
/// For owners and admins; managers and recruiters see their own; API keys with `campaigns.read`.
#[utoipa::path(
    operation_id = "assessment.list_campaigns", tag = "campaigns", params(PageQuery, Filter),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "A page of campaigns", body = Paged<CampaignView>))
)]
#[get("/v1/organizations/{organization_id}/campaigns")]
async fn list(
    ctx: Caller,
    organization: PathParams<OrganizationId>,
    listing: ListQuery<Filter>,
    assessments: Service,
) -> HandlerResult {
    let Filter { status, custom_assessment_id } = listing.filter;
    let assessment = custom_assessment_id.map(Id::from_uuid);
    let campaigns =
        assessments.campaigns.list(&ctx, *organization, status, assessment, &listing.page).await?;
    Ok(ok(&Paged::of(campaigns, |campaign| CampaignView::from(&campaign))))
}

/// A campaign.
///
/// For owners and admins; managers and recruiters see their own; API keys with `campaigns.read`.
#[utoipa::path(
    operation_id = "assessment.get_campaign", tag = "campaigns", security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "It", body = CampaignView),
        (status = 304, description = "It is still what `If-None-Match` says"))
)]
#[get("/v1/organizations/{organization_id}/campaigns/{campaign_id}")]
async fn get_one(
    req: actix_web::HttpRequest,
    ctx: Caller,
    path: PathParams<(OrganizationId, CampaignId)>,
    assessments: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    let campaign = assessments.campaigns.get(&ctx, organization, id).await?;
    Ok(tagged(&req, campaign.version(), &CampaignView::from(&campaign)))
}

/// Change a campaign.
///
/// For owners and admins; managers and recruiters their own; API keys with `campaigns.write`. Of a draft everything
/// can be changed; of an active campaign the name, the message, `closes_at` and `remind_hours`; of a closed one
/// nothing. `closes_at` always lies in the future. Whoever began keeps the deadline they began with: no deadline
/// ever moves earlier.
#[utoipa::path(
    operation_id = "assessment.edit_campaign", tag = "campaigns", params(IfMatch),
    request_body(content = CampaignPatch, content_type = "application/merge-patch+json"),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "The campaign as it is now", body = CampaignView),
        (status = 409, description = "`assessment.closed` where this cannot be changed any more; `assessment.wrong_status`, `assessment.unpublished` or `assessment.style_fixed`"),
        (status = 422, description = "`assessment.invalid`"))
)]
#[patch("/v1/organizations/{organization_id}/campaigns/{campaign_id}")]
async fn edit(
    ctx: Caller,
    path: PathParams<(OrganizationId, CampaignId)>,
    version: IfMatch,
    body: Json<CampaignPatch>,
    assessments: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    let (choice, set) = body.into_inner().check()?;
    let campaign = assessments.campaigns.edit(&ctx, organization, id, version.0, choice, set).await?;
    Ok(versioned(campaign.version(), &CampaignView::from(&campaign)))
}

/// Activate a campaign.
///
/// For owners and admins; managers and recruiters their own; API keys with `campaigns.write`. Letters go out once
/// the window opens. People may be added later, too.
#[utoipa::path(
    operation_id = "assessment.activate_campaign", tag = "campaigns", params(Idempotent),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "It is active", body = CampaignView),
        (status = 409, description = "`assessment.closed` where it was activated or closed before or its window has ended; `assessment.wrong_status` where the assessment is not active"))
)]
#[post("/v1/organizations/{organization_id}/campaigns/{campaign_id}/activate")]
async fn activate(
    ctx: Caller,
    path: PathParams<(OrganizationId, CampaignId)>,
    idempotent: Idempotent,
    assessments: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    idempotent
        .run(
            &ctx,
            b"",
            async |ctx| Ok(respond(&assessments.campaigns.activate(ctx, organization, id).await?)),
            async |ctx, _| Ok(respond(&assessments.campaigns.get(ctx, organization, id).await?)),
        )
        .await
}

/// Close a campaign.
///
/// For owners and admins; managers and recruiters their own; API keys with `campaigns.write`. Nobody begins any
/// more; whoever began goes on until their own deadline. It is not opened again.
#[utoipa::path(
    operation_id = "assessment.close_campaign", tag = "campaigns", params(Idempotent),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "It is closed", body = CampaignView),
        (status = 409, description = "`assessment.closed`: it is already"))
)]
#[post("/v1/organizations/{organization_id}/campaigns/{campaign_id}/close")]
async fn close(
    ctx: Caller,
    path: PathParams<(OrganizationId, CampaignId)>,
    idempotent: Idempotent,
    assessments: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    idempotent
        .run(
            &ctx,
            b"",
            async |ctx| Ok(respond(&assessments.campaigns.close(ctx, organization, id).await?)),
            async |ctx, _| Ok(respond(&assessments.campaigns.get(ctx, organization, id).await?)),
        )
        .await
}

fn respond(campaign: &Campaign) -> actix_web::HttpResponse {
    versioned(campaign.version(), &CampaignView::from(campaign))
}

/// Remind people.
///
/// For owners and admins; managers and recruiters their own; API keys with `campaigns.write`. Everyone who was
/// invited and is not done is sent a letter with a new link, but nobody twice within 24 hours, and nobody whose last
/// letter did not arrive.
#[utoipa::path(
    operation_id = "assessment.remind_campaign", tag = "campaigns", params(Idempotent),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 202, description = "Letters are on their way"),
        (status = 409, description = "`assessment.closed`: the campaign is not open"))
)]
#[post("/v1/organizations/{organization_id}/campaigns/{campaign_id}/remind")]
async fn remind(
    ctx: Caller,
    path: PathParams<(OrganizationId, CampaignId)>,
    idempotent: Idempotent,
    assessments: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    idempotent.accept(&ctx, b"", async |ctx| assessments.campaigns.remind(ctx, organization, id).await).await
}

/// How far the people have come.
///
/// For owners and admins; managers and recruiters of their own campaigns; API keys with `campaigns.read`. A
/// deadline that has passed counts once it was noticed, within seconds.
#[utoipa::path(
    operation_id = "assessment.get_campaign_progress", tag = "campaigns", security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "The figures", body = ProgressView))
)]
#[get("/v1/organizations/{organization_id}/campaigns/{campaign_id}/progress")]
async fn progress(
    ctx: Caller,
    path: PathParams<(OrganizationId, CampaignId)>,
    assessments: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    Ok(ok(&ProgressView::from(assessments.campaigns.figures(&ctx, organization, id).await?)))
}
