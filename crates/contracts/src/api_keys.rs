//! Rules of API keys.

use std::time::Duration;

use kernel::Scope;

use crate::{StorageUnderTest, accounts::round_trip, world::World};

/// An API key reads back as it was saved, and as revoked.
pub async fn api_key_round_trip(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    round_trip(&world, world.key_sample(&people), |key| {
        let mut revoked = key.clone();
        revoked.revoke(world.tick());
        revoked
    })
    .await;
}

/// Keys that work are counted, those of this organisation alone.
pub async fn live_keys_are_counted(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let mut revoked = world.key_sample(&people);
    revoked.revoke(world.tick());
    world.keep(revoked).await;
    let live = world.keep(world.key_sample(&people)).await;
    let count = async |organization, at| {
        let mut unit = world.begin(Scope::Tenant(organization)).await;
        unit.live_api_keys(organization, at).await.expect("they can be counted")
    };
    let last = live.expires_at.minus(Duration::from_millis(1));
    assert_eq!(count(people.north, world.now()).await, 1);
    assert_eq!((count(people.north, last).await, count(people.north, live.expires_at).await), (1, 0));
    assert_eq!(count(people.south, world.now()).await, 0);
}
