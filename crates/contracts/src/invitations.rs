//! Rules of invitations.

use identity::{Invitation, InvitationState, InvitationStatus, unit::OPEN_INVITATION};
use kernel::{Scope, StoreError};

use crate::{
    StorageUnderTest, accounts::round_trip, aggregate::Aggregate as _, samples::email, world::World,
};

/// An invitation reads back as it was saved, as sent again, and without its address.
pub async fn invitation_round_trip(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    round_trip(&world, world.invitation_sample(&people), |invitation| {
        let now = world.tick();
        let state = InvitationState {
            status: InvitationStatus::Accepted,
            expires_at: now.plus(Invitation::LIFE),
            ..invitation.state().clone()
        };
        Invitation::restore(state, invitation.version()).mark(now)
    })
    .await;
    round_trip(&world, world.invitation_to(people.north, &people, "dora@example.org"), |invitation| {
        let mut forgotten = invitation.clone();
        forgotten.forget_address(world.tick());
        forgotten
    })
    .await;
}

/// An address has one pending invitation an organisation, however it is written; an answered one makes room.
pub async fn one_pending_invitation_an_address_and_organization(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let mut first = world.keep(world.invitation_to(people.north, &people, "Carl@example.org")).await;
    let mut second = world.invitation_to(people.north, &people, "cARL@example.org");
    let duplicate = world.try_keep(Scope::Tenant(people.north), &mut second).await;
    assert!(matches!(duplicate, Err(StoreError::Duplicate(OPEN_INVITATION))), "a second gets {duplicate:?}");
    world.keep(world.invitation_to(people.south, &people, "carl@example.org")).await;
    first.revoke(world.tick());
    world.keep(first).await;
    world.keep(world.invitation_to(people.north, &people, "carl@example.org")).await;
}

/// The pending invitation of an address is found in any case, expired or not, and only while it is pending.
pub async fn pending_invitations_are_found_by_address(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let find = async |organization| {
        let mut unit = world.begin(Scope::Tenant(organization)).await;
        let found = unit.pending_invitation(organization, &email("CARL@example.org")).await;
        found.expect("it can be read").map(|invitation| invitation.id)
    };
    let mut carl = world.keep(world.invitation_to(people.north, &people, "Carl@example.org")).await;
    assert_eq!((find(people.north).await, find(people.south).await), (Some(carl.id), None));
    world.pass(Invitation::LIFE);
    assert_eq!(find(people.north).await, Some(carl.id), "an expired one is pending still");
    carl.decline(world.tick());
    world.keep(carl).await;
    assert_eq!(find(people.north).await, None, "an answered one is not");
}

/// All invitations of an address are found, in every organisation and status, until its owner is forgotten.
pub async fn all_invitations_of_an_address_are_found(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let mut revoked = world.keep(world.invitation_to(people.north, &people, "carl@example.org")).await;
    revoked.revoke(world.tick());
    let mut revoked = world.keep(revoked).await;
    let again = world.keep(world.invitation_to(people.north, &people, "CARL@example.org")).await;
    let south = world.keep(world.invitation_to(people.south, &people, "carl@example.org")).await;
    world.keep(world.invitation_to(people.south, &people, "dora@example.org")).await;
    let find = async || {
        let mut unit = world.begin(Scope::Identity).await;
        let found = unit.invitations_of(&email("Carl@example.org")).await.expect("they can be read");
        let mut ids: Vec<_> = found.into_iter().map(|invitation| invitation.id).collect();
        ids.sort();
        ids
    };
    assert_eq!(find().await, [revoked.id, again.id, south.id]);
    revoked.forget_address(world.tick());
    world.keep(revoked).await;
    assert_eq!(find().await, [again.id, south.id]);
}

/// Invitations that can be accepted are counted, those of this organisation alone.
pub async fn open_invitations_are_counted(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let mut declined = world.invitation_to(people.north, &people, "dora@example.org");
    declined.decline(world.tick());
    world.keep(declined).await;
    let open = world.keep(world.invitation_to(people.north, &people, "carl@example.org")).await;
    let count = async |organization, at| {
        let mut unit = world.begin(Scope::Tenant(organization)).await;
        unit.open_invitations(organization, at).await.expect("they can be counted")
    };
    assert_eq!((count(people.north, world.now()).await, count(people.north, open.expires_at).await), (1, 0));
    assert_eq!(count(people.south, world.now()).await, 0);
}
