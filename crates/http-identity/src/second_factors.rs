//! Setting up and removing the second factor.

use actix_web::{delete, post};
use http_shell::{Caller, HandlerResult, Json, no_content, ok};
use kernel::Secret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{IdentityServices, schemas};

pub(super) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(enrol).service(confirm).service(remove).service(renew_recovery_codes);
}

/// What an authenticator app needs; shown once.
#[derive(Serialize, ToSchema)]
#[schema(as = identity::Enrolment, example = json!({ "uri": "otpauth://totp/Touchstone:ann%40example.org?secret=JBSWY3DPEHPK3PXP&issuer=Touchstone", "secret": "JBSWY3DPEHPK3PXP" }))]
struct EnrolmentView {
    /// For a QR code.
    #[schema(example = "otpauth://totp/Touchstone:ann%40example.org?secret=…&issuer=Touchstone")]
    uri: String,
    /// The same secret in Base32, for typing.
    secret: String,
}

/// Begins to set up a second factor. It counts once a first code was confirmed. Needs a proof of identity of the
/// last five minutes.
#[utoipa::path(
    operation_id = "identity.enrol_second_factor", tag = "me", security(("bearer" = [])),
    responses((status = 200, description = "The secret, shown once", body = EnrolmentView),
        (status = 403, description = "`identity.step_up_required`"),
        (status = 409, description = "`identity.second_factor_exists`"))
)]
#[post("/v1/me/second-factors/totp")]
async fn enrol(ctx: Caller, identity: IdentityServices) -> HandlerResult {
    let enrolment = identity.second_factors.enrol(&ctx).await?;
    let (uri, secret) = (enrolment.uri.expose().to_owned(), enrolment.secret.expose().to_owned());
    Ok(ok(&EnrolmentView { uri, secret }))
}

/// A first code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = identity::ConfirmSecondFactor, example = json!({ "code": "123456" }))]
struct CodeBody {
    /// The six digits the app shows.
    #[schema(value_type = schemas::TotpCode)]
    code: Secret,
}

/// Recovery codes; shown once.
#[derive(Serialize, ToSchema)]
#[schema(as = identity::RecoveryCodes, example = json!({ "recovery_codes": ["0a1b-2c3d-4e5f-6g7h-8j9k-0m1n"] }))]
struct CodesView {
    /// Each works once in place of the app.
    recovery_codes: Vec<String>,
}

impl From<Vec<Secret>> for CodesView {
    fn from(codes: Vec<Secret>) -> Self {
        Self { recovery_codes: codes.iter().map(|code| code.expose().to_owned()).collect() }
    }
}

/// Confirms the second factor with a first code and returns ten recovery codes. Other sessions end; this one's
/// refresh token fetches an access token with two factors.
#[utoipa::path(
    operation_id = "identity.confirm_second_factor", tag = "me", request_body = CodeBody, security(("bearer" = [])),
    responses((status = 200, description = "Set up", body = CodesView),
        (status = 403, description = "`identity.step_up_required`"),
        (status = 409, description = "`identity.second_factor_exists` or `identity.no_second_factor`"),
        (status = 422, description = "`identity.wrong_code`"))
)]
#[post("/v1/me/second-factors/totp/confirm")]
async fn confirm(ctx: Caller, body: Json<CodeBody>, identity: IdentityServices) -> HandlerResult {
    Ok(ok(&CodesView::from(identity.second_factors.confirm(&ctx, &body.code).await?)))
}

/// Removes the second factor. Refused while an organisation demands one. Needs a proof of identity of the last five
/// minutes.
#[utoipa::path(
    operation_id = "identity.remove_second_factor", tag = "me", security(("bearer" = [])),
    responses((status = 204, description = "Removed"),
        (status = 403, description = "`identity.step_up_required`"),
        (status = 409, description = "`identity.no_second_factor` or `identity.second_factor_demanded`"))
)]
#[delete("/v1/me/second-factors/totp")]
async fn remove(ctx: Caller, identity: IdentityServices) -> HandlerResult {
    identity.second_factors.remove(&ctx).await?;
    Ok(no_content())
}

/// Replaces all recovery codes. Needs a proof of identity of the last five minutes.
#[utoipa::path(
    operation_id = "identity.renew_recovery_codes", tag = "me", security(("bearer" = [])),
    responses((status = 200, description = "The new codes, shown once", body = CodesView),
        (status = 403, description = "`identity.step_up_required`"),
        (status = 409, description = "`identity.no_second_factor`"))
)]
#[post("/v1/me/recovery-codes")]
async fn renew_recovery_codes(ctx: Caller, identity: IdentityServices) -> HandlerResult {
    Ok(ok(&CodesView::from(identity.second_factors.renew_recovery_codes(&ctx).await?)))
}
