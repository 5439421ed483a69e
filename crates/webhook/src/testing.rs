//! A world in memory for tests: its clock goes on while it is waited for, and URLs answer as they are told to.

mod queues;

use std::{
    collections::{BTreeMap, BTreeSet},
    future::{Future, poll_fn},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
    task::Poll,
    time::Duration,
};

use async_trait::async_trait;
use kernel::{
    AccessDenied, AccountId, Actor, Change, Clock, Ctx, Delivery, Domain, Gate, Id, Ids, Kind, Lane,
    OrganizationId, Page, PageRequest, Permit, PublicEvent, Quota, Random, Reach, Recorded as _, Refusal,
    Role, Roles, Rule, Scope, Sealing, Store, StoreError, Timestamp, UnitOfWork, Unsealable,
    outbound::{CheckedUrl, Incoming, Outbound, OutboundError, Outgoing, Policy, UrlRefused},
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Attempt, Endpoint, EndpointId, EndpointSecret, EndpointState, EventCatalogue, EventFilters, PING, Ports,
    Quotas, Unit, WebhookDelivery, WebhookEvent,
    ports::{Endpoints, SenderObserver, Wakeup},
    signing::{SignatureScheme, SigningKey},
};
use queues::Queues;

const EVENTS: &[PublicEvent] = &[
    PublicEvent::new("api_key.create", "api_key.created", "A program was given a key."),
    PublicEvent::new("campaign.close", "campaign.closed", "Nobody begins any more."),
    PublicEvent::new("membership.join", "membership.joined", "Somebody became a member."),
];

pub(crate) fn catalogue() -> EventCatalogue {
    EventCatalogue::of(&[&Domain { events: EVENTS, ..kernel::PLATFORM }])
}

pub(crate) fn id<T>(number: u128) -> Id<T> {
    Id::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn organization() -> OrganizationId {
    id(1)
}

/// What the outbox tells of a thing with this number.
pub(crate) fn told(topic: &str, number: u128) -> Delivery {
    Delivery {
        id: Uuid::from_u128(1_000 + number),
        topic: topic.to_owned(),
        lane: Lane::Soon,
        target_kind: "membership".to_owned(),
        target_id: Uuid::from_u128(number),
        target_version: None,
        organization: Some(organization()),
        data: Value::Null,
        occurred_at: Timestamp::EPOCH,
        attempts: 0,
    }
}

/// An endpoint of this number that asks for all events of memberships.
pub(crate) fn endpoint(number: u128) -> Endpoint {
    let key = SigningKey::HmacSha256(vec![7; 24]);
    let state = EndpointState {
        id: id(number),
        organization: organization(),
        url: CheckedUrl::assume(format!("https://hooks.example/{number}")),
        description: None,
        events: EventFilters::assume(["membership.*".to_owned()]),
        is_paused: false,
        disabled: None,
        enabled_at: Timestamp::EPOCH,
        scheme: SignatureScheme::HmacSha256,
        secrets: vec![EndpointSecret::seal(&key, id(number), &FakeSealing, Timestamp::EPOCH)],
        created_by: id(1),
        created_at: Timestamp::EPOCH,
    };
    Endpoint::restore(state, 1)
}

fn made(number: u128, event: &PublicEvent, target: u128) -> WebhookDelivery {
    let told = told(event.action, target);
    let event = WebhookEvent { id: Uuid::from_u128(number), ..WebhookEvent::of(&told, event).unwrap() };
    WebhookDelivery::new(id(number), &endpoint(1), event, Timestamp::EPOCH)
}

/// A delivery of this number to the first endpoint, about a thing of that number.
pub(crate) fn delivery(number: u128, target: u128) -> WebhookDelivery {
    made(number, &EVENTS[2], target)
}

pub(crate) fn ping(endpoint: u128) -> WebhookDelivery {
    made(1, &PING, endpoint)
}

/// What stands before bytes that were sealed with a key before the current one.
pub(crate) const OLD: &[u8] = b"old: ";

/// Seals nothing, and opens by the purpose.
pub(crate) struct FakeSealing;

impl Sealing for FakeSealing {
    fn seal(&self, purpose: &str, plain: &[u8]) -> Vec<u8> {
        [purpose.as_bytes(), plain].concat()
    }
    fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, Unsealable> {
        let sealed = sealed.strip_prefix(OLD).unwrap_or(sealed);
        sealed.strip_prefix(purpose.as_bytes()).map(<[u8]>::to_vec).ok_or(Unsealable)
    }
    fn reseal(&self, purpose: &str, sealed: &[u8]) -> Result<Option<Vec<u8>>, Unsealable> {
        match sealed.strip_prefix(OLD) {
            Some(sealed) => self.open(purpose, sealed).map(|_| Some(sealed.to_vec())),
            None => self.open(purpose, sealed).map(|_| None),
        }
    }
    fn mac(&self, _: &str, _: &[u8]) -> [u8; 32] {
        unreachable!("webhooks are signed with keys of their own")
    }
    fn verify_mac(&self, _: &str, _: &[u8], _: &[u8]) -> bool {
        unreachable!("webhooks are signed with keys of their own")
    }
}

/// How a URL answers.
#[derive(Debug, Clone)]
pub(crate) enum Behaviour {
    /// With this status and these headers.
    Answers(u16, Vec<(String, String)>),
    /// Not within the time of the policy.
    Hangs,
}

/// What was sent to a URL.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) at: Timestamp,
    pub(crate) request: Outgoing,
}

#[derive(Default)]
pub(crate) struct World {
    micros: AtomicI64,
    ids: AtomicU64,
    is_shut: AtomicBool,
    pub(crate) endpoints: Mutex<BTreeMap<EndpointId, (EndpointState, i64)>>,
    pub(crate) changes: Mutex<Vec<Change>>,
    pub(crate) queues: Mutex<Queues>,
    pub(crate) behaviours: Mutex<BTreeMap<String, Behaviour>>,
    pub(crate) sent: Mutex<Vec<Sent>>,
    pub(crate) going_on: Mutex<BTreeMap<String, (u32, u32)>>,
    /// Endpoints of whose queues nothing can be settled.
    pub(crate) broken: Mutex<BTreeSet<EndpointId>>,
}

impl World {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    pub(crate) fn ports(self: &Arc<Self>) -> Ports {
        Ports {
            store: Arc::new(Units(self.clone())),
            deliveries: self.clone(),
            outbound: self.clone(),
            wakeup: self.clone(),
            observer: self.clone(),
            gate: self.clone(),
            sealing: Arc::new(FakeSealing),
            clock: self.clone(),
            ids: self.clone(),
            random: self.clone(),
            catalogue: Arc::new(catalogue()),
            quotas: Quotas { endpoints: 3 },
        }
    }

    pub(crate) fn shut(&self) {
        self.is_shut.store(true, Ordering::Relaxed);
    }

    pub(crate) fn pass(&self, time: Duration) {
        self.micros.fetch_add(i64::try_from(time.as_micros()).unwrap(), Ordering::Relaxed);
    }

    pub(crate) fn keep(&self, endpoint: &Endpoint) {
        self.endpoints.lock().unwrap().insert(endpoint.id, (endpoint.state().clone(), 1));
    }

    pub(crate) fn kept(&self, number: u128) -> Endpoint {
        let (state, version) = self.endpoints.lock().unwrap()[&id(number)].clone();
        Endpoint::restore(state, version)
    }

    pub(crate) fn answer(&self, number: u128, status: u16, headers: &[(&str, &str)]) {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.behave(number, Behaviour::Answers(status, headers));
    }

    pub(crate) fn behave(&self, number: u128, behaviour: Behaviour) {
        self.behaviours.lock().unwrap().insert(format!("https://hooks.example/{number}"), behaviour);
    }

    pub(crate) fn take_changes(&self) -> Vec<Change> {
        std::mem::take(&mut *self.changes.lock().unwrap())
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_micros(self.micros.load(Ordering::Relaxed)).unwrap()
    }
}

impl Ids for World {
    fn ordered(&self) -> Uuid {
        Uuid::from_u128((1 << 64) + u128::from(self.ids.fetch_add(1, Ordering::Relaxed)))
    }
    fn opaque(&self) -> Uuid {
        self.ordered()
    }
}

impl Random for World {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

/// Waits while the clock of the world goes on, by a millisecond whenever somebody looks.
async fn wait(world: &World, pause: Duration, passes: bool) {
    let until = world.now().plus(pause);
    poll_fn(|cx| {
        if passes {
            world.pass(Duration::from_millis(1));
        }
        cx.waker().wake_by_ref();
        if world.now() >= until { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

#[async_trait]
impl Wakeup for World {
    async fn sleep(&self, pause: Duration) {
        wait(self, pause, true).await;
    }
    fn wake(&self) {}
    async fn woken(&self) {
        std::future::pending::<()>().await;
    }
}

impl SenderObserver for World {
    fn attempted(&self, _: &WebhookDelivery, _: &Attempt) {}
    fn store_failed(&self, error: &StoreError) {
        assert!(!self.broken.lock().unwrap().is_empty(), "{error}");
    }
}

#[async_trait]
impl Outbound for World {
    fn check(&self, url: &str) -> Result<CheckedUrl, UrlRefused> {
        if url.starts_with("https://") { Ok(CheckedUrl::assume(url)) } else { Err(UrlRefused::Scheme) }
    }

    async fn send(&self, request: &Outgoing, policy: &Policy) -> Result<Incoming, OutboundError> {
        let url = request.url.expose().to_owned();
        self.sent.lock().unwrap().push(Sent { at: self.now(), request: request.clone() });
        let enter = |going_on: &mut BTreeMap<String, (u32, u32)>| {
            let (now, most) = going_on.entry(url.clone()).or_default();
            *now += 1;
            *most = (*most).max(*now);
        };
        enter(&mut self.going_on.lock().unwrap());
        let behaviour = self.behaviours.lock().unwrap().get(&url).cloned();
        let hangs = matches!(behaviour, Some(Behaviour::Hangs));
        wait(self, if hangs { policy.timeout } else { Duration::from_millis(5) }, false).await;
        self.going_on.lock().unwrap().get_mut(&url).unwrap().0 -= 1;
        let (status, headers) = match behaviour {
            Some(Behaviour::Answers(status, headers)) => (status, headers),
            Some(Behaviour::Hangs) => return Err(OutboundError::TimedOut(policy.timeout)),
            None => (204, Vec::new()),
        };
        Ok(Incoming { status, headers, body: b"answer".to_vec(), is_cut: false, url: request.url.clone() })
    }
}

#[derive(Debug, thiserror::Error)]
#[error("shut")]
struct Shut;

impl Refusal for Shut {
    fn kind(&self) -> Kind {
        Kind::Forbidden
    }
    fn code(&self) -> &'static str {
        "test.shut"
    }
}

#[async_trait]
impl Gate for World {
    async fn permit(&self, ctx: &Ctx, of: OrganizationId, _: &dyn Rule) -> Result<Permit, AccessDenied> {
        if self.is_shut.load(Ordering::Relaxed) {
            return Err(AccessDenied::new(Shut));
        }
        let ctx = ctx.within(Scope::Tenant(of));
        Ok(Permit { ctx, reach: Reach::Tenant, account: id(9), roles: Roles::only(Role::Owner) })
    }
    async fn permit_platform(&self, _: &Ctx, _: &dyn Rule) -> Result<Ctx, AccessDenied> {
        Err(AccessDenied::new(Shut))
    }
    async fn permit_own(&self, _: &Ctx) -> Result<(Ctx, AccountId), AccessDenied> {
        Err(AccessDenied::new(Shut))
    }
}

/// A unit that keeps what is saved at once, and records with the commit.
struct FakeUnit {
    world: Arc<World>,
    changes: Vec<Change>,
}

/// Opens units over the world.
struct Units(Arc<World>);

#[async_trait]
impl Store<Unit> for Units {
    async fn begin(&self, _: &Ctx) -> Result<Box<Unit>, StoreError> {
        Ok(Box::new(FakeUnit { world: self.0.clone(), changes: Vec::new() }))
    }
}

#[async_trait]
impl UnitOfWork for FakeUnit {
    fn record(&mut self, change: Change) {
        self.changes.push(change);
    }
    fn shred_keys(&mut self, _: Uuid) {}
    async fn take_turn(&mut self, _: &Quota, _: Uuid) -> Result<(), StoreError> {
        Ok(())
    }
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        self.world.changes.lock().unwrap().extend(self.changes);
        Ok(())
    }
}

#[async_trait]
impl Endpoints for FakeUnit {
    async fn webhook_endpoint(&mut self, id: EndpointId) -> Result<Option<Endpoint>, StoreError> {
        let found = self.world.endpoints.lock().unwrap().get(&id).cloned();
        Ok(found.map(|(state, version)| Endpoint::restore(state, version)))
    }
    async fn webhook_endpoints(&mut self, _: &PageRequest) -> Result<Page<Endpoint>, StoreError> {
        Ok(Page { items: self.listening_webhook_endpoints().await?, next: None })
    }
    async fn listening_webhook_endpoints(&mut self) -> Result<Vec<Endpoint>, StoreError> {
        let all = self.world.endpoints.lock().unwrap().clone().into_values();
        Ok(all
            .filter(|(of, _)| of.disabled.is_none())
            .map(|(of, version)| Endpoint::restore(of, version))
            .collect())
    }
    async fn count_webhook_endpoints(&mut self, _: OrganizationId) -> Result<u64, StoreError> {
        Ok(self.world.endpoints.lock().unwrap().len() as u64)
    }
    async fn save_webhook_endpoint(&mut self, endpoint: &mut Endpoint) -> Result<(), StoreError> {
        let mut endpoints = self.world.endpoints.lock().unwrap();
        let version = endpoint.version() + 1;
        endpoints.insert(endpoint.id, (endpoint.state().clone(), version));
        self.changes.extend(endpoint.changes().drain());
        endpoint.set_version(version);
        Ok(())
    }
    async fn save_resealed_webhook_endpoint(&mut self, endpoint: &Endpoint) -> Result<(), StoreError> {
        self.world.keep(endpoint);
        Ok(())
    }
    async fn delete_webhook_endpoint(&mut self, endpoint: &mut Endpoint) -> Result<(), StoreError> {
        self.world.endpoints.lock().unwrap().remove(&endpoint.id);
        self.changes.extend(endpoint.changes().drain());
        Ok(())
    }
}

pub(crate) fn person() -> Ctx {
    Ctx::new(Actor::System, Scope::Tenant(organization()))
}

pub(crate) fn run<T>(work: impl Future<Output = T>) -> T {
    futures_executor::block_on(work)
}
