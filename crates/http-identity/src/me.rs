//! One's own account.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, delete, get, patch, post, put};
use http_shell::{
    Anonymous, Caller, Checker, Field, HandlerResult, IfMatch, Json, Object, Problem, accepted, no_content,
    ok, tagged, versioned,
};
use identity::{EmailAddress, Name, Preferences, WebAddress, account::Export, directory::MemberOrganization};
use kernel::{Secret, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{
    IdentityServices, PersonalDomains, schemas,
    views::{AccountView, OrganizationView, SessionView},
};

pub(super) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(get_me)
        .service(edit_me)
        .service(erase_me)
        .service(export_me)
        .service(request_email_change)
        .service(confirm_email_change)
        .service(get_admin_settings)
        .service(put_admin_settings);
}

/// One's own account.
#[utoipa::path(
    operation_id = "identity.get_me", tag = "me", security(("bearer" = [])),
    responses((status = 200, description = "The account", body = AccountView),
        (status = 304, description = "It is still what `If-None-Match` says"))
)]
#[get("/v1/me")]
async fn get_me(req: HttpRequest, ctx: Caller, identity: IdentityServices) -> HandlerResult {
    let account = identity.accounts.own(&ctx).await?;
    Ok(tagged(&req, account.version(), &AccountView::from(&account)))
}

/// What changes about the profile (JSON Merge Patch): a field left out stays, `null` takes it away.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = identity::ProfilePatch, example = json!({ "display_name": "Ann", "timezone": "Europe/Vienna" }))]
struct ProfilePatch {
    #[serde(default)]
    #[schema(value_type = Option<schemas::Name>)]
    full_name: Field<String>,
    #[serde(default)]
    #[schema(value_type = Option<schemas::Name>)]
    display_name: Field<String>,
    /// An http or https address.
    #[serde(default)]
    #[schema(value_type = Option<schemas::WebAddress>)]
    avatar_url: Field<String>,
    #[serde(default)]
    #[schema(value_type = Option<schemas::Name>)]
    profession: Field<String>,
    /// An IANA time zone.
    #[serde(default)]
    #[schema(value_type = Option<String>, nullable = false)]
    timezone: Field<String>,
    /// Replaces all preferences: a JSON object of at most 16 KiB.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    preferences: Field<Object>,
}

/// Changes one's profile.
#[utoipa::path(
    operation_id = "identity.edit_me", tag = "me", params(IfMatch), request_body(content = ProfilePatch, content_type = "application/merge-patch+json"), security(("bearer" = [])),
    responses((status = 200, description = "The account as it is now", body = AccountView))
)]
#[patch("/v1/me")]
async fn edit_me(
    ctx: Caller,
    version: IfMatch,
    body: Json<ProfilePatch>,
    identity: IdentityServices,
) -> HandlerResult {
    let body = body.into_inner();
    let mut check = Checker::new();
    let full_name = check.patch("/full_name", body.full_name, |name| Name::new(&name));
    let display_name = check.patch("/display_name", body.display_name, |name| Name::new(&name));
    let avatar_url = check.patch("/avatar_url", body.avatar_url, |url| WebAddress::new(&url));
    let profession = check.patch("/profession", body.profession, |name| Name::new(&name));
    let timezone = check.replace("/timezone", body.timezone, Ok::<_, std::convert::Infallible>);
    let preferences = check.patch("/preferences", body.preferences, Preferences::new);
    let (full_name, display_name, avatar_url, profession, timezone, preferences) =
        check.finish((full_name, display_name, avatar_url, profession, timezone, preferences))?;
    let account = identity
        .accounts
        .edit(&ctx, version.0, |profile| {
            profile.full_name = full_name.over(profile.full_name.take());
            profile.display_name = display_name.over(profile.display_name.take());
            profile.avatar_url = avatar_url.over(profile.avatar_url.take());
            profile.profession = profession.over(profile.profession.take());
            profile.timezone = timezone.unwrap_or_else(|| std::mem::take(&mut profile.timezone));
            let kept = std::mem::take(&mut profile.preferences);
            profile.preferences = preferences.over(Some(kept)).unwrap_or_default();
        })
        .await?;
    Ok(versioned(account.version(), &AccountView::from(&account)))
}

/// Erases one's account for good: everything personal goes. Needs a proof of identity of the last five minutes.
#[utoipa::path(
    operation_id = "identity.erase_me", tag = "me", params(IfMatch), security(("bearer" = [])),
    responses((status = 204, description = "Erased"),
        (status = 403, description = "`identity.step_up_required`"),
        (status = 409, description = "`identity.last_owner`"))
)]
#[delete("/v1/me")]
async fn erase_me(ctx: Caller, version: IfMatch, identity: IdentityServices) -> HandlerResult {
    identity.accounts.erase(&ctx, version.0).await?;
    Ok(no_content())
}

/// Everything the identity domain keeps of a person.
#[derive(Serialize, ToSchema)]
#[schema(as = identity::Export)]
struct ExportView {
    account: AccountView,
    sessions: Vec<SessionView>,
    organizations: Vec<OrganizationView>,
    memberships: Vec<ExportedMembership>,
    invitations: Vec<ExportedInvitation>,
    /// Whether a second factor is set up.
    has_second_factor: bool,
    recovery_codes_left: usize,
    admin_settings: Option<Object>,
    /// What each other domain keeps, by the domain's name.
    #[schema(value_type = Object)]
    domains: BTreeMap<&'static str, Value>,
}

/// What an organisation keeps of the person as its member.
#[derive(Serialize, ToSchema)]
#[schema(as = identity::ExportedMembership)]
struct ExportedMembership {
    organization_id: Uuid,
    #[schema(value_type = Vec<schemas::Role>)]
    roles: Vec<&'static str>,
    #[schema(value_type = Option<schemas::Name>)]
    job_title: Option<String>,
    #[schema(value_type = Option<schemas::Name>)]
    department: Option<String>,
    joined_at: Timestamp,
}

/// An invitation this address was sent.
#[derive(Serialize, ToSchema)]
#[schema(as = identity::ExportedInvitation)]
struct ExportedInvitation {
    id: Uuid,
    organization_id: Uuid,
    #[schema(value_type = Vec<schemas::Role>)]
    roles: Vec<&'static str>,
    #[schema(value_type = schemas::InvitationStatus)]
    status: &'static str,
    created_at: Timestamp,
}

impl ExportView {
    fn new(export: &Export, domains: BTreeMap<&'static str, Value>) -> Self {
        let confirmed = export.second_factor.as_ref().filter(|factor| factor.is_confirmed());
        let invitation = |found: &identity::Invitation| ExportedInvitation {
            id: found.id.uuid(),
            organization_id: found.organization.uuid(),
            roles: found.roles.names(),
            status: found.status.name(),
            created_at: found.created_at,
        };
        let membership = |MemberOrganization { membership, .. }: &MemberOrganization| ExportedMembership {
            organization_id: membership.organization.uuid(),
            roles: membership.roles.names(),
            job_title: membership.job_title.as_ref().map(ToString::to_string),
            department: membership.department.as_ref().map(ToString::to_string),
            joined_at: membership.created_at,
        };
        Self {
            account: AccountView::from(&export.account),
            sessions: export.sessions.iter().map(|session| SessionView::of(session, None)).collect(),
            organizations: export.organizations.iter().map(OrganizationView::from).collect(),
            memberships: export.organizations.iter().map(membership).collect(),
            invitations: export.invitations.iter().map(invitation).collect(),
            has_second_factor: confirmed.is_some(),
            recovery_codes_left: confirmed.map_or(0, identity::SecondFactor::unused_recovery_codes),
            admin_settings: export.admin_settings.as_ref().map(|document| document.settings.to_json()),
            domains,
        }
    }
}

/// Everything kept of oneself, as JSON: what every domain keeps, what one said oneself whole, and what others judged as
/// far as one may see it. Needs a proof of identity of the last five minutes.
#[utoipa::path(
    operation_id = "identity.export_me", tag = "me", security(("bearer" = [])),
    responses((status = 200, description = "Everything", body = ExportView),
        (status = 403, description = "`identity.step_up_required`"))
)]
#[get("/v1/me/export")]
async fn export_me(ctx: Caller, identity: IdentityServices, domains: PersonalDomains) -> HandlerResult {
    let export = identity.accounts.export(&ctx).await?;
    let mut kept = BTreeMap::new();
    for domain in domains.iter() {
        kept.insert(domain.domain(), domain.export(export.account.id).await?);
    }
    Ok(ok(&ExportView::new(&export, kept)))
}

/// Another address.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = identity::EmailChange, example = json!({ "new_email": "ann@new.example" }))]
struct EmailChangeBody {
    #[schema(value_type = schemas::EmailAddress)]
    new_email: String,
}

/// Asks to change one's address: a link goes to the new one, a notice to the old one. Needs a proof of identity of
/// the last five minutes.
#[utoipa::path(
    operation_id = "identity.request_email_change", tag = "me", request_body = EmailChangeBody, security(("bearer" = [])),
    responses((status = 202, description = "Letters are on their way"),
        (status = 403, description = "`identity.step_up_required`"))
)]
#[post("/v1/me/email-change")]
async fn request_email_change(
    ctx: Caller,
    body: Json<EmailChangeBody>,
    identity: IdentityServices,
) -> HandlerResult {
    let mut check = Checker::new();
    let email = check.take("/new_email", EmailAddress::new(&body.new_email));
    let email = check.finish(email)?;
    identity.accounts.request_email_change(&ctx, email).await?;
    Ok(accepted())
}

/// The token of the letter to the new address.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = identity::ConfirmEmailChange, example = json!({ "token": "pP0kq7oQw1s2d3f4g5h6j7k8l9z0x1c2v3b4n5m6Q7w" }))]
struct ConfirmBody {
    #[schema(value_type = schemas::OneTimeToken)]
    token: Secret,
}

/// Changes the address by the link's token, which alone is the proof: whoever is signed in elsewhere is signed out.
#[utoipa::path(
    operation_id = "identity.confirm_email_change", tag = "me", request_body = ConfirmBody,
    responses((status = 204, description = "Changed"),
        (status = 409, description = "`identity.link_used`, `identity.link_expired` or `identity.link_replaced`: the detail says what to do"),
        (status = 422, description = "`identity.invalid_one_time_token`"))
)]
#[post("/v1/me/email-change/confirm")]
async fn confirm_email_change(
    visitor: Anonymous,
    caller: Result<Caller, Problem>,
    body: Json<ConfirmBody>,
    identity: IdentityServices,
) -> HandlerResult {
    let ctx = caller.map_or(visitor.0, |caller| caller.0);
    identity.accounts.confirm_email_change(&ctx, &body.token).await?;
    Ok(no_content())
}

/// The settings an administrator keeps for the administration's own screens.
#[derive(Serialize, ToSchema)]
#[schema(as = identity::AdminSettings, example = json!({ "user_id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6", "settings": { "theme": "dark" }, "version": 1 }))]
struct AdminSettingsView {
    user_id: Uuid,
    /// A JSON object of at most 16 KiB.
    settings: Object,
    /// The same number as in `ETag`; 0 before the first.
    version: i64,
}

impl AdminSettingsView {
    fn of(document: &identity::AdminSettings) -> Self {
        let (user_id, settings) = (document.account.uuid(), document.settings.to_json());
        Self { user_id, settings, version: document.version() }
    }
}

/// One's administration settings.
#[utoipa::path(
    operation_id = "identity.get_admin_settings", tag = "me", security(("bearer" = [])),
    responses((status = 200, description = "The document", body = AdminSettingsView),
        (status = 304, description = "It is still what `If-None-Match` says"),
        (status = 404, description = "None was put yet"))
)]
#[get("/v1/me/admin-settings")]
async fn get_admin_settings(req: HttpRequest, ctx: Caller, identity: IdentityServices) -> HandlerResult {
    let document = identity.accounts.admin_settings(&ctx).await?.ok_or_else(Problem::not_found)?;
    Ok(tagged(&req, document.version(), &AdminSettingsView::of(&document)))
}

/// A document.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = identity::PutAdminSettings, example = json!({ "settings": { "theme": "dark" } }))]
struct AdminSettingsBody {
    /// A JSON object of at most 16 KiB.
    settings: Object,
}

/// Puts a document in the place of one's administration settings. The first needs no `If-Match`.
#[utoipa::path(
    operation_id = "identity.put_admin_settings", tag = "me", request_body = AdminSettingsBody,
    params(("If-Match" = Option<String>, Header, nullable = false, description = "The ETag of the version the change was made for",
        pattern = "^\"[0-9]{1,18}\"$", example = "\"3\"")),
    security(("bearer" = [])),
    responses((status = 200, description = "The document as it is now", body = AdminSettingsView))
)]
#[put("/v1/me/admin-settings")]
async fn put_admin_settings(
    ctx: Caller,
    version: Result<IfMatch, Problem>,
    body: Json<AdminSettingsBody>,
    identity: IdentityServices,
) -> HandlerResult {
    let version = match version {
        Ok(version) => Some(version.0),
        Err(problem) if problem.code() != "request.if_match_required" => return Err(problem),
        Err(problem) if identity.accounts.admin_settings(&ctx).await?.is_some() => return Err(problem),
        Err(_) => None,
    };
    let mut check = Checker::new();
    let settings = check.take("/settings", Preferences::new(body.into_inner().settings));
    let document = identity.accounts.put_admin_settings(&ctx, version, check.finish(settings)?).await?;
    Ok(versioned(document.version(), &AdminSettingsView::of(&document)))
}
