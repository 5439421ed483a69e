//! Administration of the platform's accounts.

use actix_web::{get, patch};
use http_shell::{
    Caller, Checker, HandlerResult, IfMatch, Json, ListQuery, PageQuery, Paged, PathParams, ok, versioned,
};
use identity::{AccountStatus, account::AccountChange, directory::AccountFilter};
use kernel::{AccountId, PlatformRole};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{IdentityServices, views::AccountView};

pub(super) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list).service(update);
}

/// Which accounts.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// The address begins with this, without regard to case.
    #[param(required = false)]
    email_prefix: Option<String>,
    /// `active`, `suspended` or `erased`.
    #[param(required = false)]
    status: Option<String>,
}

/// Searches accounts, newest first. For platform administrators with a second factor.
#[utoipa::path(
    operation_id = "identity.list_accounts", tag = "administration", params(PageQuery, Filter), security(("bearer" = [])),
    responses((status = 200, description = "A page of accounts", body = Paged<AccountView>))
)]
#[get("/v1/admin/accounts")]
async fn list(ctx: Caller, listing: ListQuery<Filter>, identity: IdentityServices) -> HandlerResult {
    let Filter { email_prefix, status } = listing.filter;
    let mut check = Checker::new();
    let status = check.optional(
        "/status",
        status.map(|name| {
            let known = AccountStatus::ALL.into_iter().map(AccountStatus::name).find(|known| *known == name);
            known.ok_or("must be one of active, suspended, erased")
        }),
    );
    let status = check.finish(status)?;
    let filter = AccountFilter { email_prefix, status };
    let accounts = identity.administration.accounts(&ctx, &filter, &listing.page).await?;
    Ok(ok(&Paged::of(accounts, |account| AccountView::from(&account))))
}

/// What changes about an account; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = identity::AccountPatch, example = json!({ "status": "suspended" }))]
struct AccountPatch {
    /// `active` or `suspended`.
    status: Option<String>,
    /// `user` or `super_admin`.
    platform_role: Option<String>,
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
    let mut check = Checker::new();
    let suspended = check.optional(
        "/status",
        status.map(|status| match status.as_str() {
            "active" => Ok(false),
            "suspended" => Ok(true),
            _ => Err("must be active or suspended"),
        }),
    );
    let platform_role = check.optional(
        "/platform_role",
        platform_role.map(|role| match role.as_str() {
            "user" => Ok(PlatformRole::User),
            "super_admin" => Ok(PlatformRole::SuperAdmin),
            _ => Err("must be user or super_admin"),
        }),
    );
    let (suspended, platform_role) = check.finish((suspended, platform_role))?;
    let change = AccountChange { suspended, platform_role, start_password_reset };
    let account = identity.administration.update(&ctx, *id, version.0, change).await?;
    Ok(versioned(account.version(), &AccountView::from(&account)))
}
