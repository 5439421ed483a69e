//! The shell from outside: a few routes of its own behind all layers, called as a client would.

mod context;
mod documents;
mod errors;
mod idempotency;
mod json;
mod lists;
mod preconditions;
mod rates;
mod routes;
mod socket;
mod telemetry;

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};

use actix_web::{
    body::{BoxBody, to_bytes},
    dev::Service,
    http::{StatusCode, header::HeaderMap},
    test::{TestRequest, init_service},
};
use async_trait::async_trait;
use kernel::{
    AccountId, Actor, Assurance, Clock, CodeNote, Ctx, Domain, Health, HealthCheck, IdempotencyKey,
    IdempotencyState, IdempotencyStore, IdempotentRequest, Ids, Kind, PlatformRole, SavedTarget, Scope,
    Sealing, SessionId, StoreError, Timestamp, Unsealable,
};
use serde_json::Value;
use utoipa::openapi::{Info, Paths};
use uuid::Uuid;

use super::{
    Api, AppState, Authenticator, Parts, Problem, Settings, health::TrailReport, server::app, tasks,
};

pub(super) struct Counting(AtomicU64);

impl Ids for Counting {
    fn ordered(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.0.fetch_add(1, Ordering::Relaxed)) + 1)
    }
    fn opaque(&self) -> Uuid {
        self.ordered()
    }
}

struct Epoch;

impl Clock for Epoch {
    fn now(&self) -> Timestamp {
        Timestamp::EPOCH
    }
}

/// Seals by flipping bits; the shell makes no MAC.
struct Flipped;

impl Sealing for Flipped {
    fn seal(&self, _: &str, plain: &[u8]) -> Vec<u8> {
        plain.iter().map(|octet| octet ^ 0x55).collect()
    }
    fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, Unsealable> {
        Ok(self.seal(purpose, sealed))
    }
    fn reseal(&self, _: &str, _: &[u8]) -> Result<Option<Vec<u8>>, Unsealable> {
        unreachable!("nothing is kept for long")
    }
    fn mac(&self, _: &str, _: &[u8]) -> [u8; 32] {
        unreachable!("the shell makes no MAC")
    }
    fn verify_mac(&self, _: &str, _: &[u8], _: &[u8]) -> bool {
        unreachable!("the shell checks no MAC")
    }
}

/// Whether storage can be reached, and whether it takes writes.
struct Well(bool, bool);

#[async_trait]
impl HealthCheck for Well {
    async fn health(&self) -> Result<Health, StoreError> {
        if self.0 {
            Ok(Health { schema: "m0001".to_owned(), newer_schema: true })
        } else {
            Err(StoreError::Unavailable("password=canary refused".to_owned()))
        }
    }

    async fn ensure_writable(&self) -> Result<(), StoreError> {
        if self.1 { Ok(()) } else { Err(StoreError::Unavailable("the disk is full".to_owned())) }
    }
}

/// `Bearer ann` is the account 1, `Bearer bob` the account 2, everyone else is refused.
struct Names;

#[async_trait]
impl Authenticator for Names {
    async fn authenticate(&self, token: &str, base: &Ctx, _: Timestamp) -> Result<Ctx, Problem> {
        let id = match token {
            "ann" => 1,
            "bob" => 2,
            _ => return Err(Problem::new(StatusCode::UNAUTHORIZED, "identity.invalid_token", "no")),
        };
        let id = AccountId::from_uuid(Uuid::from_u128(id));
        let actor = Actor::Account {
            id,
            session: SessionId::from_uuid(Uuid::nil()),
            platform_role: PlatformRole::User,
            assurance: Assurance::Aal1,
            authenticated_at: Timestamp::EPOCH,
        };
        Ok(Ctx { actor, ..base.within(Scope::Account(id)) })
    }
}

#[derive(Default)]
pub(super) struct FakeIdempotencyStore(Mutex<Vec<Held>>);

struct Held {
    request: IdempotentRequest,
    answer: Option<Vec<u8>>,
    committed: Option<SavedTarget>,
}

impl FakeIdempotencyStore {
    /// The process died after the effect: what was answered is lost.
    pub(super) fn lose_answers(&self) {
        for held in self.0.lock().unwrap().iter_mut() {
            held.answer = None;
        }
    }

    pub(super) fn sealed(&self) -> Vec<Vec<u8>> {
        self.0.lock().unwrap().iter().filter_map(|held| held.answer.clone()).collect()
    }
}

#[async_trait]
impl IdempotencyStore for FakeIdempotencyStore {
    async fn reserve(
        &self,
        request: &IdempotentRequest,
        _: Timestamp,
    ) -> Result<IdempotencyState, StoreError> {
        let mut all = self.0.lock().unwrap();
        let same =
            |held: &&Held| (&held.request.caller, &held.request.key) == (&request.caller, &request.key);
        Ok(match all.iter().find(same) {
            Some(held) if held.request.fingerprint != request.fingerprint => IdempotencyState::OtherRequest,
            Some(Held { answer: Some(sealed), committed, .. }) => {
                let (sealed, committed) = (sealed.clone(), committed.clone().map(Some));
                IdempotencyState::Answered { sealed, committed }
            }
            Some(Held { committed: Some(target), .. }) => IdempotencyState::Committed(Some(target.clone())),
            Some(_) => IdempotencyState::Running,
            None => {
                all.push(Held { request: request.clone(), answer: None, committed: None });
                IdempotencyState::Run
            }
        })
    }
    async fn answer(&self, id: IdempotencyKey, sealed: &[u8]) -> Result<(), StoreError> {
        for held in self.0.lock().unwrap().iter_mut().filter(|held| held.request.id == id) {
            held.answer = Some(sealed.to_vec());
            held.committed =
                Some(SavedTarget { kind: "thing".to_owned(), id: Uuid::from_u128(7), version: 1 });
        }
        Ok(())
    }
    async fn release(&self, id: IdempotencyKey) -> Result<(), StoreError> {
        self.0.lock().unwrap().retain(|held| held.request.id != id);
        Ok(())
    }
    async fn purge(&self, _: Timestamp) -> Result<u64, StoreError> {
        Ok(0)
    }
}

/// A domain with a code, the operations on tasks, and a page.
pub(super) fn api() -> Api {
    const TAKEN: CodeNote = CodeNote { kind: Kind::Conflict, code: "test.taken", note: "Take another name." };
    const TEST: Domain = Domain { name: "test", codes: &[&[TAKEN]], ..kernel::PLATFORM };
    Api {
        info: Info::new("Test", "1"),
        routes: tasks::routes,
        describe: |document| document.webhooks = Some(Paths::new()),
        domains: &[&TEST],
        pages: &["/t/page"],
    }
}

pub(super) struct Fixture {
    pub settings: Settings,
    pub healthy: bool,
    pub writable: bool,
    pub trail_report: TrailReport,
    pub idempotency: Arc<FakeIdempotencyStore>,
}

impl Default for Fixture {
    fn default() -> Self {
        let settings = Settings { rates: None, ..Settings::default() };
        let (healthy, writable) = (true, true);
        Self { settings, healthy, writable, trail_report: TrailReport::UNKNOWN, idempotency: Arc::default() }
    }
}

impl Fixture {
    pub(super) fn state(&self) -> AppState {
        let trail_report = self.trail_report;
        AppState::new(Parts {
            api: api(),
            settings: self.settings.clone(),
            clock: Arc::new(Epoch),
            ids: Arc::new(Counting(AtomicU64::new(0))),
            authenticator: Arc::new(Names),
            idempotency: self.idempotency.clone(),
            sealing: Arc::new(Flipped),
            health: Arc::new(Well(self.healthy, self.writable)),
            trail_report: Arc::new(move || trail_report),
            services: Arc::new(routes::routes),
        })
    }

    /// Starts an application that takes one request after another.
    pub(super) async fn open(&self) -> impl AsyncFn(TestRequest) -> Got + use<> {
        let app = init_service(app(&self.state())).await;
        async move |request: TestRequest| match app.call(request.to_request()).await {
            Ok(answer) => read(answer.into_parts().1.map_into_boxed_body()).await,
            Err(error) => read(error.error_response()).await,
        }
    }

    /// Sends one request to an application of its own.
    pub(super) async fn send(&self, request: TestRequest) -> Got {
        self.open().await(request).await
    }
}

pub(super) async fn get(path: &str) -> Got {
    Fixture::default().send(TestRequest::get().uri(path)).await
}

/// An answer as a client sees it.
#[derive(Debug)]
pub(super) struct Got {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Got {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// Checks everything a problem has to have, and gives its code.
    pub(super) fn problem(&self, status: u16) -> String {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let body = self.json();
        let code = body["code"].as_str().unwrap().to_owned();
        assert_eq!(body["status"], status);
        assert_eq!(body["type"], format!("/docs/errors#{code}"));
        assert_eq!(body["request_id"], self.header("x-request-id"));
        assert!(!body["title"].as_str().unwrap().is_empty() && !body["detail"].as_str().unwrap().is_empty());
        assert_eq!(self.header("x-content-type-options"), "nosniff");
        let policy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        assert_eq!(self.header("content-security-policy"), policy);
        assert_eq!(self.header("referrer-policy"), "no-referrer");
        assert_eq!(self.header("cache-control"), "no-store");
        code
    }

    pub(super) fn pointers(&self) -> Vec<String> {
        let errors = self.json()["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|error| error["pointer"].as_str().unwrap().to_owned()).collect()
    }
}

async fn read(answer: actix_web::HttpResponse<BoxBody>) -> Got {
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = to_bytes(answer.into_body()).await.ok().unwrap_or_default();
    Got { status, headers, text: String::from_utf8_lossy(&body).into_owned() }
}
