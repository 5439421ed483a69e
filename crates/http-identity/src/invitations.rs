//! Inviting people, and answering.

use actix_web::{delete, get, post};
use http_shell::{
    Caller, Checker, DeliveryView, HandlerResult, Idempotent, IfMatch, Json, PageQuery, Paged, PathParams,
    Problem, created, no_content, ok, versioned,
};
use identity::{
    EmailAddress, InvitationId,
    directory::ReceivedInvitation,
    invitation::{InvitationRef, SentInvitation},
};
use kernel::{Id, OrganizationId, Secret, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{IdentityServices, schemas, views::read_roles};

pub(super) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(invite)
        .service(list)
        .service(resend)
        .service(revoke)
        .service(list_received)
        .service(accept)
        .service(decline);
}

/// An invitation, as the organisation sees it.
#[derive(Serialize, ToSchema)]
#[schema(as = identity::Invitation, example = json!({ "id": "53ce1b78-dbe2-46d6-a4e0-96da0e8b608b", "organization_id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6", "email": "ben@example.org", "roles": ["recruiter"], "invited_by": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6", "status": "pending", "delivery": { "status": "sent", "code": null, "at": "2026-11-20T12:00:01Z" }, "created_at": "2026-11-20T12:00:00Z", "expires_at": "2026-11-27T12:00:00Z", "version": 1 }))]
struct InvitationView {
    id: Uuid,
    organization_id: Uuid,
    #[schema(value_type = Option<schemas::EmailAddress>)]
    email: Option<String>,
    #[schema(value_type = Vec<schemas::Role>)]
    roles: Vec<&'static str>,
    /// The account of the inviter.
    invited_by: Uuid,
    #[schema(value_type = schemas::InvitationStatus)]
    status: &'static str,
    /// How far its newest letter has come.
    delivery: Option<DeliveryView>,
    created_at: Timestamp,
    /// Until when it can be answered.
    expires_at: Timestamp,
    /// For `If-Match`.
    version: i64,
}

impl From<&SentInvitation> for InvitationView {
    fn from(SentInvitation { invitation, delivery }: &SentInvitation) -> Self {
        Self {
            id: invitation.id.uuid(),
            organization_id: invitation.organization.uuid(),
            email: invitation.email.as_ref().map(ToString::to_string),
            roles: invitation.roles.names(),
            invited_by: invitation.invited_by.uuid(),
            status: invitation.status.name(),
            delivery: delivery.as_ref().map(DeliveryView::from),
            created_at: invitation.created_at,
            expires_at: invitation.expires_at,
            version: invitation.version(),
        }
    }
}

/// Who is invited, as what.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = identity::Invite, example = json!({ "email": "ben@example.org", "roles": ["recruiter"] }))]
struct InviteBody {
    #[schema(value_type = schemas::EmailAddress)]
    email: String,
    #[schema(value_type = Vec<schemas::Role>, min_items = 1)]
    roles: Vec<String>,
}

/// Invites an address. For owners, admins, managers and recruiters, never with roles beyond their own, and API keys
/// with `invitations.write`.
#[utoipa::path(
    operation_id = "identity.invite", tag = "invitations", params(Idempotent), request_body = InviteBody,
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 201, description = "Invited; a letter is on its way", body = InvitationView),
        (status = 403, description = "`identity.beyond_own_roles`; `identity.step_up_required` or `identity.person_needed` for roles that run the organisation"),
        (status = 409, description = "`identity.already_member`, `identity.already_invited` or `quota.reached`"),
        (status = 429, description = "`identity.mailed_often`: the address was sent as many invitations as may be"))
)]
#[post("/v1/organizations/{organization_id}/invitations")]
async fn invite(
    ctx: Caller,
    id: PathParams<OrganizationId>,
    idempotent: Idempotent,
    body: Json<InviteBody>,
    identity: IdentityServices,
) -> HandlerResult {
    let raw = body.raw();
    let InviteBody { email, roles } = body.into_inner();
    let mut check = Checker::new();
    let email = check.take("/email", EmailAddress::new(&email));
    let roles = read_roles(&mut check, roles);
    let (email, roles) = check.finish((email, roles))?;
    let answer = |sent: SentInvitation| {
        let location = format!("/v1/organizations/{}/invitations/{}", *id, sent.invitation.id);
        created(location, sent.invitation.version(), &InvitationView::from(&sent))
    };
    idempotent
        .run(
            &ctx,
            &raw,
            async |ctx| Ok(answer(identity.invitations.invite(ctx, *id, email, roles).await?)),
            async |ctx, saved| {
                let saved = saved.ok_or_else(Problem::not_found)?;
                Ok(answer(identity.invitations.get(ctx, *id, Id::from_uuid(saved.id)).await?))
            },
        )
        .await
}

/// The pending invitations, newest first; recruiters see their own. For those who may invite, and API keys with
/// `invitations.read`.
#[utoipa::path(
    operation_id = "identity.list_invitations", tag = "invitations", params(PageQuery),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "A page of invitations", body = Paged<InvitationView>))
)]
#[get("/v1/organizations/{organization_id}/invitations")]
async fn list(
    ctx: Caller,
    id: PathParams<OrganizationId>,
    page: PageQuery,
    identity: IdentityServices,
) -> HandlerResult {
    let invitations = identity.invitations.list(&ctx, *id, &page).await?;
    Ok(ok(&Paged::of(invitations, |invitation| InvitationView::from(&invitation))))
}

/// Sends the letter again; older links stop working a day after it was delivered. For those who may invite, recruiters
/// their own.
#[utoipa::path(
    operation_id = "identity.resend_invitation", tag = "invitations", params(Idempotent),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "Sent again", body = InvitationView),
        (status = 403, description = "`identity.beyond_own_roles`; `identity.step_up_required` or `identity.person_needed` for roles that run the organisation"),
        (status = 409, description = "`quota.reached` where it had expired"),
        (status = 429, description = "`identity.mailed_often`: the address was sent as many invitations as may be"))
)]
#[post("/v1/organizations/{organization_id}/invitations/{invitation_id}/resend")]
async fn resend(
    ctx: Caller,
    path: PathParams<(OrganizationId, InvitationId)>,
    idempotent: Idempotent,
    identity: IdentityServices,
) -> HandlerResult {
    let (organization, id) = *path;
    let answer = |found: SentInvitation| versioned(found.invitation.version(), &InvitationView::from(&found));
    idempotent
        .run(
            &ctx,
            b"",
            async |ctx| Ok(answer(identity.invitations.resend(ctx, organization, id).await?)),
            async |ctx, _| Ok(answer(identity.invitations.get(ctx, organization, id).await?)),
        )
        .await
}

/// Takes an invitation back. For those who may invite, recruiters their own.
#[utoipa::path(
    operation_id = "identity.revoke_invitation", tag = "invitations", params(IfMatch),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 204, description = "Taken back"))
)]
#[delete("/v1/organizations/{organization_id}/invitations/{invitation_id}")]
async fn revoke(
    ctx: Caller,
    path: PathParams<(OrganizationId, InvitationId)>,
    version: IfMatch,
    identity: IdentityServices,
) -> HandlerResult {
    let (organization, id) = *path;
    identity.invitations.revoke(&ctx, organization, id, version.0).await?;
    Ok(no_content())
}

/// An invitation, as the invited sees it.
#[derive(Serialize, ToSchema)]
#[schema(as = identity::ReceivedInvitation, example = json!({ "id": "53ce1b78-dbe2-46d6-a4e0-96da0e8b608b", "organization_id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6", "organization_name": "North Wind", "roles": ["recruiter"], "expires_at": "2026-11-27T12:00:00Z" }))]
struct ReceivedView {
    id: Uuid,
    organization_id: Uuid,
    organization_name: String,
    #[schema(value_type = Vec<schemas::Role>)]
    roles: Vec<&'static str>,
    expires_at: Timestamp,
}

impl From<&ReceivedInvitation> for ReceivedView {
    fn from(ReceivedInvitation { invitation, organization_name }: &ReceivedInvitation) -> Self {
        Self {
            id: invitation.id.uuid(),
            organization_id: invitation.organization.uuid(),
            organization_name: organization_name.clone(),
            roles: invitation.roles.names(),
            expires_at: invitation.expires_at,
        }
    }
}

/// The open invitations of one's own address, newest first.
#[utoipa::path(
    operation_id = "identity.my_invitations", tag = "invitations", params(PageQuery), security(("bearer" = [])),
    responses((status = 200, description = "A page of invitations", body = Paged<ReceivedView>))
)]
#[get("/v1/me/invitations")]
async fn list_received(ctx: Caller, page: PageQuery, identity: IdentityServices) -> HandlerResult {
    let invitations = identity.invitations.list_received(&ctx, &page).await?;
    Ok(ok(&Paged::of(invitations, |received| ReceivedView::from(&received))))
}

/// Which invitation is answered: one of the two.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = identity::AnswerInvitation, example = json!({ "invitation_id": "0192f3c4-5a6b-4c8d-9e0f-a1b2c3d4e5f6" }))]
struct AnswerBody {
    /// From the list of one's own.
    #[schema(extensions(("x-one-of" = json!([
        { "invitation_id": true, "token": false }, { "invitation_id": false, "token": true }
    ]))))]
    invitation_id: Option<Uuid>,
    /// From the letter's link.
    #[schema(value_type = Option<schemas::OneTimeToken>)]
    token: Option<Secret>,
}

impl AnswerBody {
    fn invitation(self) -> Result<InvitationRef, Problem> {
        match (self.invitation_id, self.token) {
            (Some(id), None) => Ok(InvitationRef::Id(Id::from_uuid(id))),
            (None, Some(token)) => Ok(InvitationRef::Token(token)),
            _ => {
                let detail = "send either invitation_id or token".to_owned();
                Err(Problem::invalid(vec![(String::new(), detail)]))
            }
        }
    }
}

/// What one is now.
#[derive(Serialize, ToSchema)]
#[schema(as = identity::Joined, example = json!({ "organization_id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6", "roles": ["recruiter"] }))]
struct JoinedView {
    organization_id: Uuid,
    #[schema(value_type = Vec<schemas::Role>)]
    roles: Vec<&'static str>,
}

/// Joins the organisation. The invitation must be for one's own address.
#[utoipa::path(
    operation_id = "identity.accept_invitation", tag = "invitations", request_body = AnswerBody, security(("bearer" = [])),
    responses((status = 200, description = "Joined", body = JoinedView),
        (status = 403, description = "`identity.invitation_of_another`"),
        (status = 404, description = "There is none, or it is not yours"),
        (status = 409, description = "`identity.already_member`; `identity.link_used`, `identity.link_expired`, `identity.link_replaced` or `identity.link_withdrawn`"),
        (status = 422, description = "`identity.invalid_one_time_token`"))
)]
#[post("/v1/invitations/accept")]
async fn accept(ctx: Caller, body: Json<AnswerBody>, identity: IdentityServices) -> HandlerResult {
    let membership = identity.invitations.accept(&ctx, body.into_inner().invitation()?).await?;
    let (organization_id, roles) = (membership.organization.uuid(), membership.roles.names());
    Ok(ok(&JoinedView { organization_id, roles }))
}

/// Declines an invitation.
#[utoipa::path(
    operation_id = "identity.decline_invitation", tag = "invitations", request_body = AnswerBody, security(("bearer" = [])),
    responses((status = 204, description = "Declined"),
        (status = 403, description = "`identity.invitation_of_another`"),
        (status = 404, description = "There is none, or it is not yours"),
        (status = 409, description = "`identity.link_used`, `identity.link_expired`, `identity.link_replaced` or `identity.link_withdrawn`"),
        (status = 422, description = "`identity.invalid_one_time_token`"))
)]
#[post("/v1/invitations/decline")]
async fn decline(ctx: Caller, body: Json<AnswerBody>, identity: IdentityServices) -> HandlerResult {
    identity.invitations.decline(&ctx, body.into_inner().invitation()?).await?;
    Ok(no_content())
}
