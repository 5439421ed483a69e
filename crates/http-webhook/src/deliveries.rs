//! What was sent to an endpoint, and having it sent once more.

use actix_web::{get, post};
use http_shell::{Caller, Checker, HandlerResult, Idempotent, Json, PageQuery, Paged, PathParams, ok};
use kernel::{OrganizationId, Timestamp};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use webhook::{EndpointId, WebhookDeliveryId};

use super::{Service, views::DeliveryView};

pub(super) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(test).service(list).service(replay).service(recover);
}

/// Sends a ping to an endpoint, soon.
///
/// Its deliveries tell what came of it. A paused endpoint is sent it, too. For owners and admins, and API keys with
/// `webhooks.write`.
#[utoipa::path(
    operation_id = "webhook.test_endpoint", tag = "webhooks", params(Idempotent),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 202, description = "A ping is on its way"),
        (status = 409, description = "`webhook.disabled`"))
)]
#[post("/v1/organizations/{organization_id}/webhook-endpoints/{endpoint_id}/test")]
async fn test(
    ctx: Caller,
    path: PathParams<(OrganizationId, EndpointId)>,
    idempotent: Idempotent,
    service: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    idempotent.accept(&ctx, b"", async |ctx| service.endpoints.test(ctx, organization, id).await).await
}

/// What was sent to an endpoint, and is to be, newest first: of the last 30 days. For owners and admins, and API keys
/// with `webhooks.write`.
#[utoipa::path(
    operation_id = "webhook.list_deliveries", tag = "webhooks", params(PageQuery),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "A page of deliveries", body = Paged<DeliveryView>))
)]
#[get("/v1/organizations/{organization_id}/webhook-endpoints/{endpoint_id}/deliveries")]
async fn list(
    ctx: Caller,
    path: PathParams<(OrganizationId, EndpointId)>,
    page: PageQuery,
    service: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    let deliveries = service.endpoints.deliveries(&ctx, organization, id, &page).await?;
    Ok(ok(&Paged::of(deliveries, DeliveryView::from)))
}

/// Sends a delivery once more, soon, whatever came of it.
///
/// It comes with the same `webhook-id`, and may be tried ten times again. For owners and admins, and API keys with
/// `webhooks.write`.
#[utoipa::path(
    operation_id = "webhook.replay_delivery", tag = "webhooks", params(Idempotent),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 202, description = "It is on its way"),
        (status = 409, description = "`webhook.disabled` or `webhook.paused`"))
)]
#[post("/v1/organizations/{organization_id}/webhook-endpoints/{endpoint_id}/deliveries/{delivery_id}/replay")]
async fn replay(
    ctx: Caller,
    path: PathParams<(OrganizationId, EndpointId, WebhookDeliveryId)>,
    idempotent: Idempotent,
    service: Service,
) -> HandlerResult {
    let (organization, id, delivery) = *path;
    idempotent
        .accept(&ctx, b"", async |ctx| service.endpoints.replay(ctx, organization, id, delivery).await)
        .await
}

/// From when on it is sent once more.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = webhook::Recover, example = json!({ "since": "2026-11-20T12:00:00Z" }))]
struct RecoverBody {
    /// What happened since then, within the last 30 days.
    #[schema(format = DateTime)]
    since: String,
}

/// Sends once more, soon, all that happened since then and the endpoint did not receive.
///
/// That is what was given up, and what was dropped while it was paused or when it was disabled. For owners and admins,
/// and API keys with `webhooks.write`.
#[utoipa::path(
    operation_id = "webhook.recover_deliveries", tag = "webhooks", params(Idempotent), request_body = RecoverBody,
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 202, description = "They are on their way, the earliest first"),
        (status = 409, description = "`webhook.disabled` or `webhook.paused`"))
)]
#[post("/v1/organizations/{organization_id}/webhook-endpoints/{endpoint_id}/recover")]
async fn recover(
    ctx: Caller,
    path: PathParams<(OrganizationId, EndpointId)>,
    idempotent: Idempotent,
    body: Json<RecoverBody>,
    service: Service,
) -> HandlerResult {
    let mut check = Checker::new();
    let since = check.take("/since", body.since.parse::<Timestamp>());
    let since = check.finish(since)?;
    let (organization, id) = *path;
    idempotent
        .accept(&ctx, &body.raw(), async |ctx| service.endpoints.recover(ctx, organization, id, since).await)
        .await
}
