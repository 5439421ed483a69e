//! What the rules share: a little world with a clock, ids and people, over the adapter under test.

use std::time::Duration;

use identity::{
    Account, Digest, Lifetime, Membership, NewSession, Organization, OrganizationProfile, Preferences,
    Profile, Role, Roles, Session, Slug, Unit,
};
use kernel::{
    AccountId, Actor, Assurance, Clock as _, Ctx, Id, Ids, Limit, OrganizationId, Page, PageRequest,
    PlatformRole, Scope, StoreError, Timestamp, UnitOfWork as _,
};

use crate::{
    StorageUnderTest,
    aggregate::Aggregate,
    fixture::{FixedClock, SequentialIds},
    samples::{email, hash, name},
};

pub(crate) const fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

pub(crate) const fn hours(count: u64) -> Duration {
    minutes(count * 60)
}

pub(crate) fn ctx(scope: Scope) -> Ctx {
    Ctx::new(Actor::System, scope)
}

pub(crate) struct World {
    pub(crate) storage: StorageUnderTest,
    clock: FixedClock,
    ids: SequentialIds,
}

/// Two people and two organisations, the first person the owner of both.
#[derive(Clone, Copy)]
pub(crate) struct TestPeople {
    pub(crate) ann: AccountId,
    pub(crate) bob: AccountId,
    pub(crate) north: OrganizationId,
    pub(crate) south: OrganizationId,
}

impl World {
    pub(crate) fn of(storage: &StorageUnderTest) -> Self {
        let (clock, ids) = (FixedClock::default(), SequentialIds::series(1));
        Self { storage: storage.clone(), clock, ids }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Lets a second pass.
    pub(crate) fn tick(&self) -> Timestamp {
        self.pass(Duration::from_secs(1))
    }

    pub(crate) fn pass(&self, time: Duration) -> Timestamp {
        self.clock.advance(time)
    }

    pub(crate) fn id<T>(&self) -> Id<T> {
        Id::from_uuid(self.ids.ordered())
    }

    /// Of some secret nobody knows.
    pub(crate) fn digest(&self) -> Digest {
        Digest::of(self.ids.ordered().as_bytes())
    }

    pub(crate) async fn begin(&self, scope: Scope) -> Box<Unit> {
        self.storage.store.begin(&ctx(scope)).await.expect("a unit can be begun")
    }

    /// A unit to keep such aggregates in.
    pub(crate) async fn unit_of<A: Aggregate>(&self, scope: Scope) -> Box<A::Unit> {
        A::store(&self.storage).begin(&ctx(scope)).await.expect("a unit can be begun")
    }

    /// Saves in a unit of its own.
    pub(crate) async fn try_keep<A: Aggregate>(
        &self,
        scope: Scope,
        aggregate: &mut A,
    ) -> Result<(), StoreError> {
        let mut unit = self.unit_of::<A>(scope).await;
        aggregate.save(&mut *unit).await?;
        unit.commit().await
    }

    /// Saves in a unit of its own, which must work.
    pub(crate) async fn keep<A: Aggregate>(&self, mut aggregate: A) -> A {
        let kept = self.try_keep(aggregate.scope(), &mut aggregate).await;
        kept.unwrap_or_else(|error| panic!("{} can be saved: {error:?}", aggregate.kind()));
        aggregate
    }

    /// Reads it again in a unit of its own.
    pub(crate) async fn read<A: Aggregate>(&self, scope: Scope, aggregate: &A) -> Option<A> {
        let mut unit = self.unit_of::<A>(scope).await;
        aggregate.read(&mut *unit).await.expect("reading finds it or finds nothing")
    }

    pub(crate) async fn account(&self, address: &str) -> Account {
        let now = self.tick();
        let profile = Profile { full_name: Some(name("Someone")), ..Profile::default() };
        let role = PlatformRole::User;
        self.keep(Account::open(self.id(), email(address), hash("any"), profile, role, now)).await
    }

    pub(crate) async fn organization(&self, slug: Option<Slug>) -> Organization {
        let now = self.tick();
        let settings = Preferences::default();
        let profile =
            OrganizationProfile { name: name("Some AB"), slug, requires_second_factor: false, settings };
        self.keep(Organization::found(self.id(), profile, now)).await
    }

    pub(crate) async fn member(&self, of: OrganizationId, account: AccountId, role: Role) -> Membership {
        let now = self.tick();
        self.keep(Membership::join(self.id(), of, account, Roles::only(role), now)).await
    }

    pub(crate) async fn session(&self, account: AccountId) -> Session {
        let now = self.tick();
        let lifetime = Lifetime { absolute: hours(24), idle: hours(1) };
        let (assurance, user_agent, address) = (Assurance::Aal1, None, None);
        let id = self.id();
        let new = NewSession { id, account, assurance, lifetime, user_agent, address, on_new_device: false };
        self.keep(Session::begin(new, now)).await
    }

    pub(crate) async fn people(&self) -> TestPeople {
        let ann = self.account("ann@example.org").await.id;
        let bob = self.account("bob@example.org").await.id;
        let north = self.organization(None).await.id;
        let south = self.organization(None).await.id;
        for organization in [north, south] {
            self.member(organization, ann, Role::Owner).await;
        }
        TestPeople { ann, bob, north, south }
    }
}

/// The page of `limit` items after the one before.
pub(crate) fn next_page<T>(limit: u64, before: Option<&Page<T>>) -> PageRequest {
    let limit = Limit::new(limit).expect("the rules ask for small pages");
    PageRequest { limit, after: before.and_then(|page| page.next.clone()) }
}

/// Up to a hundred items from the start.
pub(crate) fn whole() -> PageRequest {
    next_page::<()>(100, None)
}
