//! Rules of what operators decided of organisations, and of who wants no letters of one.

use identity::{OrganizationLimits, Unsubscription};
use kernel::Scope;

use crate::{StorageUnderTest, world::World};

/// What was decided is kept in place of what was decided before; the organisation reads it and decides nothing, others
/// see nothing of it.
pub async fn limits_are_kept_by_organization(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let read = async |scope, organization| {
        let mut unit = world.begin(scope).await;
        unit.organization_limits(organization).await.expect("they can be read")
    };
    assert_eq!(read(Scope::Identity, people.north).await, OrganizationLimits::none(people.north));
    let mut limits = OrganizationLimits::none(people.north);
    limits.pause_mail(world.tick());
    for most in [Some(7), Some(0), None] {
        (limits.asked_per_day, limits.open_invitations) = (most, most.map(|most| most + 1));
        let mut unit = world.begin(Scope::Identity).await;
        unit.put_organization_limits(&limits).await.expect("they can be kept");
        unit.commit().await.expect("it can be committed");
        assert_eq!(read(Scope::Identity, people.north).await, limits);
    }
    assert_eq!(read(Scope::Tenant(people.north), people.north).await, limits);
    let hidden = read(Scope::Tenant(people.south), people.north).await;
    assert_eq!(hidden, OrganizationLimits::none(people.north), "another organisation sees nothing");
    let mut own = world.begin(Scope::Tenant(people.north)).await;
    let decided = own.put_organization_limits(&OrganizationLimits::none(people.north)).await;
    let decided = match decided {
        Ok(()) => own.commit().await,
        refused => refused,
    };
    assert!(decided.is_err(), "an organisation decides nothing of itself");
    assert_eq!(read(Scope::Identity, people.north).await, limits);
}

/// An address is unsubscribed from one organisation until it subscribes again; both may be said twice.
pub async fn unsubscriptions_are_kept_until_forgotten(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let of = Unsubscription { organization: people.north, fingerprint: "0123456789abcdef".repeat(2) };
    let found = async || {
        let mut unit = world.begin(Scope::Identity).await;
        let mut found = Vec::new();
        for organization in [people.north, people.south] {
            found.push(unit.is_unsubscribed(organization, &of.fingerprint).await.expect("it can be read"));
        }
        found
    };
    assert_eq!(found().await, [false, false]);
    for _ in 0..2 {
        let mut unit = world.begin(Scope::Identity).await;
        unit.put_unsubscription(&of).await.expect("it can be kept");
        unit.commit().await.expect("it can be committed");
        assert_eq!(found().await, [true, false]);
    }
    for _ in 0..2 {
        let mut unit = world.begin(Scope::Identity).await;
        unit.forget_unsubscription(&of).await.expect("it can be forgotten");
        unit.commit().await.expect("it can be committed");
        assert_eq!(found().await, [false, false]);
    }
}
