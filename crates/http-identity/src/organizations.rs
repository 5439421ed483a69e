//! Organisations.

use actix_web::{HttpRequest, get, patch, post};
use http_shell::{
    Caller, Checker, Field, HandlerResult, Idempotent, IfMatch, Json, Object, PageQuery, Paged, PathParams,
    Problem, created, no_content, ok, tagged, versioned,
};
use identity::{Name, OrganizationProfile, Preferences, Slug};
use kernel::{AccountId, OrganizationId};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{IdentityServices, schemas, views::OrganizationView};

pub(super) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(found)
        .service(list)
        .service(get_one)
        .service(edit)
        .service(leave)
        .service(transfer)
        .service(close);
}

/// An organisation to be founded.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = identity::FoundOrganization, example = json!({ "name": "North Wind", "slug": "north-wind" }))]
struct FoundBody {
    #[schema(value_type = schemas::Name)]
    name: String,
    /// No two organisations share one.
    #[schema(value_type = Option<schemas::Slug>)]
    slug: Option<String>,
    /// Whether all members need a second factor; false unless set.
    #[serde(default)]
    requires_second_factor: bool,
    /// A JSON object of at most 16 KiB.
    settings: Option<Object>,
}

fn location(organization: &identity::directory::MemberOrganization) -> String {
    format!("/v1/organizations/{}", organization.organization.id)
}

/// Founds an organisation; the founder is its owner.
#[utoipa::path(
    operation_id = "identity.found_organization", tag = "organizations", params(Idempotent), request_body = FoundBody,
    security(("bearer" = [])),
    responses((status = 201, description = "Founded", body = OrganizationView),
        (status = 409, description = "`identity.slug_taken` or `quota.reached`"))
)]
#[post("/v1/organizations")]
async fn found(
    ctx: Caller,
    idempotent: Idempotent,
    body: Json<FoundBody>,
    identity: IdentityServices,
) -> HandlerResult {
    let raw = body.raw();
    let body = body.into_inner();
    let mut check = Checker::new();
    let name = check.take("/name", Name::new(&body.name));
    let slug = check.optional("/slug", body.slug.as_deref().map(Slug::new));
    let settings = check.optional("/settings", body.settings.map(Preferences::new));
    let (name, slug, settings) = check.finish((name, slug, settings))?;
    let requires_second_factor = body.requires_second_factor;
    let profile =
        OrganizationProfile { name, slug, requires_second_factor, settings: settings.unwrap_or_default() };
    let answer = |own: identity::directory::MemberOrganization| {
        created(location(&own), own.organization.version(), &OrganizationView::from(&own))
    };
    idempotent
        .run(
            &ctx,
            &raw,
            async |ctx| Ok(answer(identity.organizations.found(ctx, profile).await?)),
            async |ctx, saved| {
                let saved = saved.ok_or_else(Problem::not_found)?;
                Ok(answer(identity.organizations.get(ctx, OrganizationId::from_uuid(saved.id)).await?))
            },
        )
        .await
}

/// The organisations one belongs to, oldest first.
#[utoipa::path(
    operation_id = "identity.list_organizations", tag = "organizations", params(PageQuery), security(("bearer" = [])),
    responses((status = 200, description = "A page of organisations", body = Paged<OrganizationView>))
)]
#[get("/v1/organizations")]
async fn list(ctx: Caller, page: PageQuery, identity: IdentityServices) -> HandlerResult {
    let organizations = identity.organizations.list(&ctx, &page).await?;
    Ok(ok(&Paged::of(organizations, |own| OrganizationView::from(&own))))
}

/// One organisation. For members, and API keys with `organization.read`.
#[utoipa::path(
    operation_id = "identity.get_organization", tag = "organizations", security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "The organisation", body = OrganizationView),
        (status = 304, description = "It is still what `If-None-Match` says"))
)]
#[get("/v1/organizations/{organization_id}")]
async fn get_one(
    req: HttpRequest,
    ctx: Caller,
    id: PathParams<OrganizationId>,
    identity: IdentityServices,
) -> HandlerResult {
    let own = identity.organizations.get(&ctx, *id).await?;
    Ok(tagged(&req, own.organization.version(), &OrganizationView::from(&own)))
}

/// What changes about an organisation (JSON Merge Patch).
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = identity::OrganizationPatch, example = json!({ "requires_second_factor": true }))]
struct OrganizationPatch {
    #[serde(default)]
    #[schema(value_type = Option<schemas::Name>, nullable = false)]
    name: Field<String>,
    #[serde(default)]
    #[schema(value_type = Option<schemas::Slug>)]
    slug: Field<String>,
    /// Whether all members need a second factor.
    #[serde(default)]
    #[schema(value_type = Option<bool>, nullable = false)]
    requires_second_factor: Field<bool>,
    /// Replaces all settings: a JSON object of at most 16 KiB.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    settings: Field<Object>,
}

/// Changes an organisation. For owners and admins.
#[utoipa::path(
    operation_id = "identity.edit_organization", tag = "organizations", params(IfMatch), request_body(content = OrganizationPatch, content_type = "application/merge-patch+json"),
    security(("bearer" = [])),
    responses((status = 200, description = "The organisation as it is now", body = OrganizationView),
        (status = 409, description = "`identity.slug_taken`"))
)]
#[patch("/v1/organizations/{organization_id}")]
async fn edit(
    ctx: Caller,
    id: PathParams<OrganizationId>,
    version: IfMatch,
    body: Json<OrganizationPatch>,
    identity: IdentityServices,
) -> HandlerResult {
    let body = body.into_inner();
    let mut check = Checker::new();
    let name = check.replace("/name", body.name, |name| Name::new(&name));
    let slug = check.patch("/slug", body.slug, |slug| Slug::new(&slug));
    let demand = check.replace(
        "/requires_second_factor",
        body.requires_second_factor,
        Ok::<_, std::convert::Infallible>,
    );
    let settings = check.patch("/settings", body.settings, Preferences::new);
    let (name, slug, demand, settings) = check.finish((name, slug, demand, settings))?;
    let own = identity
        .organizations
        .edit(&ctx, *id, version.0, |profile| {
            if let Some(name) = name {
                profile.name = name;
            }
            profile.slug = slug.over(profile.slug.take());
            profile.requires_second_factor = demand.unwrap_or(profile.requires_second_factor);
            let kept = std::mem::take(&mut profile.settings);
            profile.settings = settings.over(Some(kept)).unwrap_or_default();
        })
        .await?;
    Ok(versioned(own.organization.version(), &OrganizationView::from(&own)))
}

/// Leaves an organisation; the last owner cannot.
#[utoipa::path(
    operation_id = "identity.leave_organization", tag = "organizations", params(Idempotent), security(("bearer" = [])),
    responses((status = 204, description = "Left"),
        (status = 403, description = "`identity.person_needed` with an API key"),
        (status = 409, description = "`identity.last_owner`"))
)]
#[post("/v1/organizations/{organization_id}/leave")]
async fn leave(
    ctx: Caller,
    id: PathParams<OrganizationId>,
    idempotent: Idempotent,
    identity: IdentityServices,
) -> HandlerResult {
    idempotent
        .run(
            &ctx,
            b"",
            async |ctx| {
                identity.organizations.leave(ctx, *id).await?;
                Ok(no_content())
            },
            async |_, _| Ok(no_content()),
        )
        .await
}

/// The heir.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = identity::TransferOwnership, example = json!({ "account_id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6" }))]
struct TransferBody {
    /// The account of an active member.
    account_id: Uuid,
}

/// Hands ownership to another member. For owners; needs a proof of identity of the last five minutes.
#[utoipa::path(
    operation_id = "identity.transfer_ownership", tag = "organizations", params(Idempotent), request_body = TransferBody,
    security(("bearer" = [])),
    responses((status = 204, description = "Handed on"),
        (status = 403, description = "`identity.step_up_required`"))
)]
#[post("/v1/organizations/{organization_id}/transfer-ownership")]
async fn transfer(
    ctx: Caller,
    id: PathParams<OrganizationId>,
    idempotent: Idempotent,
    body: Json<TransferBody>,
    identity: IdentityServices,
) -> HandlerResult {
    let heir = AccountId::from_uuid(body.account_id);
    idempotent
        .run(
            &ctx,
            &body.raw(),
            async |ctx| {
                identity.organizations.transfer(ctx, *id, heir).await?;
                Ok(no_content())
            },
            async |_, _| Ok(no_content()),
        )
        .await
}

/// Closes an organisation for good; history stays. For owners; needs a proof of identity of the last five minutes.
#[utoipa::path(
    operation_id = "identity.close_organization", tag = "organizations", params(Idempotent), security(("bearer" = [])),
    responses((status = 204, description = "Closed"),
        (status = 403, description = "`identity.step_up_required`"))
)]
#[post("/v1/organizations/{organization_id}/close")]
async fn close(
    ctx: Caller,
    id: PathParams<OrganizationId>,
    idempotent: Idempotent,
    identity: IdentityServices,
) -> HandlerResult {
    idempotent
        .run(
            &ctx,
            b"",
            async |ctx| {
                identity.organizations.close(ctx, *id).await?;
                Ok(no_content())
            },
            async |_, _| Ok(no_content()),
        )
        .await
}
