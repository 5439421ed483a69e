//! Rules of API keys.

use crate::{Subject, accounts::round_trip, world::World};

/// An API key reads back as it was saved, and as revoked.
pub async fn api_key_round_trip(subject: &Subject) {
    let world = World::of(subject);
    let cast = world.cast().await;
    round_trip(&world, world.key_sample(&cast), |key| {
        let mut revoked = key.clone();
        revoked.revoke(world.tick());
        revoked
    })
    .await;
}
