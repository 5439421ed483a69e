//! Rules of the marketplace, and of addresses that were asked before their owners registered.

use assessment_engine::{Listing, MarketplaceStatus, PriceTier};
use kernel::Scope;

use super::{
    assessment_fixture::{definition, item},
    commit,
};
use crate::{
    StorageUnderTest,
    world::{World, ctx},
};

impl World {
    pub(super) async fn offer(&self, listing: &Listing) {
        let mut unit = self.assess(Scope::Worker).await;
        unit.put_listing(listing).await.expect("a listing can be kept");
        commit(unit).await;
    }
}

/// A listing reads back as it was put, takes the place of the one before, and can be taken away.
pub async fn listing_round_trip(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let other = world.assessment_fixture(people.south, people.ann).await;
    let first = world.listing_sample(&fixture, MarketplaceStatus::Published);
    let kept = world.listing_sample(&other, MarketplaceStatus::PendingReview);
    let read = async |of: &Listing| {
        storage.assessments.listing(&ctx(Scope::Platform), of.assessment).await.expect("it can be read")
    };
    assert_eq!(read(&first).await, None);
    world.offer(&first).await;
    world.offer(&kept).await;
    assert_eq!(read(&first).await.as_ref(), Some(&first), "what was put is what is read");
    let (definition, _) = definition("Something else", "2.7");
    let second = Listing {
        publisher: "Another name".to_owned(),
        slug: item("another-slug"),
        published: world.id(),
        version: definition.settings.version,
        definition,
        source: None,
        status: MarketplaceStatus::Rejected,
        price_tier: PriceTier::Free,
        offered_at: world.tick(),
        ..first.clone()
    };
    world.offer(&second).await;
    assert_eq!(read(&second).await.as_ref(), Some(&second), "it takes the place of the one before");
    for round in ["once", "again"] {
        let mut unit = world.assess(Scope::Worker).await;
        unit.remove_listing(first.assessment).await.expect("it can be taken away");
        commit(unit).await;
        assert_eq!(read(&first).await, None, "it is taken away {round}");
    }
    assert_eq!(read(&kept).await, Some(kept), "another stays");
}

/// The platform sees every listing, and everyone else those that were published.
pub async fn a_listing_is_seen_once_it_is_published(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let stranger = (world.id(), world.id());
    let everyone = [
        Scope::Tenant(people.north),
        Scope::Tenant(people.south),
        Scope::Tenant(stranger.0),
        Scope::Account(people.ann),
        Scope::Account(stranger.1),
        Scope::Public,
    ];
    for status in MarketplaceStatus::ALL {
        let listing = world.listing_sample(&fixture, status);
        world.offer(&listing).await;
        let published = status == MarketplaceStatus::Published;
        for scope in everyone {
            let seen =
                storage.assessments.listing(&ctx(scope), listing.assessment).await.expect("it can be asked");
            assert_eq!(seen.is_some(), published, "a {status:?} one in {scope:?}");
            let list =
                storage.assessments.listings(&ctx(scope), &crate::world::whole()).await.expect("a list");
            assert_eq!(!list.items.is_empty(), published, "a {status:?} one in {scope:?}");
            let offers =
                storage.assessments.offers(&ctx(scope), &crate::world::whole()).await.expect("a list");
            assert!(offers.items.is_empty(), "what waits is for the platform: {scope:?}");
        }
        let platform = ctx(Scope::Platform);
        let seen = storage.assessments.listing(&platform, listing.assessment).await.expect("it can be asked");
        assert_eq!(seen.as_ref(), Some(&listing));
        let offers = storage.assessments.offers(&platform, &crate::world::whole()).await.expect("a list");
        assert_eq!(!offers.items.is_empty(), status == MarketplaceStatus::PendingReview, "{status:?}");
        let list = storage.assessments.listings(&platform, &crate::world::whole()).await.expect("a list");
        assert_eq!(!list.items.is_empty(), published, "{status:?}");
        let nobody = storage.assessments.listing(&ctx(Scope::Identity), listing.assessment).await;
        assert_eq!(nobody.expect("it can be asked"), None, "no organisation and no person");
    }
}
