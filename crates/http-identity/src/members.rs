//! The members of an organisation.

use actix_web::{delete, get, patch};
use http_shell::{
    Caller, Checker, Field, HandlerResult, IfMatch, Json, PageQuery, Paged, PathParams, no_content, ok,
    versioned,
};
use identity::{Name, directory::MemberView as Member, membership::MemberChange};
use kernel::{AccountId, NoRole, OrganizationId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{IdentityServices, schemas, views::read_roles};

pub(super) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list).service(update).service(remove);
}

/// A member, with the person behind it.
#[derive(Serialize, ToSchema)]
#[schema(as = identity::Member, example = json!({ "account_id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6", "email": "ben@example.org", "full_name": "Ben Cole", "display_name": null, "avatar_url": null, "roles": ["recruiter"], "job_title": "Recruiter", "department": "People", "joined_at": "2026-11-20T12:00:00Z", "version": 2 }))]
struct MemberView {
    account_id: Uuid,
    email: Option<String>,
    full_name: Option<String>,
    display_name: Option<String>,
    avatar_url: Option<String>,
    #[schema(value_type = Vec<schemas::Role>)]
    roles: Vec<&'static str>,
    job_title: Option<String>,
    department: Option<String>,
    joined_at: Timestamp,
    /// For `If-Match`.
    version: i64,
}

impl From<&Member> for MemberView {
    fn from(Member { membership, account }: &Member) -> Self {
        let profile = &account.profile;
        let text = |name: &Option<Name>| name.as_ref().map(ToString::to_string);
        Self {
            account_id: account.id.uuid(),
            email: text_of(account.email.as_ref()),
            full_name: text(&profile.full_name),
            display_name: text(&profile.display_name),
            avatar_url: profile.avatar_url.as_ref().map(|url| url.as_str().to_owned()),
            roles: membership.roles.names(),
            job_title: text(&membership.job_title),
            department: text(&membership.department),
            joined_at: membership.created_at,
            version: membership.version(),
        }
    }
}

fn text_of(text: Option<&impl ToString>) -> Option<String> {
    text.map(ToString::to_string)
}

/// The members, oldest first; candidates see themselves alone. For members, and API keys with `members.read`.
#[utoipa::path(
    operation_id = "identity.list_members", tag = "organizations", params(PageQuery),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "A page of members", body = Paged<MemberView>))
)]
#[get("/v1/organizations/{organization_id}/members")]
async fn list(
    ctx: Caller,
    id: PathParams<OrganizationId>,
    page: PageQuery,
    identity: IdentityServices,
) -> HandlerResult {
    let members = identity.members.list(&ctx, *id, &page).await?;
    Ok(ok(&Paged::of(members, |member| MemberView::from(&member))))
}

/// What changes about a member (JSON Merge Patch).
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = identity::MemberPatch, example = json!({ "job_title": "Recruiter", "department": "People" }))]
struct MemberPatch {
    #[serde(default)]
    #[schema(value_type = Option<schemas::Name>)]
    job_title: Field<String>,
    #[serde(default)]
    #[schema(value_type = Option<schemas::Name>)]
    department: Field<String>,
    /// All roles.
    #[schema(value_type = Option<Vec<schemas::Role>>, min_items = 1)]
    roles: Option<Vec<String>>,
}

/// Changes a member. Job title and department: owners, admins, managers, and API keys with `members.write`. Roles:
/// owners and admins, never beyond their own, with a proof of identity of the last five minutes.
#[utoipa::path(
    operation_id = "identity.update_member", tag = "organizations", params(IfMatch), request_body(content = MemberPatch, content_type = "application/merge-patch+json"),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "The member as it is now", body = MemberView),
        (status = 403, description = "`identity.step_up_required`, `identity.person_needed` or `identity.beyond_own_roles` where roles change"),
        (status = 409, description = "`identity.last_owner`"))
)]
#[patch("/v1/organizations/{organization_id}/members/{account_id}")]
async fn update(
    ctx: Caller,
    path: PathParams<(OrganizationId, AccountId)>,
    version: IfMatch,
    body: Json<MemberPatch>,
    identity: IdentityServices,
) -> HandlerResult {
    let body = body.into_inner();
    let mut check = Checker::new();
    let job_title = check.patch("/job_title", body.job_title, |title| Name::new(&title));
    let department = check.patch("/department", body.department, |name| Name::new(&name));
    let roles = match body.roles {
        Some(names) => read_roles(&mut check, names).map(Some),
        None => check.optional("/roles", None::<Result<_, NoRole>>),
    };
    let (job_title, department, roles) = check.finish((job_title, department, roles))?;
    let set = |field: Field<Name>| match field {
        Field::Absent => None,
        Field::Null => Some(None),
        Field::Value(name) => Some(Some(name)),
    };
    let change = MemberChange { job_title: set(job_title), department: set(department), roles };
    let (organization, account) = *path;
    let member = identity.members.update(&ctx, organization, account, version.0, change).await?;
    Ok(versioned(member.membership.version(), &MemberView::from(&member)))
}

/// Removes a member. For owners and admins; nobody removes someone whose roles go beyond their own.
#[utoipa::path(
    operation_id = "identity.remove_member", tag = "organizations", params(IfMatch), security(("bearer" = [])),
    responses((status = 204, description = "Removed"),
        (status = 403, description = "`identity.beyond_own_roles`"),
        (status = 409, description = "`identity.last_owner`"))
)]
#[delete("/v1/organizations/{organization_id}/members/{account_id}")]
async fn remove(
    ctx: Caller,
    path: PathParams<(OrganizationId, AccountId)>,
    version: IfMatch,
    identity: IdentityServices,
) -> HandlerResult {
    let (organization, account) = *path;
    identity.members.remove(&ctx, organization, account, version.0).await?;
    Ok(no_content())
}
