//! Rules of organisations.

use identity::unit::ORGANIZATION_SLUG;
use kernel::{Scope, StoreError};

use crate::{StorageUnderTest, accounts::round_trip, samples::slug, world::World};

/// An organisation reads back as it was saved, and as everything about it changed.
pub async fn organization_round_trip(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let sample = world.organization_sample("north-wind");
    round_trip(&world, sample, |organization| world.changed_organization(organization)).await;
}

/// Two organisations cannot have one slug; any number can have none; a slug that was given up is free.
pub async fn slugs_are_unique(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let first = world.organization(Some(slug("north-wind"))).await;
    let mut second = world.organization_sample("north-wind");
    let duplicate = world.try_keep(Scope::Identity, &mut second).await;
    assert!(
        matches!(duplicate, Err(StoreError::Duplicate(ORGANIZATION_SLUG))),
        "a second gets {duplicate:?}"
    );
    world.organization(None).await;
    let mut third = world.organization(None).await;
    third.edit(
        identity::OrganizationProfile { slug: Some(slug("north-wind")), ..third.profile() },
        world.tick(),
    );
    let duplicate = world.try_keep(Scope::Tenant(third.id), &mut third).await;
    assert!(
        matches!(duplicate, Err(StoreError::Duplicate(ORGANIZATION_SLUG))),
        "a change gets {duplicate:?}"
    );
    world.keep(world.changed_organization(&first)).await;
    world.organization(Some(slug("north-wind"))).await;
}
