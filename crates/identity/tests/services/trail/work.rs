//! The work behind a refusal: the same whoever it is about, and nothing is refused unseen.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use identity::{
    Directory as _, PasswordHash, Refused, Role, Roles, Throttle, Unit,
    credentials::{HashingError, PasswordHasher, Verified},
    permission::MEMBERS_READ,
    throttle::{Counter, Step, Verdict},
};
use kernel::{
    Ctx, Denial, Denials, Domain, KeyScope, Kind, Page, PageRequest, PlatformRole, Reach, Refusal as _, Rule,
    Secret, Store, StoreError, Timestamp,
};

use crate::world::{OTHER_PASSWORD, PASSWORD, World, email, nobody};

/// Writes down what a port is asked for.
struct Noting<P: ?Sized> {
    port: Arc<P>,
    noted: Arc<Mutex<Vec<String>>>,
}

impl<P: ?Sized> Noting<P> {
    fn note(&self, what: &str) {
        self.noted.lock().unwrap().push(what.to_owned());
    }
}

#[async_trait]
impl Store<Unit> for Noting<dyn Store<Unit>> {
    async fn begin(&self, ctx: &Ctx) -> Result<Box<Unit>, StoreError> {
        self.note("a unit");
        self.port.begin(ctx).await
    }
}

#[async_trait]
impl Throttle for Noting<dyn Throttle> {
    async fn step(&self, key: &str, step: &Step, now: Timestamp) -> Result<Verdict, StoreError> {
        self.note("a step");
        self.port.step(key, step, now).await
    }

    async fn locked(
        &self,
        now: Timestamp,
        page: &PageRequest,
    ) -> Result<Page<(String, Counter)>, StoreError> {
        self.port.locked(now, page).await
    }

    async fn lift(&self, key: &str) -> Result<bool, StoreError> {
        self.port.lift(key).await
    }
}

#[async_trait]
impl PasswordHasher for Noting<dyn PasswordHasher> {
    async fn hash(&self, password: &Secret) -> Result<PasswordHash, HashingError> {
        self.note("a hash");
        self.port.hash(password).await
    }

    async fn verify(&self, password: &Secret, hash: Option<&PasswordHash>) -> Result<Verified, HashingError> {
        self.note("a verification");
        self.port.verify(password, hash).await
    }
}

#[async_trait]
impl Denials for Noting<dyn Denials> {
    async fn record_denial(&self, ctx: &Ctx, denial: Denial) -> Result<(), StoreError> {
        self.note("a denial");
        self.port.record_denial(ctx, denial).await
    }
}

/// Knows which units are open: the in-memory ones keep the context they were begun with, and it hands each a route of
/// its own.
struct OneAtATime<P: ?Sized> {
    port: Arc<P>,
    begun: Arc<Mutex<Vec<Arc<str>>>>,
}

#[async_trait]
impl Store<Unit> for OneAtATime<dyn Store<Unit>> {
    async fn begin(&self, ctx: &Ctx) -> Result<Box<Unit>, StoreError> {
        let route: Arc<str> = Arc::from("a route of its own");
        let unit = self.port.begin(&Ctx { route: Some(route.clone()), ..ctx.clone() }).await?;
        assert_eq!(Arc::strong_count(&route), 2, "the unit keeps its context");
        self.begun.lock().unwrap().push(route);
        Ok(unit)
    }
}

#[async_trait]
impl Denials for OneAtATime<dyn Denials> {
    async fn record_denial(&self, ctx: &Ctx, denial: Denial) -> Result<(), StoreError> {
        let open = self.begun.lock().unwrap().iter().filter(|route| Arc::strong_count(route) > 1).count();
        assert_eq!(open, 0, "a unit is open while {denial:?} takes a connection");
        self.port.record_denial(ctx, denial).await
    }
}

/// A world in which no attempt may be recorded while a unit is open: each takes a connection.
pub(super) fn one_connection_at_a_time() -> World {
    World::with(|ports| {
        let begun = Arc::new(Mutex::new(Vec::new()));
        ports.store = Arc::new(OneAtATime { port: ports.store.clone(), begun: begun.clone() });
        ports.denials = Arc::new(OneAtATime { port: ports.denials.clone(), begun });
    })
}

#[tokio::test]
async fn a_failed_sign_in_takes_the_same_work_for_known_and_unknown_addresses() {
    let noted = Arc::new(Mutex::new(Vec::new()));
    let world = World::with(|ports| {
        ports.store = Arc::new(Noting { port: ports.store.clone(), noted: noted.clone() });
        ports.throttle = Arc::new(Noting { port: ports.throttle.clone(), noted: noted.clone() });
        ports.hasher = Arc::new(Noting { port: ports.hasher.clone(), noted: noted.clone() });
        ports.denials = Arc::new(Noting { port: ports.denials.clone(), noted: noted.clone() });
    });
    world.person("ann@example.org").await;
    let work = || std::mem::take(&mut *noted.lock().unwrap());
    work();
    let mut works = Vec::new();
    for address in ["ann@example.org", "nobody@example.org"] {
        let before = world.events().await.len();
        world.login(address, OTHER_PASSWORD, None).await.unwrap_err();
        assert_eq!(world.events().await.len(), before + 1);
        works.push(work());
    }
    assert_eq!(works[0], ["a unit", "a step", "a verification", "a step", "a denial"]);
    assert_eq!(works[0], works[1]);
}

#[tokio::test]
async fn asking_for_a_link_tells_the_trail_as_much_of_an_unknown_address() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let events = async || world.events().await;
    let known = events().await.len();
    for address in [ann.email.clone(), email("nobody@example.org")] {
        world.identity.passwords.forgot(&nobody(), &address).await.unwrap();
        world.identity.registrations.resend(&nobody(), &address).await.unwrap();
    }
    let new = events().await.split_off(known);
    let shape = |event: &audit::Event| {
        let keys = event.personal.is_some() || event.address.is_some();
        (event.action.clone(), event.subject, event.difference.as_str().to_owned(), keys)
    };
    let shapes: Vec<_> = new.iter().map(shape).collect();
    assert_eq!(shapes[..2], shapes[2..]);
    assert!(new.iter().all(|event| event.subject.is_none() && event.target.id.is_some()));
}

/// Keeps nothing.
struct Full;

#[async_trait]
impl Denials for Full {
    async fn record_denial(&self, _: &Ctx, _: Denial) -> Result<(), StoreError> {
        Err(StoreError::Fault("the disk is full".to_owned()))
    }
}

#[tokio::test]
async fn what_cannot_be_recorded_is_not_refused_but_fails() {
    let world = World::with(|ports| ports.denials = Arc::new(Full));
    let ann = world.person("ann@example.org").await;
    let eve = world.person("eve@example.org").await;
    let id = world.found(&ann, "North Wind").await.organization.id;
    let login = world.login("ann@example.org", OTHER_PASSWORD, None).await.unwrap_err();
    let seen = world.identity.organizations.get(&eve.ctx, id).await.unwrap_err();
    let link = world.identity.registrations.verify(&nobody(), &Secret::new("unknown")).await.unwrap_err();
    for refused in [login, seen, link] {
        assert_eq!(refused.kind(), Kind::Unavailable, "{refused:?}");
    }
    assert!(world.login("ann@example.org", PASSWORD, None).await.is_ok());
}

/// A rule of another domain, which practitioners alone pass.
struct ReadNotes;

impl Rule for ReadNotes {
    fn name(&self) -> &'static str {
        "note.view"
    }

    fn reach(&self, role: Role) -> Reach {
        if role == Role::Practitioner { Reach::Assigned } else { Reach::None }
    }

    fn platform_reach(&self, _: PlatformRole) -> Reach {
        Reach::None
    }

    fn key_scope(&self) -> Option<KeyScope> {
        Some(READ_NOTES)
    }
}

const READ_NOTES: KeyScope = KeyScope::new("notes.read");
const NOTES: Domain =
    Domain { name: "notes", rules: &[&ReadNotes], key_scopes: &[READ_NOTES], ..kernel::PLATFORM };

#[tokio::test]
async fn nobody_gives_what_another_domain_keeps_from_him_by_role_or_by_key() {
    let world = World::with(|ports| ports.domains = vec![&NOTES]);
    let ann = world.person("ann@example.org").await;
    let id = world.found(&ann, "North Wind").await.organization.id;
    let to = email("x@example.org");
    let practitioner = Roles::only(Role::Practitioner);
    let invited = world.identity.invitations.invite(&ann.ctx, id, to.clone(), practitioner).await;
    assert!(matches!(invited, Err(Refused::BeyondOwnRoles)), "{invited:?}");
    world.identity.invitations.invite(&ann.ctx, id, to, Roles::only(Role::Member)).await.unwrap();
    let new = |scope| identity::api_key::NewApiKey {
        name: identity::Name::new("Payroll").unwrap(),
        scopes: [scope].into_iter().collect(),
        expires_at: kernel::Clock::now(&*world.clock).plus(std::time::Duration::from_secs(60)),
    };
    let keys = &world.identity.api_keys;
    let made = keys.create(&ann.ctx, id, new(READ_NOTES)).await;
    assert!(matches!(made, Err(Refused::BeyondOwnRoles)), "{made:?}");
    keys.create(&ann.ctx, id, new(MEMBERS_READ)).await.unwrap();
    // What no domain declares today, one may declare tomorrow: the key must not be there before its rules are.
    let made = keys.create(&ann.ctx, id, new(KeyScope::new("tomorrow.read"))).await;
    assert!(matches!(&made, Err(Refused::Invalid { .. })), "{made:?}");
}

#[tokio::test]
async fn the_gate_lets_domains_rules_decide() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let ben = world.person("ben@example.org").await;
    let id = world.found(&ann, "North Wind").await.organization.id;
    world.join(id, &ann, &ben, Role::Member).await;
    let gate = world.identity.gate();
    let read: &dyn Rule = &audit::Action::ReadOrganization;
    let permit = gate.permit(&ann.ctx, id, read).await.unwrap();
    assert_eq!((permit.account, permit.reach), (ann.ctx.actor.account().unwrap(), Reach::Tenant));
    let before = world.events().await.len();
    let barred = gate.permit(&ben.ctx, id, read).await.unwrap_err();
    assert_eq!(barred.kind(), Kind::Forbidden);
    let platform: &dyn Rule = &audit::Action::ReadPlatform;
    assert_eq!(gate.permit_platform(&ann.ctx, platform).await.unwrap_err().kind(), Kind::Forbidden);
    let denied = world.events().await.split_off(before);
    let denied: Vec<_> = denied.iter().map(|event| (event.action.as_str(), event.organization)).collect();
    assert_eq!(denied, [("audit.read", Some(id)), ("audit.read", None)]);
    let account = ann.ctx.actor.account().unwrap();
    assert!(world.storage.account(&ann.ctx, account).await.unwrap().is_some());
}
