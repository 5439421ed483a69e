//! What I am asked to take, and taking it: with an account, or with the pass that opening a mailed invitation gives.

mod views;

use actix_web::{HttpRequest, delete, get, post, put};
use assessment_engine::InterviewSessionId;
use assessment_format::Slug;
use http_shell::{
    Anonymous, Caller, Field, HandlerResult, Idempotent, Json, PageQuery, Paged, PathParams, Problem,
    no_content, ok, proved,
};
use kernel::Secret;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use self::views::{OpenedInvitationView, OwnAssignmentView, OwnSessionView, SavedView, SpokenView};
use super::Service;

pub(super) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list_own)
        .service(open)
        .service(start)
        .service(get_one)
        .service(answer)
        .service(speak)
        .service(pause)
        .service(resume)
        .service(submit)
        .service(export_guest)
        .service(erase_guest);
}

/// What I am asked to take, newest first, in every organisation; with a pass, what it serves. What was taken back
/// is left out, so that a page may hold fewer than `limit`. For whoever is asked.
#[utoipa::path(
    operation_id = "assessment.list_my_assignments", tag = "taking", params(PageQuery), security(("bearer" = []), ("pass" = [])),
    responses((status = 200, description = "A page of what I am asked", body = Paged<OwnAssignmentView>),
        (status = 404, description = "What the pass served was taken back"),
        (status = 409, description = "`assessment.sign_in_needed`"))
)]
#[get("/v1/me/assignments")]
async fn list_own(ctx: Caller, page: PageQuery, assessments: Service) -> HandlerResult {
    let asked = assessments.sessions.mine(&ctx, &page).await?;
    Ok(ok(&Paged::of(asked, |asked| OwnAssignmentView::from(&asked))))
}

/// What the link in a letter carries.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = assessment::OpenAssignment, example = json!({ "token": "AQGS88Rabnx8jZ4PobLD1OX2AZLzxFpufI2eD6Gyw9Tl9w" }))]
struct OpenBody {
    /// From the letter's link.
    #[schema(value_type = String)]
    token: Secret,
}

/// Opens what a mailed invitation invites to, without an account, and answers with a pass for it alone. The link works
/// as long as the invitation does: it is checked against what is true when it is opened, not when it was written. Once
/// the person took part it shows how far they are and, for 90 days after its release, the result. A newer letter takes
/// its place 24 hours after the mail server accepted that. For whoever has the letter.
#[utoipa::path(
    operation_id = "assessment.open_assignment", tag = "taking", request_body = OpenBody,
    responses((status = 200, description = "Opened; the pass is the bearer token of what follows", body = OpenedInvitationView),
        (status = 404, description = "The link is none of ours, or the person had their data erased"),
        (status = 409, description = "`assessment.closed`; `assessment.withdrawn`; `assessment.link_replaced`; `assessment.link_expired`; `assessment.sign_in_needed` where the address has an account by now"))
)]
#[post("/v1/assignments/open")]
async fn open(req: HttpRequest, ctx: Anonymous, body: Json<OpenBody>, assessments: Service) -> HandlerResult {
    // Whoever holds the link of a letter is not counted with their neighbours, even where it opens nothing any more.
    if let Some(link) = assessments.sessions.read_link(&body.token) {
        proved(&req, link.invited.id);
    }
    Ok(ok(&OpenedInvitationView::from(assessments.sessions.open(&ctx, &body.token).await?)))
}

/// Begins: from now on the clock runs, on the server alone. One that runs already is shown again. `{assignment_id}`
/// is the `id` of what I am asked, be it an assignment or a coaching session. For whoever is asked.
#[utoipa::path(
    operation_id = "assessment.start_assignment", tag = "taking", params(Idempotent), security(("bearer" = []), ("pass" = [])),
    responses((status = 200, description = "The session: its questionnaire, and how its interview begins", body = OwnSessionView),
        (status = 409, description = "`assessment.not_yet`, `assessment.closed`, `assessment.sign_in_needed`; `assessment.event_not_allowed` where it is over"))
)]
#[post("/v1/me/assignments/{assignment_id}/start")]
async fn start(
    ctx: Caller,
    id: PathParams<Uuid>,
    idempotent: Idempotent,
    assessments: Service,
) -> HandlerResult {
    idempotent
        .run(
            &ctx,
            b"",
            async |ctx| Ok(ok(&OwnSessionView::from(&assessments.sessions.start(ctx, *id).await?))),
            async |ctx, _| Ok(ok(&OwnSessionView::from(&assessments.sessions.start(ctx, *id).await?))),
        )
        .await
}

/// A session as I see it: the questions without what answers are worth, what I answered and said so far, what is
/// missing, and the time that is left. One whose deadline has passed is finished by this. For whoever takes it.
#[utoipa::path(
    operation_id = "assessment.get_session", tag = "taking", security(("bearer" = []), ("pass" = [])),
    responses((status = 200, description = "The session", body = OwnSessionView),
        (status = 409, description = "`assessment.sign_in_needed`"))
)]
#[get("/v1/interview-sessions/{session_id}")]
async fn get_one(ctx: Caller, id: PathParams<InterviewSessionId>, assessments: Service) -> HandlerResult {
    Ok(ok(&OwnSessionView::from(&assessments.sessions.view(&ctx, *id).await?)))
}

/// An answer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = assessment::GiveAnswer, example = json!({ "sequence": 1, "reply": { "step": 4 } }))]
struct AnswerBody {
    /// Larger than that of every reply the client sent to this item before; the largest wins, whichever comes last.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    sequence: u64,
    /// `{"step": 4}`, `{"option": 2}`, `{"options": [1, 3]}`, `{"number": 7.5}` or `{"text": ".."}`, as the item's
    /// form says; `null` takes the answer back.
    #[serde(default)]
    #[schema(value_type = Object, nullable = true, required = true)]
    reply: Field<Value>,
}

/// Saves an answer. Sent again it is there once; an older one that comes late changes nothing. For whoever takes it.
#[utoipa::path(
    operation_id = "assessment.put_answer", tag = "taking", request_body = AnswerBody, security(("bearer" = []), ("pass" = [])),
    responses((status = 200, description = "Saved, or there already, or outdated by a newer one", body = SavedView),
        (status = 409, description = "`assessment.event_not_allowed`, such as after the deadline; `assessment.sequence_reused`; `assessment.sign_in_needed`"),
        (status = 422, description = "`assessment.answer_invalid`: the reply does not fit the item"))
)]
#[put("/v1/interview-sessions/{session_id}/answers/{item}")]
async fn answer(
    ctx: Caller,
    path: PathParams<(InterviewSessionId, Slug)>,
    body: Json<AnswerBody>,
    assessments: Service,
) -> HandlerResult {
    let PathParams((session, item)) = path;
    let AnswerBody { sequence, reply } = body.into_inner();
    let reply = match &reply {
        Field::Absent => {
            let detail = "send the reply, or null to take the answer back".to_owned();
            return Err(Problem::invalid(vec![("/reply".to_owned(), detail)]));
        }
        Field::Null => None,
        Field::Value(reply) => Some(reply),
    };
    let saved = assessments.sessions.answer(&ctx, session, &item, sequence, reply).await?;
    Ok(ok(&SavedView::of(&item, sequence, saved)))
}

/// What the person says.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = assessment::Speak, example = json!({ "number": 3, "text": "We moved the date twice, and told everyone why." }))]
struct TurnBody {
    /// One more than that of the last turn.
    #[schema(minimum = 1, maximum = 1000)]
    number: u32,
    /// 1 to 10,000 characters, kept as they are.
    #[schema(min_length = 1, max_length = 10_000)]
    text: String,
}

/// Says something in the interview, and answers with what the interviewer says to it. Sent again it is there once.
/// For whoever takes it.
#[utoipa::path(
    operation_id = "assessment.add_turn", tag = "taking", request_body = TurnBody, security(("bearer" = []), ("pass" = [])),
    responses((status = 200, description = "Heard, and what was said after it", body = SpokenView),
        (status = 409, description = "`assessment.turn_out_of_order`, `assessment.no_interview`, `assessment.event_not_allowed`, `assessment.sign_in_needed`"),
        (status = 422, description = "`assessment.turn_invalid`"))
)]
#[post("/v1/interview-sessions/{session_id}/turns")]
async fn speak(
    ctx: Caller,
    id: PathParams<InterviewSessionId>,
    body: Json<TurnBody>,
    assessments: Service,
) -> HandlerResult {
    let spoken = assessments.sessions.speak(&ctx, *id, body.number, &body.text).await?;
    Ok(ok(&SpokenView::of(body.number, &spoken)))
}

/// Stops the clock, where and as long as that is allowed. For whoever takes it.
#[utoipa::path(
    operation_id = "assessment.pause_session", tag = "taking", params(Idempotent), security(("bearer" = []), ("pass" = [])),
    responses((status = 200, description = "The clock stands still", body = OwnSessionView),
        (status = 409, description = "`assessment.event_not_allowed` or `assessment.sign_in_needed`"))
)]
#[post("/v1/interview-sessions/{session_id}/pause")]
async fn pause(
    ctx: Caller,
    id: PathParams<InterviewSessionId>,
    idempotent: Idempotent,
    assessments: Service,
) -> HandlerResult {
    idempotent
        .run(
            &ctx,
            b"",
            async |ctx| Ok(ok(&OwnSessionView::from(&assessments.sessions.pause(ctx, *id).await?))),
            async |ctx, _| Ok(ok(&OwnSessionView::from(&assessments.sessions.view(ctx, *id).await?))),
        )
        .await
}

/// Goes on after a pause. For whoever takes it.
#[utoipa::path(
    operation_id = "assessment.resume_session", tag = "taking", params(Idempotent), security(("bearer" = []), ("pass" = [])),
    responses((status = 200, description = "The clock runs again", body = OwnSessionView),
        (status = 409, description = "`assessment.event_not_allowed` or `assessment.sign_in_needed`"))
)]
#[post("/v1/interview-sessions/{session_id}/resume")]
async fn resume(
    ctx: Caller,
    id: PathParams<InterviewSessionId>,
    idempotent: Idempotent,
    assessments: Service,
) -> HandlerResult {
    idempotent
        .run(
            &ctx,
            b"",
            async |ctx| Ok(ok(&OwnSessionView::from(&assessments.sessions.resume(ctx, *id).await?))),
            async |ctx, _| Ok(ok(&OwnSessionView::from(&assessments.sessions.view(ctx, *id).await?))),
        )
        .await
}

/// Submits: from now on nothing changes an answer. What code can score is scored at once. For whoever takes it.
#[utoipa::path(
    operation_id = "assessment.submit_session", tag = "taking", params(Idempotent), security(("bearer" = []), ("pass" = [])),
    responses((status = 200, description = "Submitted; scored, unless a person has to rate first", body = OwnSessionView),
        (status = 409, description = "`assessment.incomplete`: each item that must be answered is pointed at; `assessment.event_not_allowed` or `assessment.sign_in_needed`"))
)]
#[post("/v1/interview-sessions/{session_id}/submit")]
async fn submit(
    ctx: Caller,
    id: PathParams<InterviewSessionId>,
    idempotent: Idempotent,
    assessments: Service,
) -> HandlerResult {
    idempotent
        .run(
            &ctx,
            b"",
            async |ctx| Ok(ok(&OwnSessionView::from(&assessments.sessions.submit(ctx, *id).await?))),
            async |ctx, _| Ok(ok(&OwnSessionView::from(&assessments.sessions.view(ctx, *id).await?))),
        )
        .await
}

/// What is kept of me as a guest: what I was asked, what I answered and said, and the result as far as I may see it.
/// For whoever holds a pass; with an account, `GET /v1/me/export` tells everything.
#[utoipa::path(
    operation_id = "assessment.export_guest_data", tag = "taking", security(("bearer" = []), ("pass" = [])),
    responses((status = 200, description = "Everything", body = Object, example = json!({
            "assignment_id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6", "session_type": "campaign", "title": "Spring", "email": "cleo@example.net",
            "session": { "status": "submitted", "answers": [{ "item": "i1", "wording": "I finish what I begin.", "reply": { "step": 4 }, "readable": "4", "answered_at": "2027-03-01T08:00:00Z" }], "turns": [] },
            "result": null
        })),
        (status = 404, description = "What the pass served is gone"),
        (status = 409, description = "`assessment.account_erases`: the caller has an account"))
)]
#[get("/v1/me/guest-data")]
async fn export_guest(ctx: Caller, assessments: Service) -> HandlerResult {
    Ok(ok(&assessments.personal_data.export_guest(&ctx).await?))
}

/// Forgets me as a guest: my address, what I answered and said, and whose the result is. The scores stay, as nobody's.
/// The link in my letter opens nothing any more. For whoever holds a pass; with an account, `DELETE /v1/me` erases
/// everything.
#[utoipa::path(
    operation_id = "assessment.erase_guest_data", tag = "taking", security(("bearer" = []), ("pass" = [])),
    responses((status = 204, description = "Forgotten"),
        (status = 404, description = "What the pass served is gone"),
        (status = 409, description = "`assessment.account_erases`: the caller has an account"))
)]
#[delete("/v1/me/guest-data")]
async fn erase_guest(ctx: Caller, assessments: Service) -> HandlerResult {
    assessments.personal_data.erase_guest(&ctx).await?;
    Ok(no_content())
}
