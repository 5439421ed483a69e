//! Ratings, and what those who run a campaign do with a session.

mod views;

use actix_web::{get, post};
use assessment_engine::{InterviewSession, InterviewSessionId};
use assessment_format::{
    Rating, Score, Slug,
    rating::{Quote, Source, Target},
    session::{Minutes, Reason},
};
use http_shell::{Caller, Checker, HandlerResult, Idempotent, Json, PathParams, Problem, ok};
use kernel::OrganizationId;
use rust_decimal::Decimal;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) use self::views::TurnView;
use self::views::{SessionToRateView, SessionView};
use super::{Service, schemas};

pub(super) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(to_rate).service(rate).service(extend).service(reopen).service(void).service(release);
}

/// A session with what can be rated in it: the transcript, the texts that were answered, what scores look like, and
/// what is rated and missing. For owners, admins and interviewers; for managers, recruiters and practitioners of
/// what they run.
#[utoipa::path(
    operation_id = "assessment.get_session_to_rate", tag = "results", security(("bearer" = [])),
    responses((status = 200, description = "The session", body = SessionToRateView),
        (status = 403, description = "`assessment.own_session`"))
)]
#[get("/v1/organizations/{organization_id}/interview-sessions/{session_id}")]
async fn to_rate(
    ctx: Caller,
    path: PathParams<(OrganizationId, InterviewSessionId)>,
    assessments: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    Ok(ok(&SessionToRateView::from(&assessments.ratings.session(&ctx, organization, id).await?)))
}

/// A rating.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = assessment::Rate, example = json!({ "dimension": "strategic", "score": 4.5, "evidence": [{ "turn": 2, "text": "We moved the date twice" }] }))]
struct RateBody {
    /// The dimension.
    #[schema(value_type = schemas::Slug)]
    dimension: String,
    /// The text that is rated; left out for the interview.
    #[schema(value_type = Option<schemas::Slug>)]
    item: Option<String>,
    /// On the scale, at most two decimal places; `null` where too little was said.
    #[schema(minimum = -100, maximum = 100)]
    score: Option<f64>,
    /// Word for word what the person said: 1 to 20 quotes; may be empty without a score.
    #[serde(default)]
    #[schema(max_items = 20)]
    evidence: Vec<QuoteBody>,
}

/// What was said, word for word: in a turn of the interview, or in the text of an item.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = assessment::Quote)]
struct QuoteBody {
    #[schema(extensions(("x-one-of" = json!([{ "turn": true, "item": false }, { "turn": false, "item": true }]))))]
    turn: Option<u32>,
    #[schema(value_type = Option<schemas::Slug>)]
    item: Option<String>,
    /// 1 to 2,000 characters.
    #[schema(min_length = 1, max_length = 2000)]
    text: String,
}

impl RateBody {
    fn check(self) -> Result<(Target, Rating), Problem> {
        let mut check = Checker::new();
        let dimension = check.take("/dimension", Slug::new(&self.dimension));
        let item = check.optional("/item", self.item.map(Slug::new));
        let score = check.optional("/score", self.score.map(score));
        let evidence = check.each("/evidence", self.evidence, QuoteBody::check);
        let (dimension, item, score, evidence) = check.finish((dimension, item, score, evidence))?;
        Ok((Target { dimension, item }, Rating { score, evidence }))
    }
}

/// The shortest decimal of a JSON number is what was sent.
fn score(number: f64) -> Result<Score, String> {
    let decimal: Decimal = number.to_string().parse().map_err(|_| "no number".to_owned())?;
    Score::new(decimal).map_err(|error| error.to_string())
}

impl QuoteBody {
    fn check(self) -> Result<Quote, String> {
        let source = match (self.turn, self.item) {
            (Some(turn), None) => Source::Turn(turn),
            (None, Some(item)) => Source::Item(Slug::new(item).map_err(|error| error.to_string())?),
            _ => return Err("send either turn or item".to_owned()),
        };
        Ok(Quote { source, text: self.text })
    }
}

/// Rates a dimension by the interview, or a text by one of the dimensions it counts for; again it takes the place
/// of one's own earlier one. With the last that is missing there is a result. For owners, admins and interviewers;
/// for managers, recruiters and practitioners of what they run. Nobody rates themselves, and no API key does.
#[utoipa::path(
    operation_id = "assessment.rate_session", tag = "results", params(Idempotent), request_body = RateBody, security(("bearer" = [])),
    responses((status = 200, description = "Rated", body = SessionToRateView),
        (status = 403, description = "`assessment.own_session`"),
        (status = 409, description = "`assessment.event_not_allowed` or `assessment.nothing_to_rate`"),
        (status = 422, description = "`assessment.rating_invalid`: off the scale, or a quote that was not said"))
)]
#[post("/v1/organizations/{organization_id}/interview-sessions/{session_id}/ratings")]
async fn rate(
    ctx: Caller,
    path: PathParams<(OrganizationId, InterviewSessionId)>,
    idempotent: Idempotent,
    body: Json<RateBody>,
    assessments: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    let raw = body.raw();
    let (target, rating) = body.into_inner().check()?;
    let ratings = &assessments.ratings;
    idempotent
        .run(
            &ctx,
            &raw,
            async |ctx| {
                Ok(ok(&SessionToRateView::from(
                    &ratings.rate(ctx, organization, id, &target, &rating).await?,
                )))
            },
            async |ctx, _| Ok(ok(&SessionToRateView::from(&ratings.session(ctx, organization, id).await?))),
        )
        .await
}

/// More time.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = assessment::Reopen, example = json!({ "minutes": 30, "reason": "The power was out." }))]
struct ReopenBody {
    /// 1 to 10,080: from now where the session is over, else beyond its deadline.
    #[schema(minimum = 1, maximum = 10_080)]
    minutes: u16,
    #[schema(value_type = schemas::Reason)]
    reason: String,
}

impl ReopenBody {
    fn check(&self) -> Result<(Minutes, Reason), Problem> {
        let mut check = Checker::new();
        let minutes = check.take("/minutes", Minutes::new(self.minutes));
        let reason = check.take("/reason", Reason::new(&self.reason));
        check.finish((minutes, reason))
    }
}

/// Gives a person more time while their session runs: its deadline moves by the minutes. For owners and admins, and
/// whoever runs the campaign or coaches.
#[utoipa::path(
    operation_id = "assessment.extend_session", tag = "results", params(Idempotent), request_body = ReopenBody,
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "The person has so much longer", body = SessionView),
        (status = 403, description = "`assessment.own_session`"),
        (status = 409, description = "`assessment.event_not_allowed`"))
)]
#[post("/v1/organizations/{organization_id}/interview-sessions/{session_id}/extend")]
async fn extend(
    ctx: Caller,
    path: PathParams<(OrganizationId, InterviewSessionId)>,
    idempotent: Idempotent,
    body: Json<ReopenBody>,
    assessments: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    let (minutes, reason) = body.check()?;
    let ratings = &assessments.ratings;
    let respond = |session: InterviewSession| ok(&SessionView::from(&session));
    idempotent
        .run(
            &ctx,
            &body.raw(),
            async |ctx| Ok(respond(ratings.extend(ctx, organization, id, minutes, reason).await?)),
            async |ctx, _| Ok(respond(ratings.run_session(ctx, organization, id).await?)),
        )
        .await
}

/// Gives a person time to go on whose session was abandoned or waits for ratings. For owners and admins, and
/// whoever runs the campaign or coaches.
#[utoipa::path(
    operation_id = "assessment.reopen_session", tag = "results", params(Idempotent), request_body = ReopenBody,
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "The person may go on", body = SessionView),
        (status = 403, description = "`assessment.own_session`"),
        (status = 409, description = "`assessment.event_not_allowed`"))
)]
#[post("/v1/organizations/{organization_id}/interview-sessions/{session_id}/reopen")]
async fn reopen(
    ctx: Caller,
    path: PathParams<(OrganizationId, InterviewSessionId)>,
    idempotent: Idempotent,
    body: Json<ReopenBody>,
    assessments: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    let (minutes, reason) = body.check()?;
    let ratings = &assessments.ratings;
    let respond = |session: InterviewSession| ok(&SessionView::from(&session));
    idempotent
        .run(
            &ctx,
            &body.raw(),
            async |ctx| Ok(respond(ratings.reopen(ctx, organization, id, minutes, reason).await?)),
            async |ctx, _| Ok(respond(ratings.run_session(ctx, organization, id).await?)),
        )
        .await
}

/// Why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = assessment::Void, example = json!({ "reason": "Somebody else had answered." }))]
struct VoidBody {
    #[schema(value_type = schemas::Reason)]
    reason: String,
}

/// Says that a session does not count: what was answered is not scored, and a result that was not released is none
/// any more. For owners and admins, and whoever runs the campaign or coaches.
#[utoipa::path(
    operation_id = "assessment.void_session", tag = "results", params(Idempotent), request_body = VoidBody,
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "It does not count", body = SessionView),
        (status = 403, description = "`assessment.own_session`"),
        (status = 409, description = "`assessment.event_not_allowed`"))
)]
#[post("/v1/organizations/{organization_id}/interview-sessions/{session_id}/void")]
async fn void(
    ctx: Caller,
    path: PathParams<(OrganizationId, InterviewSessionId)>,
    idempotent: Idempotent,
    body: Json<VoidBody>,
    assessments: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    let mut check = Checker::new();
    let reason = check.take("/reason", Reason::new(&body.reason));
    let reason = check.finish(reason)?;
    let ratings = &assessments.ratings;
    let respond = |session: InterviewSession| ok(&SessionView::from(&session));
    idempotent
        .run(
            &ctx,
            &body.raw(),
            async |ctx| Ok(respond(ratings.void(ctx, organization, id, reason).await?)),
            async |ctx, _| Ok(respond(ratings.run_session(ctx, organization, id).await?)),
        )
        .await
}

/// Shows the person the result, as far as the assessment discloses it. For owners and admins, and whoever runs the
/// campaign or coaches.
#[utoipa::path(
    operation_id = "assessment.release_session", tag = "results", params(Idempotent), security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "Released", body = SessionView),
        (status = 403, description = "`assessment.own_session`"),
        (status = 409, description = "`assessment.event_not_allowed`"))
)]
#[post("/v1/organizations/{organization_id}/interview-sessions/{session_id}/release")]
async fn release(
    ctx: Caller,
    path: PathParams<(OrganizationId, InterviewSessionId)>,
    idempotent: Idempotent,
    assessments: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    let ratings = &assessments.ratings;
    let respond = |session: InterviewSession| ok(&SessionView::from(&session));
    idempotent
        .run(
            &ctx,
            b"",
            async |ctx| Ok(respond(ratings.release(ctx, organization, id).await?)),
            async |ctx, _| Ok(respond(ratings.run_session(ctx, organization, id).await?)),
        )
        .await
}
