//! Rules of sessions and known devices.

use std::time::Duration;

use identity::{Digest, EndReason};
use kernel::Scope;

use crate::{
    StorageUnderTest,
    accounts::round_trip,
    world::{World, hours},
};

/// A session reads back as it was saved, and as ended.
pub async fn session_round_trip(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    round_trip(&world, world.session_sample(&people), |session| world.changed_session(session)).await;
}

/// Live sessions come oldest first, without those that were ended, expired or idled away, or are another's.
pub async fn live_sessions_are_oldest_first(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let first = world.session(people.ann).await;
    let mut ended = world.session(people.ann).await;
    world.session(people.bob).await;
    world.pass(Duration::from_secs(1800));
    let last = world.session(people.ann).await;
    let live = async || {
        let mut unit = world.begin(Scope::Identity).await;
        let live = unit.live_sessions(people.ann, world.now()).await.expect("they can be read");
        live.into_iter().map(|session| session.id).collect::<Vec<_>>()
    };
    assert_eq!(live().await, [first.id, ended.id, last.id]);
    ended.end(EndReason::Logout, world.tick());
    world.keep(ended).await;
    assert_eq!(live().await, [first.id, last.id], "an ended one is not live");
    world.pass(Duration::from_secs(1800));
    assert_eq!(live().await, [last.id], "one that idled away is not live");
    world.pass(hours(24));
    assert!(live().await.is_empty(), "an expired one is not live");
}

/// An account's first device is as good as known; later ones are known once remembered, until forgotten.
pub async fn devices_are_remembered(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let (laptop, phone) = (Digest::of(b"laptop"), Digest::of(b"phone"));
    let knows = async |account, device: &Digest| {
        let mut unit = world.begin(Scope::Identity).await;
        unit.knows_device(account, device).await.expect("it can be read")
    };
    assert!(knows(people.ann, &laptop).await, "the first device is no news");
    for _ in 0..2 {
        let mut unit = world.begin(Scope::Identity).await;
        unit.remember_device(people.ann, &laptop, world.tick()).await.expect("it can be remembered");
        unit.commit().await.expect("it can be committed");
    }
    assert!(knows(people.ann, &laptop).await, "a remembered device is known");
    assert!(!knows(people.ann, &phone).await, "another is not");
    assert!(knows(people.bob, &phone).await, "another account has none yet");
    let mut unit = world.begin(Scope::Identity).await;
    unit.remember_device(people.bob, &laptop, world.tick()).await.expect("it can be remembered");
    unit.forget_devices(people.ann).await.expect("they can be forgotten");
    unit.commit().await.expect("it can be committed");
    assert!(knows(people.ann, &phone).await, "who has none any more begins anew");
    assert!(!knows(people.bob, &phone).await, "another account's are still known");
}
