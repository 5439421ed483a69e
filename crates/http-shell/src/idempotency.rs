//! Idempotency: a client that sends a request twice, because it never saw the answer, has one effect and gets one
//! answer.

mod stored_response;

use std::{
    borrow::Cow,
    fmt,
    future::{Ready, ready},
};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    http::{StatusCode, header::HeaderName, header::HeaderValue},
    web::Data,
};
use kernel::{Actor, Ctx, IdempotencyKey, IdempotencyState, IdempotentRequest, SavedTarget};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use utoipa::{
    IntoParams,
    openapi::{
        ObjectBuilder, Required, Type,
        path::{Parameter, ParameterBuilder, ParameterIn},
    },
};

use self::stored_response::StoredResponse;
use super::{
    openapi::SCOPE_MISSING,
    problem::Problem,
    response::{HandlerResult, accepted},
    state::AppState,
};

const HEADER: &str = "idempotency-key";
const LONGEST_KEY: usize = 255;
/// What answers that are kept for replay are sealed for.
const PURPOSE: &str = "idempotent-answer";

/// The `Idempotency-Key` of a request, if it has one.
pub struct Idempotent {
    key: Option<String>,
    request: String,
    state: Data<AppState>,
}

impl Idempotent {
    /// Refuses a request without a key: for calls that move money.
    pub fn required(self) -> Result<Self, Problem> {
        let missing = || {
            let detail =
                "this call moves money: send an Idempotency-Key, so that a repeated request has one effect";
            Problem::new(StatusCode::BAD_REQUEST, "request.idempotency_key_required", detail)
        };
        if self.key.is_some() { Ok(self) } else { Err(missing()) }
    }

    /// Has work begun once that goes on by itself: the answer is 202, and tells nothing.
    pub async fn accept<E: Into<Problem>>(
        self,
        ctx: &Ctx,
        body: &[u8],
        work: impl AsyncFnOnce(&Ctx) -> Result<(), E>,
    ) -> HandlerResult {
        let work = async |ctx: &Ctx| work(ctx).await.map(|()| accepted()).map_err(Into::into);
        self.run(ctx, body, work, async |_, _| Ok(accepted())).await
    }

    /// Does the work once.
    ///
    /// `work` MUST hand the context it is given to its one commanding service call: the key travels in it and
    /// is marked with the effect. `render` gives the answer of an earlier run that was lost, from what that run
    /// saved first; whatever it tells, it MUST ask for leave to tell: an answer that was kept is replayed where it
    /// succeeds.
    pub async fn run(
        self,
        ctx: &Ctx,
        body: &[u8],
        work: impl AsyncFnOnce(&Ctx) -> HandlerResult,
        render: impl AsyncFnOnce(&Ctx, Option<SavedTarget>) -> HandlerResult,
    ) -> HandlerResult {
        let Some(request) = self.idempotent_request(ctx, body) else { return work(ctx).await };
        let store = self.state.idempotency();
        match store.reserve(&request, self.state.clock().now()).await? {
            IdempotencyState::Run => {
                let ctx = Ctx { idempotency: Some(request.id), ..ctx.clone() };
                let answer = work(&ctx).await;
                if !answer.as_ref().is_ok_and(|answer| answer.status().is_success()) {
                    self.release(request.id).await;
                    return answer;
                }
                Ok(self.store(&request, answer?).await)
            }
            // The answer was for who had leave then. What it tells is asked for again by who calls now: as it is, or,
            // where nothing came of it, by doing it.
            IdempotencyState::Answered { sealed, committed } => {
                let now = match committed {
                    Some(target) => render(ctx, target).await,
                    None => work(ctx).await,
                };
                match now {
                    // A program that may write and not read saw its answer; whoever made its key may read it now.
                    Err(refused) if refused.code() == SCOPE_MISSING => {}
                    now => drop(now?),
                }
                self.replay(&request, &sealed)
            }
            IdempotencyState::Committed(target) => render(ctx, target).await.map(replayed),
            IdempotencyState::OtherRequest => {
                let detail =
                    "this Idempotency-Key was used for another request; take a new key for a new request";
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                Err(Problem::new(status, "request.idempotency_key_reused", detail))
            }
            IdempotencyState::Running => {
                let detail = "the request with this Idempotency-Key is still running; try again";
                let problem = Problem::new(StatusCode::CONFLICT, "request.idempotency_running", detail);
                Err(problem.retry_after(1))
            }
        }
    }

    fn idempotent_request(&self, ctx: &Ctx, body: &[u8]) -> Option<IdempotentRequest> {
        let key = self.key.clone()?;
        let caller = match ctx.actor {
            Actor::Guest { invitation, .. } => format!("guest:{invitation}"),
            Actor::Anonymous | Actor::System => return None,
            Actor::Account { id, .. } | Actor::Newcomer { id, .. } => format!("account:{id}"),
            Actor::Service { key, .. } => format!("service:{key}"),
        };
        let body = canonical(body);
        let fingerprint = Sha256::new().chain_update(&self.request).chain_update(b"\n").chain_update(&*body);
        let id = IdempotencyKey(self.state.ids().opaque());
        Some(IdempotentRequest { id, caller, key, fingerprint: fingerprint.finalize().into() })
    }

    /// The answer goes out even if it cannot be kept: it would be rendered again.
    async fn store(&self, request: &IdempotentRequest, answer: HttpResponse) -> HttpResponse {
        let (answer, kept) = StoredResponse::of(request, answer);
        if let Some(kept) = kept {
            let sealed = self.state.sealing().seal(PURPOSE, &kept);
            if let Err(error) = self.state.idempotency().answer(request.id, &sealed).await {
                tracing::warn!(%error, "an idempotent answer could not be kept");
            }
        }
        answer
    }

    /// Frees the key, unless the work was committed all the same; a key that cannot be freed expires by itself.
    async fn release(&self, id: IdempotencyKey) {
        if let Err(error) = self.state.idempotency().release(id).await {
            tracing::warn!(%error, "an idempotency key could not be released");
        }
    }

    fn replay(&self, request: &IdempotentRequest, sealed: &[u8]) -> HandlerResult {
        let plain = self.state.sealing().open(PURPOSE, sealed).ok();
        let answer = plain.and_then(|plain| StoredResponse::read(request, &plain));
        answer.map(replayed).ok_or_else(|| Problem::fault(&"a kept answer does not open"))
    }
}

/// A document of JSON is the same however its members are ordered and spaced.
fn canonical(body: &[u8]) -> Cow<'_, [u8]> {
    let document = serde_json::from_slice::<Value>(body).ok().and_then(|mut document| {
        document.sort_all_objects();
        serde_json::to_vec(&document).ok()
    });
    document.map_or(Cow::Borrowed(body), Cow::Owned)
}

fn replayed(mut answer: HttpResponse) -> HttpResponse {
    let name = HeaderName::from_static("idempotency-replayed");
    answer.headers_mut().insert(name, HeaderValue::from_static("true"));
    answer
}

impl FromRequest for Idempotent {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(req))
    }
}

fn read(req: &HttpRequest) -> Result<Idempotent, Problem> {
    let state = req.app_data::<Data<AppState>>().cloned();
    let state = state.ok_or_else(|| Problem::fault(&"the state of the shell is not in place"))?;
    let mut lines = req.headers().get_all(HEADER);
    let key = lines.next().map(|line| {
        let key = line.to_str().ok().filter(|key| {
            (1..=LONGEST_KEY).contains(&key.len()) && key.bytes().all(|octet| octet.is_ascii_graphic())
        });
        key.filter(|_| lines.next().is_none()).map(str::to_owned).ok_or_else(|| {
            let detail = "Idempotency-Key takes 1 to 255 visible ASCII characters, such as a UUID";
            Problem::new(StatusCode::BAD_REQUEST, "request.idempotency_key_malformed", detail)
        })
    });
    let mut query: Vec<&str> = req.query_string().split('&').collect();
    query.sort_unstable();
    let request = format!("{}\n{}\n{}", req.method(), req.path(), query.join("&"));
    Ok(Idempotent { key: key.transpose()?, request, state })
}

impl IntoParams for Idempotent {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let key = ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(LONGEST_KEY))
            .pattern(Some("^[!-~]+$"));
        vec![
            ParameterBuilder::new()
                .name("Idempotency-Key")
                .parameter_in(ParameterIn::Header)
                .required(Required::False)
                .description(Some(
                    "Repeating the request with this key within 24 h has one effect and one answer",
                ))
                .schema(Some(key))
                .example(Some(serde_json::json!("8e03978e-40d5-43e8-bc93-6894a57f9324")))
                .build(),
        ]
    }
}

impl fmt::Debug for Idempotent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Idempotent({:?})", self.key)
    }
}
