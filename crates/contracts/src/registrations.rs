//! Rules of registrations.

use std::collections::BTreeSet;

use kernel::Scope;

use crate::{
    StorageUnderTest,
    accounts::round_trip,
    samples::email,
    world::{World, hours},
};

/// A registration reads back as it was saved, and as completed.
pub async fn registration_round_trip(storage: &StorageUnderTest) {
    let world = World::of(storage);
    round_trip(&world, world.registration_sample("Dora.Diaz@Example.org"), |registration| {
        let mut completed = registration.clone();
        completed.complete(world.tick());
        completed
    })
    .await;
}

/// Of an address's registrations the newest open one is found: none that was completed or has expired.
pub async fn the_newest_open_registration_is_found(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let find = async |address: &str| {
        let mut unit = world.begin(Scope::Identity).await;
        let found = unit.open_registration(&email(address), world.now()).await.expect("it can be read");
        found.map(|registration| registration.id)
    };
    let old = world.keep(world.registration_sample("dora@example.org")).await;
    world.pass(hours(1));
    let mut new = world.keep(world.registration_sample("Dora@Example.org")).await;
    world.keep(world.registration_sample("other@example.org")).await;
    assert_eq!(find("DORA@example.org").await, Some(new.id), "the newest counts");
    new.complete(world.tick());
    world.keep(new).await;
    assert_eq!(find("dora@example.org").await, Some(old.id), "a completed one does not count");
    world.pass(identity::Registration::LIFE.saturating_sub(hours(1)));
    assert_eq!(find("dora@example.org").await, None, "nor does an expired one");
}

/// Purging an address forgets all its registrations, tells which, and leaves every other.
pub async fn purged_registrations_are_gone(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let first = world.keep(world.registration_sample("dora@example.org")).await;
    let second = world.keep(world.registration_sample("DORA@example.org")).await;
    let other = world.keep(world.registration_sample("other@example.org")).await;
    let mut unit = world.begin(Scope::Identity).await;
    let purged = unit.purge_registrations(&email("Dora@example.org")).await.expect("they can be purged");
    assert_eq!(BTreeSet::from_iter(purged), BTreeSet::from([first.id, second.id]));
    let again = unit.purge_registrations(&email("Dora@example.org")).await.expect("nothing can be purged");
    assert_eq!(again, []);
    unit.commit().await.expect("it can be committed");
    for gone in [&first, &second] {
        assert_eq!(world.read(Scope::Identity, gone).await, None);
    }
    assert!(world.read(Scope::Identity, &other).await.is_some());
}
