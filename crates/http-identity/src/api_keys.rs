//! API keys of an organisation.

use actix_web::{HttpResponse, delete, get, post};
use http_shell::{Caller, Checker, HandlerResult, Json, PageQuery, Paged, PathParams, no_content, ok};
use identity::{
    ApiKey, ApiKeyId, KeyScope, Name,
    api_key::{ApiKeyService, NewApiKey},
};
use kernel::{OrganizationId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{IdentityServices, schemas};

pub(super) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(create).service(list).service(revoke);
}

/// An API key without its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = identity::ApiKey, example = json!({ "id": "53ce1b78-dbe2-46d6-a4e0-96da0e8b608b", "name": "Payroll", "scopes": ["members.read"], "created_by": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6", "created_at": "2026-11-20T12:00:00Z", "expires_at": "2027-01-31T00:00:00Z" }))]
struct ApiKeyView {
    id: Uuid,
    #[schema(example = "Payroll")]
    name: String,
    #[schema(example = json!(["members.read"]))]
    scopes: Vec<String>,
    /// The account that made it; the key may never do more than that person may now.
    created_by: Uuid,
    created_at: Timestamp,
    expires_at: Timestamp,
}

impl From<&ApiKey> for ApiKeyView {
    fn from(key: &ApiKey) -> Self {
        Self {
            id: key.id.uuid(),
            name: key.name.to_string(),
            scopes: key.scopes.iter().map(|scope| scope.name().to_owned()).collect(),
            created_by: key.created_by.uuid(),
            created_at: key.created_at,
            expires_at: key.expires_at,
        }
    }
}

/// A key is wanted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = identity::CreateApiKey, example = json!({
    "name": "Payroll", "scopes": ["members.read"], "expires_at": "2027-01-31T00:00:00Z"
}))]
struct CreateBody {
    #[schema(value_type = schemas::Name)]
    name: String,
    /// `{key_scopes}`.
    #[schema(min_items = 1)]
    scopes: Vec<String>,
    /// Within the next 365 days.
    #[schema(format = DateTime)]
    expires_at: String,
}

/// A key with its secret, which is shown this once.
#[derive(Serialize, ToSchema)]
#[schema(as = identity::CreatedApiKey)]
struct CreatedView {
    /// Goes with every request, as `Authorization: Bearer tsk_…`.
    key: String,
    api_key: ApiKeyView,
}

/// Makes an API key. For owners and admins; needs a proof of identity of the last five minutes.
#[utoipa::path(
    operation_id = "identity.create_api_key", tag = "api keys", request_body = CreateBody, security(("bearer" = [])),
    responses((status = 201, description = "Made; the secret is shown this once", body = CreatedView),
        (status = 403, description = "`identity.step_up_required` or `identity.beyond_own_roles`"),
        (status = 409, description = "`quota.reached`"))
)]
#[post("/v1/organizations/{organization_id}/api-keys")]
async fn create(
    ctx: Caller,
    id: PathParams<OrganizationId>,
    body: Json<CreateBody>,
    identity: IdentityServices,
) -> HandlerResult {
    let CreateBody { name, scopes, expires_at } = body.into_inner();
    let mut check = Checker::new();
    let name = check.take("/name", Name::new(&name));
    let scope = |name: String| known_scope(&name, &identity.api_keys);
    let scopes = check.each("/scopes", scopes, scope);
    let expires_at = check.take("/expires_at", expires_at.parse::<Timestamp>());
    let (name, scopes, expires_at) = check.finish((name, scopes, expires_at))?;
    let new = NewApiKey { name, scopes: scopes.into_iter().collect(), expires_at };
    let (key, secret) = identity.api_keys.create(&ctx, *id, new).await?;
    let view = CreatedView { key: secret.expose().to_owned(), api_key: ApiKeyView::from(&key) };
    Ok(HttpResponse::Created().json(view))
}

fn known_scope(name: &str, api_keys: &ApiKeyService) -> Result<KeyScope, String> {
    api_keys.scopes().find(|scope| scope.name() == name).cloned().ok_or_else(|| {
        let names: Vec<&str> = api_keys.scopes().map(KeyScope::name).collect();
        format!("must be one of {}", names.join(", "))
    })
}

/// The keys that were not revoked, newest first. For owners and admins.
#[utoipa::path(
    operation_id = "identity.list_api_keys", tag = "api keys", params(PageQuery), security(("bearer" = [])),
    responses((status = 200, description = "A page of keys", body = Paged<ApiKeyView>))
)]
#[get("/v1/organizations/{organization_id}/api-keys")]
async fn list(
    ctx: Caller,
    id: PathParams<OrganizationId>,
    page: PageQuery,
    identity: IdentityServices,
) -> HandlerResult {
    let keys = identity.api_keys.list(&ctx, *id, &page).await?;
    Ok(ok(&Paged::of(keys, |key| ApiKeyView::from(&key))))
}

/// Revokes a key: it stops working at once. For owners and admins.
#[utoipa::path(
    operation_id = "identity.revoke_api_key", tag = "api keys", security(("bearer" = [])),
    responses((status = 204, description = "Revoked"))
)]
#[delete("/v1/organizations/{organization_id}/api-keys/{api_key_id}")]
async fn revoke(
    ctx: Caller,
    path: PathParams<(OrganizationId, ApiKeyId)>,
    identity: IdentityServices,
) -> HandlerResult {
    let (organization, id) = *path;
    identity.api_keys.revoke(&ctx, organization, id).await?;
    Ok(no_content())
}
