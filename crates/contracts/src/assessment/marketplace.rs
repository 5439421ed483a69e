//! Rules of the marketplace, and of addresses that were asked before their owners registered.

use std::time::Duration;

use assessment_engine::custom::{Listing, MarketplaceStatus, Origin, PriceTier};
use kernel::{EmailAddress, OrganizationId, Scope};

use super::{
    commit,
    ground::{definition, item},
};
use crate::{
    Subject,
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
pub async fn listing_round_trip(subject: &Subject) {
    let world = World::of(subject);
    let cast = world.cast().await;
    let ground = world.ground(cast.north, cast.ann).await;
    let other = world.ground(cast.south, cast.ann).await;
    let first = world.listing_sample(&ground, MarketplaceStatus::Published);
    let kept = world.listing_sample(&other, MarketplaceStatus::PendingReview);
    let read = async |of: &Listing| {
        subject.assessments.listing(&ctx(Scope::Platform), of.assessment).await.expect("it can be read")
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
pub async fn a_listing_is_seen_once_it_is_published(subject: &Subject) {
    let world = World::of(subject);
    let cast = world.cast().await;
    let ground = world.ground(cast.north, cast.ann).await;
    let stranger = (world.id(), world.id());
    let everyone = [
        Scope::Tenant(cast.north),
        Scope::Tenant(cast.south),
        Scope::Tenant(stranger.0),
        Scope::Account(cast.ann),
        Scope::Account(stranger.1),
    ];
    for status in MarketplaceStatus::ALL {
        let listing = world.listing_sample(&ground, *status);
        world.offer(&listing).await;
        let published = *status == MarketplaceStatus::Published;
        for scope in everyone {
            let seen =
                subject.assessments.listing(&ctx(scope), listing.assessment).await.expect("it can be asked");
            assert_eq!(seen.is_some(), published, "a {status:?} one in {scope:?}");
            let list =
                subject.assessments.listings(&ctx(scope), &crate::world::whole()).await.expect("a list");
            assert_eq!(!list.items.is_empty(), published, "a {status:?} one in {scope:?}");
            let offers =
                subject.assessments.offers(&ctx(scope), &crate::world::whole()).await.expect("a list");
            assert!(offers.items.is_empty(), "what waits is for the platform: {scope:?}");
        }
        let platform = ctx(Scope::Platform);
        let seen = subject.assessments.listing(&platform, listing.assessment).await.expect("it can be asked");
        assert_eq!(seen.as_ref(), Some(&listing));
        let offers = subject.assessments.offers(&platform, &crate::world::whole()).await.expect("a list");
        assert_eq!(!offers.items.is_empty(), *status == MarketplaceStatus::PendingReview, "{status:?}");
        let list = subject.assessments.listings(&platform, &crate::world::whole()).await.expect("a list");
        assert_eq!(!list.items.is_empty(), published, "{status:?}");
        let nobody = subject.assessments.listing(&ctx(Scope::Identity), listing.assessment).await;
        assert_eq!(nobody.expect("it can be asked"), None, "no organisation and no person");
    }
}

/// What an address was asked for is found once for each, oldest first, however the address is written; asked again is no
/// change, and it can be forgotten.
pub async fn asked_addresses_are_kept_until_forgotten(subject: &Subject) {
    let world = World::of(subject);
    let cast = world.cast().await;
    let (first, second) = (Origin::Coaching(world.id()), Origin::Coaching(world.id()));
    let third = Origin::Campaign { campaign: world.id(), assignment: world.id() };
    let ask = async |to: &EmailAddress, organization: OrganizationId, origin, at| {
        let mut unit = world.within(organization).await;
        unit.put_asked_address(to, organization, origin, at).await.expect("it can be noted");
        commit(unit).await;
    };
    let asked = async |to: &EmailAddress| {
        let mut unit = world.assess(Scope::Worker).await;
        unit.asked_address(to).await.expect("it can be read")
    };
    let (carl, dora) = (email("Carl@example.org"), email("dora@example.org"));
    let now = world.now();
    let later = |seconds| now.plus(Duration::from_secs(seconds));
    ask(&carl, cast.north, second, later(2)).await;
    ask(&carl, cast.south, third, later(3)).await;
    ask(&carl, cast.north, first, later(1)).await;
    ask(&dora, cast.north, first, later(1)).await;
    ask(&email("CARL@example.org"), cast.north, first, later(9)).await;
    let expected = [(cast.north, first), (cast.north, second), (cast.south, third)];
    assert_eq!(asked(&email("carl@EXAMPLE.org")).await, expected);
    let mut unit = world.assess(Scope::Worker).await;
    unit.forget_asked_address(&carl).await.expect("it can be forgotten");
    drop(unit);
    assert_eq!(asked(&carl).await.len(), 3, "a dropped unit forgets nothing");
    let mut unit = world.assess(Scope::Worker).await;
    unit.forget_asked_address(&email("cArl@example.org")).await.expect("it can be forgotten");
    commit(unit).await;
    assert!(asked(&carl).await.is_empty());
    assert_eq!(asked(&dora).await, [(cast.north, first)], "another address keeps its own");
}
