//! Rules of throttle counters.

use identity::throttle::{Step, ThrottleRule, Verdict};

use crate::{
    StorageUnderTest,
    world::{World, minutes},
};

/// Of many parallel steps each sees the others': no more pass than the rule allows.
pub async fn parallel_steps_all_count(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let now = world.now();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let throttle = storage.throttle.clone();
        tasks.spawn(async move {
            throttle
                .step("address:192.0.2.7", &Step::Reserve(ThrottleRule::Address), now)
                .await
                .expect("a step is taken")
        });
    }
    let verdicts = tasks.join_all().await;
    let free = verdicts.iter().filter(|verdict| **verdict == Verdict::Free).count();
    assert_eq!(free, 20, "twenty of fifty parallel failures from one address are free");
    let until = now.plus(minutes(10));
    let locked = verdicts.iter().filter(|verdict| **verdict == Verdict::Locked { until }).count();
    assert_eq!(locked, 30, "the others wait for the window's end: {verdicts:?}");
}

/// Steps under different keys do not meet.
pub async fn keys_are_counted_apart(storage: &StorageUnderTest) {
    let now = World::of(storage).now();
    let step = async |key: &str| {
        storage.throttle.step(key, &Step::Reserve(ThrottleRule::Mail), now).await.expect("a step is taken")
    };
    for _ in 0..3 {
        assert_eq!(step("mail:ann").await, Verdict::Free);
    }
    assert_ne!(step("mail:ann").await, Verdict::Free, "the fourth within the hour is one too many");
    assert_eq!(step("mail:bob").await, Verdict::Free);
    assert_eq!(step(&"x".repeat(200)).await, Verdict::Free, "a key has up to 200 characters");
}

/// Storage keeps the whole counter: locks, the accounts that were tried, and what is given back.
pub async fn counters_are_kept_whole(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let step = async |key: &str, step: Step| {
        storage.throttle.step(key, &step, world.now()).await.expect("a step is taken")
    };
    let spread = |n: u32| ThrottleRule::Spread { account: format!("fingerprint-{n}") };
    for n in 0..15 {
        assert_eq!(step("spread", Step::Reserve(spread(n))).await, Verdict::Free);
    }
    let banned = Verdict::Locked { until: world.now().plus(minutes(24 * 60)) };
    world.pass(minutes(1));
    assert_eq!(step("spread", Step::Reserve(spread(3))).await, banned, "fifteen accounts ban an address");
    assert_eq!(step("spread", Step::GiveBack(spread(3))).await, Verdict::Free);
    assert_eq!(step("spread", Step::Reserve(spread(4))).await, Verdict::Free, "one given back lifts the ban");

    for _ in 0..6 {
        assert_eq!(step("subject", Step::Reserve(ThrottleRule::Subject)).await, Verdict::Free);
    }
    let locked = step("subject", Step::Reserve(ThrottleRule::Subject)).await;
    assert!(matches!(locked, Verdict::Locked { .. }), "a seventh guess waits: {locked:?}");
    step("subject", Step::GiveBack(ThrottleRule::Subject)).await;
    assert_eq!(
        step("subject", Step::Reserve(ThrottleRule::Subject)).await,
        Verdict::Free,
        "success forgives all"
    );
}
