//! Rules of API keys.

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
