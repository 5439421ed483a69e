//! Rules of the marketplace, and of addresses that were asked before their owners registered.

use std::time::Duration;

use assessment_engine::{Listing, MarketplaceStatus, Origin, PriceTier};
use kernel::{EmailAddress, OrganizationId, Scope};

use super::{
    assessment_fixture::{definition, item},
    commit,
};
use crate::{
    StorageUnderTest,
    samples::email,
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

/// What an address was asked for is found once for each, oldest first, however the address is written; asked again
/// is no change, and it can be forgotten.
pub async fn asked_addresses_are_kept_until_forgotten(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let (first, second) = (Origin::Coaching(world.id()), Origin::Coaching(world.id()));
    let third = Origin::Campaign { campaign: world.id(), assignment: world.id() };
    let ask = async |to: &EmailAddress, organization: OrganizationId, origin, at| {
        let mut unit = world.within(organization).await;
        let asked = [(to.clone(), origin)];
        unit.put_pending_email_invitations(organization, &asked, at).await.expect("it can be noted");
        commit(unit).await;
    };
    let asked = async |to: &EmailAddress| {
        let mut unit = world.assess(Scope::Worker).await;
        unit.pending_email_invitations(to).await.expect("it can be read")
    };
    let (carl, dora) = (email("Carl@example.org"), email("dora@example.org"));
    let now = world.now();
    let later = |seconds| now.plus(Duration::from_secs(seconds));
    ask(&carl, people.north, second, later(2)).await;
    ask(&carl, people.south, third, later(3)).await;
    ask(&carl, people.north, first, later(1)).await;
    ask(&dora, people.north, first, later(1)).await;
    ask(&email("CARL@example.org"), people.north, first, later(9)).await;
    let expected = [(people.north, first), (people.north, second), (people.south, third)];
    assert_eq!(asked(&email("carl@EXAMPLE.org")).await, expected);
    let mut unit = world.assess(Scope::Worker).await;
    unit.delete_pending_email_invitations(&carl).await.expect("it can be forgotten");
    drop(unit);
    assert_eq!(asked(&carl).await.len(), 3, "a dropped unit forgets nothing");
    let mut unit = world.assess(Scope::Worker).await;
    unit.delete_pending_email_invitations(&email("cArl@example.org")).await.expect("it can be forgotten");
    commit(unit).await;
    assert!(asked(&carl).await.is_empty());
    assert_eq!(asked(&dora).await, [(people.north, first)], "another address keeps its own");
}
