//! Registering, signing in and out, and the passwords behind it.

use actix_web::{HttpRequest, post};
use http_shell::{
    Anonymous, Caller, Checker, HandlerResult, Json, OptionalJson, Problem, accepted, no_content, ok, proved,
};
use identity::{
    EmailAddress, Name, Refused,
    registration::Register,
    second_factor::SecondFactorProof,
    session::{Login, Tokens},
};
use kernel::{Secret, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{IdentityServices, schemas};

pub(super) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(register)
        .service(verify_email)
        .service(resend_verification)
        .service(login)
        .service(step_up)
        .service(refresh)
        .service(logout)
        .service(forgot_password)
        .service(reset_password)
        .service(change_password);
}

/// Someone registers.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = identity::Register, example = json!({
    "email": "ann@example.org", "password": "plinth-orbit-walnut-sieve", "full_name": "Ann Lee"
}))]
struct RegisterBody {
    #[schema(value_type = schemas::EmailAddress)]
    email: String,
    /// At least 15 characters unless the installation asks for more or fewer, at most 128; no rule on which.
    #[schema(value_type = String, format = Password, max_length = 128)]
    password: Secret,
    #[schema(value_type = Option<schemas::Name>)]
    full_name: Option<String>,
    /// An IANA time zone; UTC without.
    timezone: Option<String>,
}

/// Takes a registration and mails a link that proves the address. The answer is the same for known addresses.
#[utoipa::path(
    operation_id = "identity.register", tag = "identity", request_body = RegisterBody,
    responses((status = 202, description = "Taken; a letter is on its way"),
        (status = 422, description = "`identity.password_too_short`, `identity.password_too_long`, `identity.password_common`, `identity.password_predictable` or `identity.password_guessable` where the password does not do"))
)]
#[post("/v1/auth/register")]
async fn register(ctx: Anonymous, body: Json<RegisterBody>, identity: IdentityServices) -> HandlerResult {
    let body = body.into_inner();
    let mut check = Checker::new();
    let email = check.take("/email", EmailAddress::new(&body.email));
    let full_name = check.optional("/full_name", body.full_name.as_deref().map(Name::new));
    let (email, full_name) = check.finish((email, full_name))?;
    let register = Register { email, password: body.password, full_name, timezone: body.timezone };
    identity.registrations.register(&ctx, register).await?;
    Ok(accepted())
}

/// The token of a mailed link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = identity::Token, example = json!({ "token": "pP0kq7oQw1s2d3f4g5h6j7k8l9z0x1c2v3b4n5m6Q7w" }))]
struct TokenBody {
    /// From the link's fragment.
    #[schema(value_type = schemas::OneTimeToken)]
    token: Secret,
}

/// Opens the account whose registration's link held this token.
#[utoipa::path(
    operation_id = "identity.verify_email", tag = "identity", request_body = TokenBody,
    responses((status = 204, description = "The account is open; sign in"),
        (status = 409, description = "`identity.link_used`, `identity.link_expired` or `identity.link_replaced`: the detail says what to do"),
        (status = 422, description = "`identity.invalid_one_time_token`"))
)]
#[post("/v1/auth/verify-email")]
async fn verify_email(
    req: HttpRequest,
    ctx: Anonymous,
    body: Json<TokenBody>,
    identity: IdentityServices,
) -> HandlerResult {
    let account = identity.registrations.verify(&ctx, &body.token).await?;
    proved(&req, account.uuid());
    Ok(no_content())
}

/// An address.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = identity::Email, example = json!({ "email": "ann@example.org" }))]
struct EmailBody {
    #[schema(value_type = schemas::EmailAddress)]
    email: String,
}

impl EmailBody {
    fn read(&self) -> Result<EmailAddress, http_shell::Problem> {
        let mut check = Checker::new();
        let email = check.take("/email", EmailAddress::new(&self.email));
        check.finish(email)
    }
}

/// Mails another link for the newest open registration of the address. The answer is the same for unknown addresses.
#[utoipa::path(
    operation_id = "identity.resend_verification", tag = "identity", request_body = EmailBody,
    responses((status = 202, description = "If there is an open registration, a letter is on its way"))
)]
#[post("/v1/auth/resend-verification")]
async fn resend_verification(
    ctx: Anonymous,
    body: Json<EmailBody>,
    identity: IdentityServices,
) -> HandlerResult {
    identity.registrations.resend(&ctx, &body.read()?).await?;
    Ok(accepted())
}

/// What proves who one is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = identity::Login, example = json!({
    "email": "ann@example.org", "password": "plinth-orbit-walnut-sieve"
}))]
struct LoginBody {
    #[schema(value_type = schemas::EmailAddress)]
    email: String,
    #[schema(value_type = String, format = Password)]
    password: Secret,
    /// The six digits of the authenticator app, where a second factor is set up.
    #[schema(value_type = Option<schemas::TotpCode>)]
    totp_code: Option<Secret>,
    /// A recovery code in its place.
    #[schema(value_type = Option<String>)]
    recovery_code: Option<Secret>,
    /// What an earlier sign-in on this device returned.
    #[schema(value_type = Option<String>)]
    device_token: Option<Secret>,
}

/// What a signed-in client holds.
#[derive(Serialize, ToSchema)]
#[schema(as = identity::Tokens, example = json!({ "access_token": "eyJ0eXAiOiJhdCtqd3Qi...", "token_type": "Bearer", "expires_in": 600, "refresh_token": "AZqF...", "refresh_expires_at": "2026-12-04T12:00:00Z", "session_id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6", "device_token": "3q2-7w..." }))]
struct TokensView {
    /// Goes with every request, as `Authorization: Bearer …`.
    access_token: String,
    /// `Bearer`.
    token_type: &'static str,
    /// How long the access token works, in seconds.
    expires_in: u64,
    /// Fetches the next pair; works once.
    refresh_token: String,
    /// Until when the refresh token works.
    refresh_expires_at: Timestamp,
    session_id: Uuid,
    /// Send it with the next sign-in on this device; only when one was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    device_token: Option<String>,
}

impl From<Tokens> for TokensView {
    fn from(tokens: Tokens) -> Self {
        Self {
            access_token: tokens.access_token.expose().to_owned(),
            token_type: "Bearer",
            expires_in: tokens.expires_in,
            refresh_token: tokens.refresh_token.expose().to_owned(),
            refresh_expires_at: tokens.refresh_expires_at,
            session_id: tokens.session.uuid(),
            device_token: tokens.device_token.map(|token| token.expose().to_owned()),
        }
    }
}

fn proof(totp: Option<Secret>, recovery: Option<Secret>) -> Option<SecondFactorProof> {
    totp.map(SecondFactorProof::Totp).or(recovery.map(SecondFactorProof::Recovery))
}

/// Begins a session. Where a second factor is set up and its code is missing, the answer is 401
/// `identity.second_factor_required`.
#[utoipa::path(
    operation_id = "identity.login", tag = "identity", request_body = LoginBody,
    responses((status = 200, description = "Signed in", body = TokensView),
        (status = 401, description = "`identity.wrong_credentials` or `identity.second_factor_required`"),
        (status = 429, description = "`identity.address_banned` where sign-ins to many accounts failed from the same network"))
)]
#[post("/v1/auth/login")]
async fn login(
    req: HttpRequest,
    ctx: Anonymous,
    body: Json<LoginBody>,
    identity: IdentityServices,
) -> HandlerResult {
    let LoginBody { email, password, totp_code, recovery_code, device_token } = body.into_inner();
    let mut check = Checker::new();
    let email = check.take("/email", EmailAddress::new(&email));
    let email = check.finish(email)?;
    // A fingerprint has as many digits as a UUID.
    let sender = Uuid::try_parse(&email.fingerprint()).unwrap_or_default();
    let login = Login { email, password, proof: proof(totp_code, recovery_code), device_token };
    let tokens = identity.sign_in.login(&ctx, login).await;
    if matches!(tokens, Ok(_) | Err(Refused::SecondFactorRequired)) {
        proved(&req, sender);
    }
    Ok(ok(&TokensView::from(tokens?)))
}

/// Proves again who one is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = identity::StepUp, example = json!({ "password": "plinth-orbit-walnut-sieve" }))]
struct StepUpBody {
    #[schema(value_type = String, format = Password)]
    password: Secret,
    /// The six digits of the authenticator app, where a second factor is set up.
    #[schema(value_type = Option<schemas::TotpCode>)]
    totp_code: Option<Secret>,
    /// A recovery code in its place.
    #[schema(value_type = Option<String>)]
    recovery_code: Option<Secret>,
}

/// Proves again who one is, so that sensitive calls go through for five minutes with the new access token.
#[utoipa::path(
    operation_id = "identity.step_up", tag = "identity", request_body = StepUpBody, security(("bearer" = [])),
    responses((status = 200, description = "Proved", body = TokensView),
        (status = 401, description = "`identity.wrong_credentials` or `identity.second_factor_required`"))
)]
#[post("/v1/auth/step-up")]
async fn step_up(ctx: Caller, body: Json<StepUpBody>, identity: IdentityServices) -> HandlerResult {
    let StepUpBody { password, totp_code, recovery_code } = body.into_inner();
    let tokens = identity.sign_in.step_up(&ctx, &password, proof(totp_code, recovery_code)).await?;
    Ok(ok(&TokensView::from(tokens)))
}

/// A refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = identity::Refresh, example = json!({ "refresh_token": "AZqF…" }))]
struct RefreshBody {
    #[schema(value_type = String)]
    refresh_token: Secret,
}

/// Exchanges a refresh token for the next pair. The token before the current one still fetches the current one for
/// 10 s; any older one ends the session.
#[utoipa::path(
    operation_id = "identity.refresh", tag = "identity", request_body = RefreshBody,
    responses((status = 200, description = "The next pair", body = TokensView),
        (status = 401, description = "`identity.invalid_token`"))
)]
#[post("/v1/auth/refresh")]
async fn refresh(
    req: HttpRequest,
    ctx: Anonymous,
    body: Json<RefreshBody>,
    identity: IdentityServices,
) -> HandlerResult {
    let tokens = identity.sign_in.refresh(&ctx, &body.refresh_token).await?;
    proved(&req, tokens.session.uuid());
    Ok(ok(&TokensView::from(tokens)))
}

/// Ends the session of a refresh token or, without a body, that of the access token. One that has ended already is no
/// error.
#[utoipa::path(
    operation_id = "identity.logout", tag = "identity",
    request_body(content = Option<RefreshBody>, example = json!({ "refresh_token": "tsr_AZ8s9k2mX4b7wQ" })),
    responses((status = 204, description = "The session is over"),
        (status = 401, description = "Neither a body nor an access token came"))
)]
#[post("/v1/auth/logout")]
async fn logout(
    req: HttpRequest,
    ctx: Anonymous,
    caller: Option<Caller>,
    body: OptionalJson<RefreshBody>,
    identity: IdentityServices,
) -> HandlerResult {
    if let Some(body) = body.0 {
        if let Some(session) = identity.sign_in.logout(&ctx, &body.refresh_token).await? {
            proved(&req, session.uuid());
        }
        return Ok(no_content());
    }
    let caller: Caller = caller.ok_or_else(Problem::unauthenticated)?;
    identity.sign_in.sign_out(&caller).await?;
    Ok(no_content())
}

/// Mails a link to set a new password. The answer is the same for unknown addresses.
#[utoipa::path(
    operation_id = "identity.forgot_password", tag = "identity", request_body = EmailBody,
    responses((status = 202, description = "If there is an account, a letter is on its way"))
)]
#[post("/v1/auth/forgot-password")]
async fn forgot_password(ctx: Anonymous, body: Json<EmailBody>, identity: IdentityServices) -> HandlerResult {
    identity.passwords.forgot(&ctx, &body.read()?).await?;
    Ok(accepted())
}

/// A new password by link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = identity::ResetPassword, example = json!({
    "token": "pP0kq7oQw1s2d3f4g5h6j7k8l9z0x1c2v3b4n5m6Q7w", "new_password": "gravel-teapot-mosaic-wren"
}))]
struct ResetBody {
    #[schema(value_type = schemas::OneTimeToken)]
    token: Secret,
    #[schema(value_type = String, format = Password, max_length = 128)]
    new_password: Secret,
}

/// Sets a new password by the link's token. Every session ends, the second factor stays, nobody is signed in.
#[utoipa::path(
    operation_id = "identity.reset_password", tag = "identity", request_body = ResetBody,
    responses((status = 204, description = "Set; sign in with it"),
        (status = 409, description = "`identity.link_used`, `identity.link_expired` or `identity.link_replaced`: the detail says what to do"),
        (status = 422, description = "`identity.invalid_one_time_token`; `identity.password_too_short`, `identity.password_too_long`, `identity.password_common`, `identity.password_predictable`, `identity.password_guessable` or `identity.password_temporary` where the password does not do"))
)]
#[post("/v1/auth/reset-password")]
async fn reset_password(ctx: Anonymous, body: Json<ResetBody>, identity: IdentityServices) -> HandlerResult {
    identity.passwords.reset(&ctx, &body.token, &body.new_password).await?;
    Ok(no_content())
}

/// A new password in the place of the current one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = identity::ChangePassword, example = json!({
    "current_password": "plinth-orbit-walnut-sieve", "new_password": "gravel-teapot-mosaic-wren"
}))]
struct ChangeBody {
    #[schema(value_type = String, format = Password)]
    current_password: Secret,
    #[schema(value_type = String, format = Password, max_length = 128)]
    new_password: Secret,
}

/// Changes one's password. Other sessions end; access tokens issued so far stop working, the refresh token fetches
/// a new one. A temporary password is changed so before anything else can be done.
#[utoipa::path(
    operation_id = "identity.change_password", tag = "identity", request_body = ChangeBody, security(("bearer" = [])),
    responses((status = 204, description = "Changed"),
        (status = 401, description = "`identity.wrong_credentials`"),
        (status = 422, description = "`identity.password_too_short`, `identity.password_too_long`, `identity.password_common`, `identity.password_predictable`, `identity.password_guessable` or `identity.password_temporary` where the password does not do"))
)]
#[post("/v1/auth/change-password")]
async fn change_password(ctx: Caller, body: Json<ChangeBody>, identity: IdentityServices) -> HandlerResult {
    identity.passwords.change(&ctx, &body.current_password, &body.new_password).await?;
    Ok(no_content())
}
