//! Who is asked in a campaign.

use actix_web::{HttpResponse, delete, get, patch, post};
use assessment_engine::{
    Assignment, AssignmentId, CampaignId,
    campaigns::{AssignmentEdit, NewAssignee},
    reading::{Asked, AssignmentView as Found},
};
use assessment_format::session::{Progress, Reason};
use http_shell::{
    Caller, Checked, Checker, DeliveryView, Field, HandlerResult, Idempotent, IfMatch, Json, PageQuery,
    Paged, PathParams, Problem, Query, no_content, ok, versioned,
};
use kernel::{Id, OrganizationId, Timestamp, letters::DeliveryStatus};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{
    super::{Service, schemas},
    terms::{ExtraBody, InviteeBody, patch_extra, read_address, read_invitee, read_optional_extra},
};

pub(super) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(assign).service(list).service(get_one).service(edit).service(send).service(withdraw);
}

/// Somebody who is asked.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::Assignment, example = json!({
    "id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6", "campaign_id": "0192f3c4-5a6b-7c8d-9e0f-0123456789ab", "account_id": null,
    "email": "cleo@example.net", "name": "Cleo", "extra_time": { "minutes": 15, "reason": "reads with a screen reader" },
    "session_id": null, "status": "not_opened", "deadline": null,
    "delivery": { "status": "sent", "code": null, "at": "2027-03-01T08:00:02Z" }, "invited_at": "2027-03-01T08:00:00Z", "reminded_at": null,
    "created_at": "2027-02-20T12:00:00Z", "withdrawn_at": null, "version": 2
}))]
struct AssignmentView {
    id: Uuid,
    campaign_id: Uuid,
    /// The member who is asked; `null` where an address is, whoever has it.
    account_id: Option<Uuid>,
    /// The address that is asked; `null` for a member, and once the person had their data erased.
    #[schema(value_type = Option<schemas::EmailAddress>)]
    email: Option<String>,
    /// How letters to the address greet the person.
    name: Option<String>,
    /// Time they have beyond everyone else.
    extra_time: Option<ExtraBody>,
    /// Where they take it, once it was opened.
    session_id: Option<Uuid>,
    /// How far they have come: `not_opened`, `not_started`, `in_progress`, `paused`, `submitted`, `abandoned`,
    /// `needs_rating`, `scored`, `released` or `voided`.
    #[schema(example = "not_opened")]
    status: String,
    /// When their session lapses.
    deadline: Option<Timestamp>,
    /// How far the newest letter to them has come; `null` before one is to be sent.
    delivery: Option<DeliveryView>,
    /// When they were invited.
    invited_at: Option<Timestamp>,
    reminded_at: Option<Timestamp>,
    created_at: Timestamp,
    /// When they were withdrawn.
    withdrawn_at: Option<Timestamp>,
    /// For `If-Match`.
    version: i64,
}

impl AssignmentView {
    fn of(assignment: &Assignment, progress: Option<&Progress>, delivery: Option<&DeliveryStatus>) -> Self {
        let invitee = &assignment.invitee;
        // Who has an address is not for the organisation to know.
        let account = invitee.account.filter(|_| invitee.email.is_none());
        Self {
            id: assignment.id.uuid(),
            campaign_id: assignment.campaign.uuid(),
            account_id: account.map(Id::uuid),
            email: invitee.email.as_ref().map(ToString::to_string),
            name: invitee.name.as_ref().map(ToString::to_string),
            extra_time: assignment.extra.as_ref().map(ExtraBody::from),
            session_id: assignment.session.map(Id::uuid),
            status: progress.map_or_else(|| "not_opened".to_owned(), |of| of.status.stage().to_string()),
            deadline: progress.and_then(|progress| progress.deadline),
            delivery: delivery.map(DeliveryView::from),
            invited_at: invitee.invited_at,
            reminded_at: invitee.reminded_at,
            created_at: assignment.created_at,
            withdrawn_at: assignment.withdrawn_at,
            version: assignment.version(),
        }
    }
}

impl From<&Asked<Found>> for AssignmentView {
    fn from(Asked { of: Found { assignment, progress }, delivery }: &Asked<Found>) -> Self {
        Self::of(assignment, progress.as_ref(), delivery.as_ref())
    }
}

/// Who is to be asked.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = assessment::Assign, example = json!({ "people": [
    { "email": "cleo@example.net", "name": "Cleo" },
    { "account_id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6", "extra_time": { "minutes": 15, "reason": "reads with a screen reader" } }
] }))]
struct AssignBody {
    /// 1 to 500 people.
    #[schema(min_items = 1, max_items = 500)]
    people: Vec<PersonBody>,
}

/// Somebody who is to be asked: a member by their account, or anyone by an address.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = assessment::PersonToAsk, example = json!({ "email": "cleo@example.net", "name": "Cleo" }))]
struct PersonBody {
    /// A member of the organisation.
    #[schema(extensions(("x-one-of" = json!([
        { "account_id": true, "email": false, "name": false }, { "account_id": false, "email": true }
    ]))))]
    account_id: Option<Uuid>,
    /// Whoever has this address, with an account or without.
    #[schema(value_type = Option<schemas::EmailAddress>)]
    email: Option<String>,
    /// How letters to the address greet the person.
    #[schema(value_type = Option<schemas::Name>)]
    name: Option<String>,
    /// Time they have beyond everyone else.
    extra_time: Option<ExtraBody>,
}

impl AssignBody {
    fn check(self) -> Result<Vec<NewAssignee>, Problem> {
        let mut check = Checker::new();
        let mut people = Vec::with_capacity(self.people.len());
        for (place, PersonBody { account_id, email, name, extra_time }) in self.people.into_iter().enumerate()
        {
            let at = format!("/people/{place}");
            let invitee = read_invitee(&mut check, &at, InviteeBody { account_id, email, name });
            let extra = read_optional_extra(&mut check, &format!("{at}/extra_time"), extra_time);
            people.push(Checked::of((invitee, extra)));
        }
        let people =
            people.into_iter().map(|person| person.map(|(invitee, extra)| NewAssignee { invitee, extra }));
        check.finish(people.collect::<Checked<Vec<_>>>())
    }
}

/// Those who are asked now.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::Assigned)]
struct AssignedView {
    /// In the order of the request.
    items: Vec<AssignmentView>,
}

/// Ask people.
///
/// For owners and admins; managers and recruiters in their own campaigns; API keys with `campaigns.write`. All are
/// asked or nobody. While the campaign is open letters go out at once, else once its window opens. Whether an
/// address has an account is not told.
#[utoipa::path(
    operation_id = "assessment.assign", tag = "campaigns", params(Idempotent), request_body = AssignBody,
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 201, description = "All of them are asked", body = AssignedView),
        (status = 409, description = "`assessment.already_assigned`, which names who is; `assessment.closed`; `quota.reached`"),
        (status = 422, description = "`assessment.invalid`"))
)]
#[post("/v1/organizations/{organization_id}/campaigns/{campaign_id}/assignments")]
async fn assign(
    ctx: Caller,
    path: PathParams<(OrganizationId, CampaignId)>,
    idempotent: Idempotent,
    body: Json<AssignBody>,
    assessments: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    let raw = body.raw();
    let people = body.into_inner().check()?;
    let count = people.len();
    let answer = |assigned: &[Asked<Assignment>]| {
        let view = |asked: &Asked<Assignment>| AssignmentView::of(&asked.of, None, asked.delivery.as_ref());
        let items = assigned.iter().map(view).collect();
        HttpResponse::Created().json(AssignedView { items })
    };
    idempotent
        .run(
            &ctx,
            &raw,
            async |ctx| Ok(answer(&assessments.campaigns.assign(ctx, organization, id, people).await?)),
            async |ctx, saved| {
                let first = Id::from_uuid(saved.ok_or_else(Problem::not_found)?.id);
                Ok(answer(&assessments.campaigns.assigned_with(ctx, organization, id, (first, count)).await?))
            },
        )
        .await
}

/// Who is asked, oldest first.
///
/// For owners and admins; managers and recruiters in their own campaigns; API keys with `campaigns.read`. Those who
/// were withdrawn are listed, too.
#[utoipa::path(
    operation_id = "assessment.list_assignments", tag = "campaigns", params(PageQuery),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "A page of people", body = Paged<AssignmentView>))
)]
#[get("/v1/organizations/{organization_id}/campaigns/{campaign_id}/assignments")]
async fn list(
    ctx: Caller,
    path: PathParams<(OrganizationId, CampaignId)>,
    page: PageQuery,
    assessments: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    let found = assessments.campaigns.assignments(&ctx, organization, id, &page).await?;
    Ok(ok(&Paged::of(found, |found| AssignmentView::from(&found))))
}

/// Somebody who is asked.
///
/// For owners and admins; managers and recruiters in their own campaigns; API keys with `campaigns.read`.
#[utoipa::path(
    operation_id = "assessment.get_assignment", tag = "campaigns", security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "Who, and how far they have come", body = AssignmentView))
)]
#[get("/v1/organizations/{organization_id}/campaigns/{campaign_id}/assignments/{assignment_id}")]
async fn get_one(
    ctx: Caller,
    path: PathParams<(OrganizationId, CampaignId, AssignmentId)>,
    assessments: Service,
) -> HandlerResult {
    let (organization, id, assignment) = *path;
    Ok(respond(&assessments.campaigns.assignment(&ctx, organization, id, assignment).await?))
}

fn respond(found: &Asked<Found>) -> HttpResponse {
    versioned(found.of.assignment.version(), &AssignmentView::from(found))
}

/// A change of an assignment.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = assessment::AssignmentPatch, example = json!({ "extra_time": { "minutes": 30, "reason": "writes with one hand" } }))]
struct AssignmentPatch {
    /// Time the person has beyond everyone else, in place of what they had; `null` for none.
    #[serde(default)]
    #[schema(value_type = Option<ExtraBody>)]
    extra_time: Field<ExtraBody>,
    /// The address they are asked at, where the one before was wrong. They are sent another letter, and links of
    /// earlier ones open nothing any more.
    #[schema(value_type = Option<schemas::EmailAddress>)]
    email: Option<String>,
    /// How letters to that address greet the person; goes with `email`.
    #[schema(value_type = Option<schemas::Name>)]
    name: Option<String>,
}

/// Give a person more time, or correct their address.
///
/// For owners and admins; managers and recruiters in their own campaigns; API keys with `campaigns.write`. More time
/// before the person begins, afterwards their session is extended or reopened; another address before anybody opened
/// it.
#[utoipa::path(
    operation_id = "assessment.edit_assignment", tag = "campaigns", params(IfMatch),
    request_body(content = AssignmentPatch, content_type = "application/merge-patch+json"),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "The assignment as it is now", body = AssignmentView),
        (status = 409, description = "`assessment.closed`: the person has begun or opened it, or was withdrawn; `assessment.already_assigned`: the address is asked already"))
)]
#[patch("/v1/organizations/{organization_id}/campaigns/{campaign_id}/assignments/{assignment_id}")]
async fn edit(
    ctx: Caller,
    path: PathParams<(OrganizationId, CampaignId, AssignmentId)>,
    version: IfMatch,
    body: Json<AssignmentPatch>,
    assessments: Service,
) -> HandlerResult {
    let (organization, id, assignment) = *path;
    let mut check = Checker::new();
    let AssignmentPatch { extra_time, email, name } = body.into_inner();
    let extra = patch_extra(&mut check, "/extra_time", extra_time);
    let address = read_address(&mut check, "", email, name);
    let (extra, address) = check.finish((extra, address))?;
    let edit = AssignmentEdit { extra: extra.given(), address };
    let read = (assignment, version.0);
    Ok(respond(&assessments.campaigns.edit_assignment(&ctx, organization, id, read, edit).await?))
}

/// Send a person's letter again.
///
/// For owners and admins; managers and recruiters in their own campaigns; API keys with `campaigns.write`. At once
/// where the last letter did not reach the person, else at most once in an hour.
#[utoipa::path(
    operation_id = "assessment.send_assignment", tag = "campaigns", params(Idempotent),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "A letter is on its way", body = AssignmentView),
        (status = 409, description = "`assessment.closed`: the campaign is not open, the person is done or was withdrawn, or a letter was sent within the hour"))
)]
#[post("/v1/organizations/{organization_id}/campaigns/{campaign_id}/assignments/{assignment_id}/send")]
async fn send(
    ctx: Caller,
    path: PathParams<(OrganizationId, CampaignId, AssignmentId)>,
    idempotent: Idempotent,
    assessments: Service,
) -> HandlerResult {
    let (organization, id, one) = *path;
    idempotent
        .run(
            &ctx,
            b"",
            async |ctx| Ok(respond(&assessments.campaigns.send_again(ctx, organization, id, one).await?)),
            async |ctx, _| Ok(respond(&assessments.campaigns.assignment(ctx, organization, id, one).await?)),
        )
        .await
}

/// Why somebody is not asked any more.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct WithdrawQuery {
    /// Needed where the person has opened it: what they did then does not count any more, for this reason.
    #[param(required = false, inline, value_type = Option<schemas::Reason>)]
    reason: Option<String>,
}

/// Withdraw a person.
///
/// For owners and admins; managers and recruiters in their own campaigns; API keys with `campaigns.write`. The link
/// in their letter opens nothing any more, and a session they opened is voided; what was released stays.
#[utoipa::path(
    operation_id = "assessment.withdraw_assignment", tag = "campaigns", params(IfMatch, WithdrawQuery),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 204, description = "Withdrawn"),
        (status = 409, description = "`assessment.event_not_allowed` where the result was released; `assessment.closed` where it was withdrawn before"),
        (status = 422, description = "`assessment.invalid` without a `reason` where the person has opened it"))
)]
#[delete("/v1/organizations/{organization_id}/campaigns/{campaign_id}/assignments/{assignment_id}")]
async fn withdraw(
    ctx: Caller,
    path: PathParams<(OrganizationId, CampaignId, AssignmentId)>,
    version: IfMatch,
    query: Query<WithdrawQuery>,
    assessments: Service,
) -> HandlerResult {
    let (organization, id, assignment) = *path;
    let mut check = Checker::new();
    let reason = check.optional("/reason", query.0.reason.map(|reason| Reason::new(&reason)));
    let reason = check.finish(reason)?;
    assessments.campaigns.withdraw(&ctx, organization, id, (assignment, version.0), reason).await?;
    Ok(no_content())
}
