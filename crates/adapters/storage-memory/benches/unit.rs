//! What a unit of work costs among 100,000 accounts: get, save and commit of one, its event with it; and a page of the
//! audit trail among 100,000 events.
//!
//! The aim is less than 20 microseconds for a unit, so that a test over memory waits for nothing.

use std::{
    hint::black_box,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use audit::ports::{EventLog as _, Filter};
use contracts::fixture::{FixedClock, SequentialIds, recorder};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use identity::{Account, EmailAddress, PasswordHash, Profile, Unit, text::Name};
use kernel::{AccountId, Actor, Ctx, Id, PageRequest, PlatformRole, Scope, Store as _, Timestamp};
use storage_memory::MemoryStorage;
use uuid::Uuid;

const ACCOUNTS: u128 = 100_000;

/// In memory nothing waits: a future is ready when it is first asked.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("storage in memory never waits"),
    }
}

fn id(n: u128) -> AccountId {
    Id::from_uuid(Uuid::from_u128(n))
}

fn open(n: u128) -> Account {
    let email = EmailAddress::new(&format!("person-{n}@example.org")).expect("an address");
    let hash = PasswordHash("hash".to_owned());
    Account::open(id(n), email, hash, Profile::default(), PlatformRole::User, Timestamp::EPOCH)
}

fn begin(storage: &MemoryStorage) -> Box<Unit> {
    now(storage.begin(&Ctx::new(Actor::System, Scope::Identity))).expect("a unit")
}

fn filled() -> MemoryStorage {
    let (clock, ids) = (FixedClock::default(), SequentialIds::default());
    let storage = MemoryStorage::new(Arc::new(clock), Arc::new(ids), recorder());
    let mut unit = begin(&storage);
    for n in 0..ACCOUNTS {
        now(unit.save_account(&mut open(n))).expect("a new account");
    }
    now(unit.commit()).expect("no other unit");
    storage
}

fn edit(storage: &MemoryStorage, n: u128) {
    let mut unit = begin(storage);
    let mut account = now(unit.account(id(n))).expect("a sound unit").expect("an account");
    let name = if account.version() % 2 == 0 { "Ann" } else { "Anna" };
    let profile = Profile { full_name: Name::new(name).ok(), ..account.profile.clone() };
    account.edit_profile(profile, Timestamp::EPOCH);
    now(unit.save_account(&mut account)).expect("the current version");
    now(unit.commit()).expect("no other unit");
}

fn units(c: &mut Criterion) {
    let storage = filled();
    let mut n = 0;
    let mut next = move || {
        n = (n + 7_919) % ACCOUNTS;
        n
    };
    c.bench_function("get, save and commit one of 100,000 accounts", |b| {
        b.iter_batched(&mut next, |n| edit(black_box(&storage), n), BatchSize::SmallInput);
    });
    c.bench_function("begin and drop", |b| b.iter(|| begin(black_box(&storage))));
}

fn lists(c: &mut Criterion) {
    let storage = filled();
    let platform = Ctx::new(Actor::System, Scope::Platform);
    let mut page = |name: &str, filter: Filter| {
        c.bench_function(&format!("a page of 100,000 events {name}"), |b| {
            b.iter(|| now(storage.events(&platform, black_box(&filter), &PageRequest::default())));
        });
    };
    page("from the newest on", Filter::default());
    page("about one person", Filter { subject: Some(id(7).uuid()), ..Filter::default() });
    page("with an action nobody took", Filter { action: Some("none".to_owned()), ..Filter::default() });
}

criterion_group!(benches, units, lists);
criterion_main!(benches);
