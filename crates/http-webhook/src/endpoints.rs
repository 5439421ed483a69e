//! Making, changing and deleting endpoints.
//!
//! No answer with a secret is kept: so what gives one takes no `Idempotency-Key`.

use std::convert::Infallible;

use actix_web::{delete, get, patch, post};
use http_shell::{
    Caller, Checker, Field, HandlerResult, IfMatch, Json, PageQuery, Paged, PathParams, created, named,
    no_content, ok, versioned,
};
use kernel::OrganizationId;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use webhook::{
    Description, EndpointEdit, EndpointId, EndpointOverview, NewEndpoint, signing::SignatureScheme,
};

use super::{
    Service, schemas,
    views::{EndpointView, SecretView},
};

pub(super) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(create).service(list).service(get_one).service(edit).service(delete).service(rotate);
}

/// An endpoint is wanted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = webhook::CreateEndpoint, example = json!({
    "url": "https://hooks.example.org/touchstone", "description": "Payroll", "events": ["membership.*"],
    "signature": "v1"
}))]
struct CreateBody {
    /// Where requests go: a URL of `https` at port 443 or one from 1024 on, whose host the internet reaches, without
    /// user name and password. What follows a `#` is left out.
    #[schema(value_type = schemas::EndpointUrl)]
    url: String,
    /// What it is for.
    #[schema(value_type = Option<schemas::Description>)]
    description: Option<String>,
    /// The events it is to be told of, by their names or by prefixes such as `membership.*`.
    #[schema(value_type = Vec<schemas::EventFilter>, min_items = 1, max_items = 50)]
    events: Vec<String>,
    /// How requests are signed, for good: `v1` by HMAC-SHA256 with a shared secret, `v1a` by Ed25519. `v1` unless told.
    #[schema(value_type = Option<schemas::Signature>)]
    signature: Option<String>,
}

/// Makes an endpoint, which is told of what happens from now on.
///
/// For owners and admins, and API keys with `webhooks.write`. Requests are signed as Standard Webhooks 1.0.0 says; they
/// are described under `webhooks`.
#[utoipa::path(
    operation_id = "webhook.create_endpoint", tag = "webhooks", request_body = CreateBody,
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 201, description = "Made; the secret is shown this once", body = SecretView),
        (status = 409, description = "`quota.reached`"))
)]
#[post("/v1/organizations/{organization_id}/webhook-endpoints")]
async fn create(
    ctx: Caller,
    id: PathParams<OrganizationId>,
    body: Json<CreateBody>,
    service: Service,
) -> HandlerResult {
    let CreateBody { url, description, events, signature } = body.into_inner();
    let mut check = Checker::new();
    let description = check.optional("/description", description.map(|text| Description::new(&text)));
    let scheme = check.optional("/signature", signature.map(|name| named(&name)));
    let (description, scheme) = check.finish((description, scheme))?;
    let new = NewEndpoint { url, description, events, scheme: scheme.unwrap_or(SignatureScheme::HmacSha256) };
    let (endpoint, secret) = service.endpoints.create(&ctx, *id, new).await?;
    let location = format!("/v1/organizations/{}/webhook-endpoints/{}", *id, endpoint.id);
    let made = EndpointOverview { endpoint, failing_since: None };
    Ok(created(location, made.endpoint.version(), &SecretView::of(&made, &secret, service.clock.now())))
}

/// The organisation's endpoints, oldest first. For owners and admins, and API keys with `webhooks.write`.
#[utoipa::path(
    operation_id = "webhook.list_endpoints", tag = "webhooks", params(PageQuery),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "A page of endpoints", body = Paged<EndpointView>))
)]
#[get("/v1/organizations/{organization_id}/webhook-endpoints")]
async fn list(
    ctx: Caller,
    id: PathParams<OrganizationId>,
    page: PageQuery,
    service: Service,
) -> HandlerResult {
    let endpoints = service.endpoints.list(&ctx, *id, &page).await?;
    let now = service.clock.now();
    Ok(ok(&Paged::of(endpoints, |endpoint| EndpointView::of(&endpoint, now))))
}

/// One endpoint. For owners and admins, and API keys with `webhooks.write`.
#[utoipa::path(
    operation_id = "webhook.get_endpoint", tag = "webhooks", security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "The endpoint", body = EndpointView))
)]
#[get("/v1/organizations/{organization_id}/webhook-endpoints/{endpoint_id}")]
async fn get_one(
    ctx: Caller,
    path: PathParams<(OrganizationId, EndpointId)>,
    service: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    let found = service.endpoints.get(&ctx, organization, id).await?;
    // Since when it fails, and which keys are live, changes without its version: so there is no 304.
    Ok(versioned(found.endpoint.version(), &EndpointView::of(&found, service.clock.now())))
}

/// What changes about an endpoint (JSON Merge Patch).
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = webhook::EndpointPatch, example = json!({ "status": "paused" }))]
struct EndpointPatch {
    /// As for a new one. What waits is sent there, too.
    #[serde(default)]
    #[schema(value_type = Option<schemas::EndpointUrl>, nullable = false)]
    url: Field<String>,
    #[serde(default)]
    #[schema(value_type = Option<schemas::Description>)]
    description: Field<String>,
    /// In place of all before.
    #[serde(default)]
    #[schema(value_type = Option<Vec<schemas::EventFilter>>, nullable = false, min_items = 1, max_items = 50)]
    events: Field<Vec<String>>,
    /// While it is paused, nothing but pings is sent, and what waits is dropped. Enabling one that was disabled has
    /// events sent to it again; `recover` sends what it missed.
    #[serde(default)]
    #[schema(value_type = Option<schemas::SettableStatus>, nullable = false)]
    status: Field<String>,
}

/// Changes an endpoint, pauses it, or enables it. For owners and admins, and API keys with `webhooks.write`.
#[utoipa::path(
    operation_id = "webhook.edit_endpoint", tag = "webhooks", params(IfMatch),
    request_body(content = EndpointPatch, content_type = "application/merge-patch+json"),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "The endpoint as it is now", body = EndpointView),
        (status = 409, description = "`webhook.disabled` for one that is to be paused, `webhook.disabled_by_operator`"))
)]
#[patch("/v1/organizations/{organization_id}/webhook-endpoints/{endpoint_id}")]
async fn edit(
    ctx: Caller,
    path: PathParams<(OrganizationId, EndpointId)>,
    version: IfMatch,
    body: Json<EndpointPatch>,
    service: Service,
) -> HandlerResult {
    let EndpointPatch { url, description, events, status } = body.into_inner();
    let mut check = Checker::new();
    let url = check.replace("/url", url, Ok::<_, Infallible>);
    let description = check.patch("/description", description, |text| Description::new(&text));
    let events = check.replace("/events", events, Ok::<_, Infallible>);
    let status = check.replace("/status", status, |name| schemas::SettableStatus::read(&name));
    let (url, description, events, status) = check.finish((url, description, events, status))?;
    let edit = EndpointEdit { url, description: description.given(), events, status };
    let (organization, id) = *path;
    let edited = service.endpoints.edit(&ctx, organization, id, version.0, edit).await?;
    Ok(versioned(edited.endpoint.version(), &EndpointView::of(&edited, service.clock.now())))
}

/// Deletes an endpoint: what waits for it is not sent. For owners and admins, and API keys with `webhooks.write`.
#[utoipa::path(
    operation_id = "webhook.delete_endpoint", tag = "webhooks", security(("bearer" = []), ("api_key" = [])),
    responses((status = 204, description = "Deleted"))
)]
#[delete("/v1/organizations/{organization_id}/webhook-endpoints/{endpoint_id}")]
async fn delete(
    ctx: Caller,
    path: PathParams<(OrganizationId, EndpointId)>,
    service: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    service.endpoints.delete(&ctx, organization, id).await?;
    Ok(no_content())
}

/// Has an endpoint's requests signed with a new key, and for 24 hours with the one before as well.
///
/// A key that is older signs no more. For owners and admins, and API keys with `webhooks.write`.
#[utoipa::path(
    operation_id = "webhook.rotate_secret", tag = "webhooks", security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "Rotated; the secret is shown this once", body = SecretView))
)]
#[post("/v1/organizations/{organization_id}/webhook-endpoints/{endpoint_id}/rotate-secret")]
async fn rotate(
    ctx: Caller,
    path: PathParams<(OrganizationId, EndpointId)>,
    service: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    let (rotated, secret) = service.endpoints.rotate_secret(&ctx, organization, id).await?;
    let view = SecretView::of(&rotated, &secret, service.clock.now());
    Ok(versioned(rotated.endpoint.version(), &view))
}
