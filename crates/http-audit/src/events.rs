//! Reading the trail: an organisation's, the platform's, one's own; in pages, or whole as lines.

use actix_web::{HttpRequest, get, web::Data};
use audit::{ports::Filter, trail::Whose};
use http_shell::{
    Caller, Checker, HandlerResult, ListQuery, NamedSchema, PageQuery, Paged, PathParams, Problem, ok,
    preferred,
};
use kernel::{Ctx, OrganizationId, Outcome, Timestamp};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{Actions, Trails, event_view::EventView, ndjson};

pub(super) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(of_organization).service(of_platform).service(of_oneself);
}

const JSON: &str = "application/json";
type OutcomeSchema = NamedSchema<Outcome>;
const LONGEST_ACTION: usize = 100;

/// Which events.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct EventQuery {
    /// Those of this account or API key.
    #[param(required = false, format = Uuid)]
    actor: Option<String>,
    /// With this action.
    #[param(
        required = false,
        min_length = 1,
        max_length = 100,
        pattern = "^[!-~]+$",
        example = "account.suspend"
    )]
    action: Option<String>,
    /// On the thing of this id.
    #[param(required = false, format = Uuid)]
    target: Option<String>,
    /// That ended so.
    #[param(required = false, inline, value_type = Option<OutcomeSchema>)]
    outcome: Option<Outcome>,
    /// From this time on.
    #[param(required = false, format = DateTime)]
    from: Option<String>,
    /// Before this time.
    #[param(required = false, format = DateTime)]
    until: Option<String>,
}

impl EventQuery {
    fn check(self) -> Result<Filter, Problem> {
        let Self { actor, action, target, outcome, from, until } = self;
        let id = |text: String| Uuid::try_parse(&text).map_err(|_| "must be a UUID");
        let mut check = Checker::new();
        let actor = check.optional("/actor", actor.map(id));
        let action = check.optional("/action", action.map(action_name));
        let target = check.optional("/target", target.map(id));
        let from = check.optional("/from", from.map(|at| at.parse::<Timestamp>()));
        let until = check.optional("/until", until.map(|at| at.parse::<Timestamp>()));
        let (actor, action, target, from, until) = check.finish((actor, action, target, from, until))?;
        let mut check = Checker::new();
        let ends_before = from.zip(until).is_some_and(|(from, until)| from > until);
        check.require(!ends_before, "/until", "must not be before from");
        check.finish(())?;
        Ok(Filter { actor, action, target, subject: None, outcome, from, until })
    }
}

fn action_name(name: String) -> Result<String, &'static str> {
    let fits =
        (1..=LONGEST_ACTION).contains(&name.len()) && name.bytes().all(|octet| octet.is_ascii_graphic());
    if fits { Ok(name) } else { Err("must be the name of an action, such as account.suspend") }
}

/// The trail of an organisation, newest first. For owners and admins, and API keys with `audit.read`.
///
/// With `Accept: application/x-ndjson` the whole of it, in the order of the log, as lines that `touchstone audit
/// verify` checks against the signed checkpoint in the first of them; events of others are there as hashes. `limit`
/// and `after` are refused then. Lines that do not end with the trailer, `{"events":..,"size":..}`, are incomplete.
#[utoipa::path(
    operation_id = "audit.list_organization_events", tag = "audit", params(PageQuery, EventQuery),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "A page of events, or all of them as lines",
            content((Paged<EventView> = "application/json"), (String = "application/x-ndjson"))))
)]
#[get("/v1/organizations/{organization_id}/audit/events")]
async fn of_organization(
    req: HttpRequest,
    ctx: Caller,
    id: PathParams<OrganizationId>,
    listing: ListQuery<EventQuery>,
    trail: Trails,
    actions: Data<Actions>,
) -> HandlerResult {
    answer(&req, &ctx, Whose::Organization(*id), listing, &trail, &actions).await
}

/// The trail of the platform and every organisation, newest first. For platform administrators with a
/// second factor.
///
/// With `Accept: application/x-ndjson` as lines, as for an organisation.
#[utoipa::path(
    operation_id = "audit.list_platform_events", tag = "audit", params(PageQuery, EventQuery), security(("bearer" = [])),
    responses((status = 200, description = "A page of events, or all of them as lines",
            content((Paged<EventView> = "application/json"), (String = "application/x-ndjson"))))
)]
#[get("/v1/admin/audit/events")]
async fn of_platform(
    req: HttpRequest,
    ctx: Caller,
    listing: ListQuery<EventQuery>,
    trail: Trails,
    actions: Data<Actions>,
) -> HandlerResult {
    answer(&req, &ctx, Whose::Platform, listing, &trail, &actions).await
}

/// What was done with one's account, newest first.
///
/// With `Accept: application/x-ndjson` as lines, as for an organisation.
#[utoipa::path(
    operation_id = "audit.list_own_events", tag = "audit", params(PageQuery, EventQuery), security(("bearer" = [])),
    responses((status = 200, description = "A page of events, or all of them as lines",
            content((Paged<EventView> = "application/json"), (String = "application/x-ndjson"))))
)]
#[get("/v1/me/audit/events")]
async fn of_oneself(
    req: HttpRequest,
    ctx: Caller,
    listing: ListQuery<EventQuery>,
    trail: Trails,
    actions: Data<Actions>,
) -> HandlerResult {
    answer(&req, &ctx, Whose::Own, listing, &trail, &actions).await
}

async fn answer(
    req: &HttpRequest,
    ctx: &Ctx,
    whose: Whose,
    listing: ListQuery<EventQuery>,
    trail: &Trails,
    actions: &Actions,
) -> HandlerResult {
    let ListQuery { page, is_paged, filter } = listing;
    let filter = filter.check()?;
    if preferred(req, &[JSON, ndjson::MEDIA_TYPE]) == ndjson::MEDIA_TYPE {
        if is_paged {
            let detail = "lines are sent whole; leave out limit and after";
            return Err(Problem::invalid(vec![(String::new(), detail.to_owned())]));
        }
        return Ok(ndjson::streaming(trail.export(ctx, whose, filter).await?, whose));
    }
    let page = trail.events(ctx, whose, filter, &page).await?;
    let next = page.next.map(|cursor| cursor.as_str().to_owned());
    let items =
        page.items.into_iter().map(|event| EventView::of(event, actions)).collect::<Result<Vec<_>, _>>()?;
    Ok(ok(&Paged { items, next }))
}
