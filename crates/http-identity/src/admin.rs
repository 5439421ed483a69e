//! Administration of the platform's accounts.

use actix_web::{get, patch};
use http_shell::{
    Caller, HandlerResult, IfMatch, Json, ListQuery, PageQuery, Paged, PathParams, ok, versioned,
};
use identity::{AccountStatus, account::AccountChange, directory::AccountFilter};
use kernel::{AccountId, PlatformRole};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{IdentityServices, schemas, views::AccountView};

pub(super) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list).service(update);
}

/// Which accounts.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// The address begins with this, without regard to case.
    #[param(required = false, pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$")]
    email_prefix: Option<String>,
    /// With this status.
    #[param(required = false, inline, value_type = Option<schemas::AccountStatus>)]
    status: Option<AccountStatus>,
}

/// Searches accounts, newest first. For platform administrators with a second factor.
#[utoipa::path(
    operation_id = "identity.list_accounts", tag = "administration", params(PageQuery, Filter), security(("bearer" = [])),
    responses((status = 200, description = "A page of accounts", body = Paged<AccountView>))
)]
#[get("/v1/admin/accounts")]
async fn list(ctx: Caller, listing: ListQuery<Filter>, identity: IdentityServices) -> HandlerResult {
    let Filter { email_prefix, status } = listing.filter;
    let filter = AccountFilter { email_prefix, status: status.map(AccountStatus::name) };
    let accounts = identity.administration.accounts(&ctx, &filter, &listing.page).await?;
    Ok(ok(&Paged::of(accounts, |account| AccountView::from(&account))))
}

/// What an administrator can make of an account.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = identity::AccountStatusChange)]
enum StatusChange {
    Active,
    Suspended,
}

/// What changes about an account; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = identity::AccountPatch, example = json!({ "status": "suspended" }))]
struct AccountPatch {
    /// Whether it can be used.
    status: Option<StatusChange>,
    /// Whether it administrates the platform.
    #[schema(value_type = Option<schemas::PlatformRole>)]
    platform_role: Option<PlatformRole>,
    /// Mails the owner a link to set a new password. Nobody else ever sets one.
    #[serde(default)]
    start_password_reset: bool,
}

/// Suspends, reinstates, changes the platform role, or starts a password reset. For platform administrators with a
/// second factor and a proof of identity of the last five minutes; never on their own account.
#[utoipa::path(
    operation_id = "identity.update_account", tag = "administration", params(IfMatch), request_body(content = AccountPatch, content_type = "application/merge-patch+json"),
    security(("bearer" = [])),
    responses((status = 200, description = "The account as it is now", body = AccountView),
        (status = 403, description = "`identity.step_up_required`"),
        (status = 409, description = "`identity.own_account`"))
)]
#[patch("/v1/admin/accounts/{account_id}")]
async fn update(
    ctx: Caller,
    id: PathParams<AccountId>,
    version: IfMatch,
    body: Json<AccountPatch>,
    identity: IdentityServices,
) -> HandlerResult {
    let AccountPatch { status, platform_role, start_password_reset } = body.into_inner();
    let suspended = status.map(|status| status == StatusChange::Suspended);
    let change = AccountChange { suspended, platform_role, start_password_reset };
    let account = identity.administration.update(&ctx, *id, version.0, change).await?;
    Ok(versioned(account.version(), &AccountView::from(&account)))
}
