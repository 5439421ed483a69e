//! Rules of throttle counters.

use identity::throttle::{AddressLimits, AttemptOutcome, Counter, Step, ThrottleRule, Verdict};
use kernel::Timestamp;

use crate::{
    StorageUnderTest,
    world::{World, minutes, next_page, whole},
};

fn address(account: u32) -> ThrottleRule {
    ThrottleRule::Address { account: format!("account:{account}"), limits: AddressLimits::default() }
}

async fn reserve(storage: &StorageUnderTest, key: &str, rule: ThrottleRule, now: Timestamp) -> Verdict {
    storage.throttle.step(key, &Step::Reserve(rule), now).await.expect("a step is taken")
}

/// An attempt that is over at once; its verdict.
async fn attempt(
    storage: &StorageUnderTest,
    key: &str,
    rule: ThrottleRule,
    outcome: AttemptOutcome,
    now: Timestamp,
) -> Verdict {
    let verdict = reserve(storage, key, rule.clone(), now).await;
    if verdict == Verdict::Free {
        let settle = Step::Settle { rule, reserved_at: now, outcome };
        storage.throttle.step(key, &settle, now).await.expect("a step is taken");
    }
    verdict
}

/// Attempts on fifteen accounts fail.
async fn ban(storage: &StorageUnderTest, key: &str, now: Timestamp) {
    for account in 0..15 {
        let verdict = attempt(storage, key, address(account), AttemptOutcome::Failed, now).await;
        assert_eq!(verdict, Verdict::Free, "{account}");
    }
}

async fn all_locked(storage: &StorageUnderTest, now: Timestamp) -> Vec<(String, Counter)> {
    storage.throttle.locked(now, &whole()).await.expect("they are listed").items
}

/// Of many parallel steps each sees the others': no more pass than the rule allows.
pub async fn parallel_steps_all_count(storage: &StorageUnderTest) {
    let now = World::of(storage).now();
    let mut tasks = tokio::task::JoinSet::new();
    for account in 0..50 {
        let storage = storage.clone();
        tasks.spawn(async move { reserve(&storage, "address:192.0.2.7", address(account), now).await });
    }
    let verdicts = tasks.join_all().await;
    let count = |wanted| verdicts.iter().filter(|verdict| **verdict == wanted).count();
    let counted = (count(Verdict::Free), count(Verdict::Busy));
    assert_eq!(counted, (30, 20), "thirty of fifty parallel attempts from one address are looked at");
}

/// Steps under different keys do not meet.
pub async fn keys_are_counted_apart(storage: &StorageUnderTest) {
    let now = World::of(storage).now();
    let step = async |key: &str| reserve(storage, key, ThrottleRule::Mail, now).await;
    for _ in 0..3 {
        assert_eq!(step("mail:ann").await, Verdict::Free);
    }
    assert_ne!(step("mail:ann").await, Verdict::Free, "the fourth within the hour is one too many");
    assert_eq!(step("mail:bob").await, Verdict::Free);
    assert_eq!(step(&"x".repeat(200)).await, Verdict::Free, "a key has up to 200 characters");
}

/// Storage keeps the whole counter: what failed and when, what is under way, the lock, and how often there was one.
pub async fn counters_are_kept_whole(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let (key, begun) = ("address:192.0.2.7", world.now());
    ban(storage, key, begun).await;
    world.pass(minutes(5));
    for account in 0..13 {
        attempt(storage, key, address(account), AttemptOutcome::Failed, world.now()).await;
    }
    let reserved_at = world.tick();
    for account in 13..15 {
        reserve(storage, key, address(account), reserved_at).await;
    }
    let (now, outcome) = (world.tick(), AttemptOutcome::Failed);
    for account in 13..15 {
        let settle = Step::Settle { rule: address(account), reserved_at, outcome };
        storage.throttle.step(key, &settle, now).await.expect("a step is taken");
    }
    let listed = all_locked(storage, now).await;
    let accounts =
        (0..15).map(|n| (format!("account:{n}"), if n < 13 { begun.plus(minutes(5)) } else { now }));
    let kept = Counter {
        count: 2,
        since: now,
        last_at: now,
        locked_until: Some(now.plus(minutes(10))),
        failed: accounts.collect(),
        under_way: Vec::new(),
    };
    assert_eq!(listed, [(key.to_owned(), kept)], "the second ban lasts twice as long as the first");
}

/// The lists hold what is locked and nothing else, in the order of the keys, page by page.
pub async fn what_is_locked_is_listed(storage: &StorageUnderTest) {
    let world = World::of(storage);
    ban(storage, "address:192.0.2.7", world.now()).await;
    attempt(storage, "address:192.0.2.8", address(1), AttemptOutcome::Failed, world.now()).await;
    for account in ["account:bob", "account:ann"] {
        for _ in 0..6 {
            attempt(storage, account, ThrottleRule::Subject, AttemptOutcome::Failed, world.now()).await;
        }
    }
    let mut pages = Vec::new();
    let mut page = storage.throttle.locked(world.now(), &next_page::<()>(1, None)).await.expect("listed");
    loop {
        pages.push(page.items.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>().join(","));
        if page.next.is_none() {
            break;
        }
        page = storage.throttle.locked(world.now(), &next_page(1, Some(&page))).await.expect("listed");
    }
    assert_eq!(pages, ["account:ann", "account:bob", "address:192.0.2.7"]);
    world.pass(minutes(1));
    let keys: Vec<String> = all_locked(storage, world.now()).await.into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys, ["address:192.0.2.7"], "a lock of two seconds is over");
    assert_eq!(all_locked(storage, world.pass(minutes(4))).await, [], "and a ban of five minutes is");
}

/// A lifted counter is forgotten: what it locked is free, and the next ban is a first one.
pub async fn a_lifted_counter_begins_anew(storage: &StorageUnderTest) {
    let now = World::of(storage).now();
    for key in ["address:192.0.2.7", "address:192.0.2.8"] {
        ban(storage, key, now).await;
    }
    assert!(storage.throttle.lift("address:192.0.2.7").await.expect("it can be lifted"));
    assert!(
        !storage.throttle.lift("address:192.0.2.7").await.expect("again is no error"),
        "there is none left"
    );
    ban(storage, "address:192.0.2.7", now).await;
    let until = now.plus(minutes(5));
    for key in ["address:192.0.2.7", "address:192.0.2.8"] {
        assert_eq!(reserve(storage, key, address(1), now).await, Verdict::Locked { until }, "{key}");
    }
}
