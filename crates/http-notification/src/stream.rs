//! An open stream of what comes (Server-Sent Events), and tickets for clients that cannot send a header.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_ENCODING},
    },
    post,
    web::Bytes,
};
use futures_util::stream;
use http_shell::{Anonymous, Caller, HandlerResult, Problem, Query, bearer_token, proved};
use kernel::{AccountId, Ctx, Secret, Timestamp};
use notification::{OpenStream, Signal, StreamCatchUp, Subscription};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::time::{Instant, sleep_until};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    Service,
    views::{NotificationView, UnreadView},
};

pub(super) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(open).service(issue_ticket);
}

/// A comment goes out so often, so that nobody on the way takes the stream for dead.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Whoever opened the stream is asked for so often. What is told of sessions is up to five seconds old.
const CHECK: Duration = Duration::from_secs(1);
/// In so many milliseconds clients come back whose stream broke off.
const RETRY: u32 = 3000;
const LAST_EVENT_ID: &str = "last-event-id";

/// How a stream is opened.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct StreamQuery {
    /// The number after which to go on, where the client cannot send `Last-Event-ID`.
    #[param(value_type = i64, required = false, minimum = 0)]
    after: Option<String>,
    /// In place of a bearer token.
    #[param(required = false, max_length = 8192)]
    ticket: Option<String>,
}

impl StreamQuery {
    /// The number the client saw last: what it says itself, or what its browser remembers.
    fn seen(&self, req: &HttpRequest) -> Result<Option<i64>, Problem> {
        let header = req.headers().get(LAST_EVENT_ID).map(|id| id.to_str().unwrap_or("?"));
        let (place, text) = match (header.filter(|id| !id.is_empty()), self.after.as_deref()) {
            (Some(id), _) => ("", id),
            (None, Some(after)) => ("/after", after),
            (None, None) => return Ok(None),
        };
        let number = text.parse().ok().filter(|number| *number >= 0);
        let fault = || {
            let what = "must be the id of an event of this stream: a whole number, 0 or more";
            let what = if place.is_empty() { format!("Last-Event-ID {what}") } else { what.to_owned() };
            Problem::invalid(vec![(place.to_owned(), what)])
        };
        number.map(Some).ok_or_else(fault)
    }
}

/// Shows notifications as they come, as Server-Sent Events, until the client goes.
///
/// Each is an event `notification` whose `id` is its number and whose data is the notification; `unread` tells how many
/// are unread, at first and whenever that changes. A client that comes back says what it saw last, as `Last-Event-ID`
/// or `after`: up to 200 that it missed are shown again, and where there are more, an event `reset` tells it to read
/// the list. A comment comes every 15 seconds. The stream ends with `unauthenticated` when its token expires or, within
/// seconds, when the session ends; and with `replaced` where one opens a sixth stream and it is the oldest.
///
/// A browser's `EventSource`, which sends no header, takes a `ticket`.
#[utoipa::path(
    operation_id = "notification.stream", tag = "notifications",
    params(StreamQuery, ("Last-Event-ID" = Option<i64>, Header, nullable = false, minimum = 0,
        description = "The id of the last event that was seen")),
    security(("bearer" = [])),
    responses((status = 200, description = "Events, until one of the two goes", content_type = "text/event-stream", body = String),
        (status = 401, description = "`notification.invalid_ticket`"),
        (status = 503, description = "`notification.too_many_streams`"))
)]
#[get("/v1/me/notifications/stream")]
async fn open(
    req: HttpRequest,
    caller: Result<Caller, Problem>,
    visitor: Anonymous,
    query: Query<StreamQuery>,
    service: Service,
) -> HandlerResult {
    let seen = query.0.seen(&req)?;
    let (ctx, token) = match query.0.ticket {
        Some(ticket) => {
            let token = service.notifications.redeem_ticket(&visitor, &Secret::new(ticket)).await?;
            let now = service.clock.now();
            let ctx = service.authenticator.authenticate(token.expose(), &visitor, now).await?;
            ctx.actor.id().inspect(|id| proved(&req, *id));
            (ctx, token)
        }
        None => (caller?.0, bearer_token(&req).ok_or_else(Problem::unauthenticated)?),
    };
    let OpenStream { own, account, subscription, caught_up } =
        service.notifications.begin_stream(&ctx, seen).await?;
    let mut stream = Stream {
        number: caught_up.number,
        unread: None,
        shown: format!("retry: {RETRY}\n\n"),
        is_over: false,
        heartbeat: Instant::now() + HEARTBEAT,
        check: Instant::now() + CHECK,
        base: visitor.0,
        service,
        own,
        account,
        token,
        subscription,
    };
    stream.show(caught_up);
    let events = stream::unfold(stream, |mut stream| async {
        let bytes = stream.next().await?;
        Some((Ok::<_, std::convert::Infallible>(bytes), stream))
    });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_ENCODING, "identity"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(Box::pin(events)))
}

struct Stream {
    service: Service,
    /// The person, in their own scope.
    own: Ctx,
    account: AccountId,
    /// What is known of the request, and the token it came with.
    base: Ctx,
    token: Secret,
    subscription: Box<dyn Subscription>,
    /// The number shown last.
    number: i64,
    /// The count shown last.
    unread: Option<u32>,
    /// What waits to be sent.
    shown: String,
    is_over: bool,
    heartbeat: Instant,
    check: Instant,
}

impl Stream {
    /// What is sent next; `None` at the end.
    async fn next(&mut self) -> Option<Bytes> {
        while self.shown.is_empty() && !self.is_over {
            tokio::select! {
                signal = self.subscription.next() => match signal {
                    Signal::Changed => self.catch_up().await,
                    Signal::Replaced => self.end(Some("replaced")),
                    Signal::Stopping => self.end(None),
                },
                () = sleep_until(self.check) => {
                    self.check = Instant::now() + CHECK;
                    if !self.is_theirs().await {
                        self.end(Some("unauthenticated"));
                    } else if Instant::now() >= self.heartbeat {
                        self.shown.push_str(":\n\n");
                    }
                }
            }
        }
        self.heartbeat = Instant::now() + HEARTBEAT;
        let shown = std::mem::take(&mut self.shown);
        if shown.is_empty() { None } else { Some(shown.into()) }
    }

    async fn catch_up(&mut self) {
        match self.service.notifications.catch_up(&self.own, self.number).await {
            Ok(caught_up) => self.show(caught_up),
            // The client comes back and says what it saw.
            Err(error) => {
                tracing::warn!(%error, "a stream of notifications broke off");
                self.end(None);
            }
        }
    }

    fn show(&mut self, caught_up: StreamCatchUp) {
        let StreamCatchUp { came, is_reset, number, unread } = caught_up;
        for told in came {
            let id = told.number;
            let view = NotificationView::of(told, &self.service.settings.public_url);
            self.event(Some(id), "notification", &view);
        }
        if is_reset {
            self.event(Some(number), "reset", &json!({}));
        }
        self.number = number;
        if self.unread.replace(unread) != Some(unread) {
            self.event(None, "unread", &UnreadView::from(unread));
        }
    }

    fn event(&mut self, id: Option<i64>, name: &str, data: &impl Serialize) {
        if let Some(id) = id {
            self.shown.extend(["id: ", &id.to_string(), "\n"]);
        }
        let data = serde_json::to_string(data).unwrap_or_default();
        self.shown.extend(["event: ", name, "\ndata: ", &data, "\n\n"]);
    }

    fn end(&mut self, event: Option<&str>) {
        self.is_over = true;
        if let Some(name) = event {
            self.event(None, name, &json!({}));
        }
    }

    /// Whether its token still opens it. Where that cannot be told, it goes on.
    async fn is_theirs(&self) -> bool {
        let now = self.service.clock.now();
        match self.service.authenticator.authenticate(self.token.expose(), &self.base, now).await {
            Ok(ctx) => ctx.actor.account() == Some(self.account),
            Err(problem) => problem.status() != StatusCode::UNAUTHORIZED,
        }
    }
}

/// A ticket for one stream.
#[derive(Serialize, ToSchema)]
#[schema(as = notification::StreamTicket, example = json!({ "ticket": "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ", "expires_at": "2026-11-20T12:01:00Z" }))]
struct TicketView {
    /// For the query of the stream alone.
    ticket: String,
    /// Until when it opens one.
    expires_at: Timestamp,
}

/// A ticket that opens one stream within a minute, for clients such as a browser's `EventSource` that send no header:
/// `new EventSource("/v1/me/notifications/stream?ticket=…")`. The stream lives no longer than the token the ticket was
/// asked for with; when it ends, ask for another.
#[utoipa::path(
    operation_id = "notification.issue_stream_ticket", tag = "notifications", security(("bearer" = [])),
    responses((status = 201, description = "The ticket", body = TicketView))
)]
#[post("/v1/me/notifications/stream-ticket")]
async fn issue_ticket(req: HttpRequest, ctx: Caller, service: Service) -> HandlerResult {
    let token = bearer_token(&req).ok_or_else(Problem::unauthenticated)?;
    let (ticket, expires_at) = service.notifications.stream_ticket(&ctx, &token).await?;
    Ok(HttpResponse::Created().json(TicketView { ticket: ticket.expose().to_owned(), expires_at }))
}
