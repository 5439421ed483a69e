//! Rules of housekeeping.

use identity::{
    Registration,
    throttle::{Step, ThrottleRule, Verdict},
};
use kernel::Scope;

use crate::{
    StorageUnderTest,
    world::{World, hours},
};

/// What expired or rested before the given time is forgotten, and nothing else.
pub async fn only_what_is_over_is_forgotten(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let ask = async || {
        let step = Step::Reserve(ThrottleRule::Mail);
        storage.throttle.step("mail:dora", &step, world.now()).await.expect("a step is taken")
    };
    let people = world.people().await;
    let account = world.keep(world.account_sample("carl@example.org")).await;
    let old = world.keep(world.registration_sample("dora@example.org")).await;
    let token = world.keep(world.token_sample(&people)).await;
    for _ in 0..3 {
        ask().await;
    }
    world.pass(Registration::LIFE.saturating_sub(hours(1)));
    let new = world.keep(world.registration_sample("erin@example.org")).await;
    world.pass(hours(2));

    let forgotten = storage.housekeeping.forget_before(world.now()).await.expect("it can be done");
    assert_eq!(forgotten, 3, "a registration, a token and a counter were over");
    assert_eq!(world.read(Scope::Identity, &old).await, None);
    assert_eq!(world.read(Scope::Identity, &token).await, None);
    assert!(world.read(Scope::Identity, &new).await.is_some());
    assert!(world.read(Scope::Identity, &account).await.is_some());
    assert_eq!(ask().await, Verdict::Free);
    let again = storage.housekeeping.forget_before(world.now()).await.expect("it can be done again");
    assert_eq!(again, 0);
}
