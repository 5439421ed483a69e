//! Who asks: the context of a request, and the extractors that hand it to a handler.

use std::{
    future::{Ready, ready},
    ops::Deref,
    sync::Arc,
};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::{Payload, ServiceRequest},
    http::{
        Method,
        header::{AUTHORIZATION, HeaderMap, USER_AGENT},
    },
};
use async_trait::async_trait;
use kernel::{Actor, Ctx, RequestId, Scope, Secret, Timestamp};
use uuid::Uuid;

use super::{problem::Problem, state::AppState};

/// The header that carries a request's id, in both directions.
pub const REQUEST_ID: &str = "x-request-id";

const USER_AGENT_LENGTH: usize = 256;
const TOKEN_LENGTH: usize = 4096;

/// Tells who holds a token.
#[async_trait]
pub trait Authenticator: Send + Sync {
    /// The context of whoever holds this access token, API key or guest's pass; `base` carries what is known of the
    /// request.
    async fn authenticate(&self, token: &str, base: &Ctx, now: Timestamp) -> Result<Ctx, Problem>;
}

/// The caller, who proved who they are: a handler that takes it answers 401 to everyone else.
#[derive(Debug, Clone)]
pub struct Caller(pub Ctx);

/// Whoever calls, known or not: the context of a request before anyone is known.
#[derive(Debug, Clone)]
pub struct Anonymous(pub Ctx);

/// Who turned out to send a request without a token.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Proved(pub Uuid);

/// Tells that a request proved who sent it by what it carries, such as a password or the link of a letter: it counts
/// against a bucket of the sender's, and not against the address that many may share.
pub fn proved(req: &HttpRequest, sender: Uuid) {
    req.extensions_mut().insert(Proved(sender));
}

/// What the layers found out about a request, for the extractors.
#[derive(Clone)]
pub(crate) struct RequestContext {
    pub base: Ctx,
    pub token_status: TokenStatus,
}

/// What became of the token of a request.
#[derive(Clone)]
pub(crate) enum TokenStatus {
    Absent,
    Refused(Problem),
    Valid(Ctx),
}

/// The context of a request before anyone is known.
pub(crate) fn base(req: &ServiceRequest, state: &AppState) -> Ctx {
    let peer = req.peer_addr().map(|peer| peer.ip());
    let address = peer.map(|peer| state.settings().trusted_proxies.client(peer, req.headers()));
    let user_agent = req.headers().get(USER_AGENT).map(|name| {
        String::from_utf8_lossy(name.as_bytes()).chars().take(USER_AGENT_LENGTH).collect::<String>()
    });
    let mut ctx = Ctx::new(Actor::Anonymous, Scope::Identity);
    ctx.request = Some(request_id(req.headers(), state));
    ctx.route = route(req);
    ctx.address = address;
    ctx.user_agent = user_agent;
    ctx
}

/// Method and path pattern, where the path is one of ours; a client may invent the rest.
fn route(req: &ServiceRequest) -> Option<Arc<str>> {
    const METHODS: [Method; 7] = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
    ];
    let pattern = req.match_pattern().filter(|_| METHODS.contains(req.method()))?;
    Some(format!("{} {pattern}", req.method()).into())
}

/// The client's own id of the request, if it is a UUID; else a new one.
fn request_id(headers: &HeaderMap, state: &AppState) -> RequestId {
    let given = headers.get(REQUEST_ID).and_then(|id| Uuid::try_parse_ascii(id.as_bytes()).ok());
    RequestId(given.unwrap_or_else(|| state.ids().ordered()))
}

/// The bearer token of a request: `None` without one, refused when it cannot be one.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<Result<&str, Problem>> {
    let mut lines = headers.get_all(AUTHORIZATION);
    let line = lines.next()?;
    let token = line.to_str().ok().and_then(|line| line.split_once(' '));
    let token =
        token.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim());
    match token {
        Some(token) if !token.is_empty() && token.len() <= TOKEN_LENGTH && lines.next().is_none() => {
            Some(Ok(token))
        }
        _ => Some(Err(Problem::unauthenticated())),
    }
}

/// The token a request carries in its header, if it carries one that can be one.
pub fn bearer_token(req: &HttpRequest) -> Option<Secret> {
    bearer(req.headers())?.ok().map(Secret::new)
}

fn request_context(req: &HttpRequest) -> Result<RequestContext, Problem> {
    let request_context = req.extensions().get::<RequestContext>().cloned();
    request_context.ok_or_else(|| Problem::fault(&"the layers of the shell are not in place"))
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(request_context(req).and_then(|request_context| match request_context.token_status {
            TokenStatus::Valid(ctx) => Ok(Self(ctx)),
            TokenStatus::Refused(problem) => Err(problem),
            TokenStatus::Absent => Err(Problem::unauthenticated()),
        }))
    }
}

impl FromRequest for Anonymous {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(request_context(req).map(|request_context| Self(request_context.base)))
    }
}

impl Deref for Caller {
    type Target = Ctx;

    fn deref(&self) -> &Ctx {
        &self.0
    }
}

impl Deref for Anonymous {
    type Target = Ctx;

    fn deref(&self) -> &Ctx {
        &self.0
    }
}
