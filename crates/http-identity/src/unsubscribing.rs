//! Unsubscribing from the letters of an organisation, by the link each of them carries.

use actix_web::{delete, get, post};
use http_shell::{Anonymous, HandlerResult, Query, UnsubscribeToken, ok};
use kernel::text::Name;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{IdentityServices, schemas};

pub(super) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(follow).service(unsubscribe).service(subscribe);
}

/// Whose letters it is about.
#[derive(Serialize, ToSchema)]
#[schema(as = identity::Unsubscribed, example = json!({ "organization": "North Wind" }))]
struct UnsubscribedView {
    /// What the organisation is called.
    #[schema(value_type = schemas::Name)]
    organization: Name,
}

/// Leads whoever follows the link in a letter to the page that asks whether they mean it: programs that look at every
/// link of a letter unsubscribe nobody.
#[utoipa::path(
    operation_id = "identity.follow_unsubscribe_link", tag = "identity", params(UnsubscribeToken),
    responses((status = 303, description = "To the page, with the token in the fragment",
        headers(("Location" = String, description = "The page"))))
)]
#[get("/v1/unsubscribe")]
async fn follow(query: Query<UnsubscribeToken>, identity: IdentityServices) -> HandlerResult {
    Ok(query.0.to_page(identity.public_url(), "token"))
}

/// No letter of the organisation goes to the address any more that the letter went to. Mail clients call this by
/// themselves when their button is pressed (RFC 8058), whatever the body. Twice does no harm.
#[utoipa::path(
    operation_id = "identity.unsubscribe", tag = "identity", params(UnsubscribeToken),
    responses((status = 200, description = "Unsubscribed", body = UnsubscribedView),
        (status = 422, description = "`identity.invalid_one_time_token`"))
)]
#[post("/v1/unsubscribe")]
async fn unsubscribe(
    ctx: Anonymous,
    query: Query<UnsubscribeToken>,
    identity: IdentityServices,
) -> HandlerResult {
    let organization = identity.unsubscribing.unsubscribe(&ctx, &query.0.token).await?;
    Ok(ok(&UnsubscribedView { organization }))
}

/// Letters of the organisation go to the address again.
#[utoipa::path(
    operation_id = "identity.subscribe_again", tag = "identity", params(UnsubscribeToken),
    responses((status = 200, description = "Subscribed", body = UnsubscribedView),
        (status = 422, description = "`identity.invalid_one_time_token`"))
)]
#[delete("/v1/unsubscribe")]
async fn subscribe(
    ctx: Anonymous,
    query: Query<UnsubscribeToken>,
    identity: IdentityServices,
) -> HandlerResult {
    let organization = identity.unsubscribing.subscribe(&ctx, &query.0.token).await?;
    Ok(ok(&UnsubscribedView { organization }))
}
