//! Rules of memberships.

use std::collections::BTreeSet;

use identity::{Membership, OrganizationProfile, Role, Roles, unit::MEMBERSHIP};
use kernel::{AccountId, Change, Ctx, Leave, OrganizationId, PageRequest, Scope, StoreError, Target};

use crate::{
    StorageUnderTest,
    accounts::round_trip,
    pages::{refuses, walk},
    world::{World, ctx, whole},
};

/// A membership reads back as it was saved, and as everything about it changed.
pub async fn membership_round_trip(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let sample = world.membership_sample(&people);
    round_trip(&world, sample, |membership| world.changed_membership(membership)).await;
}

/// A person has one membership in an organisation, also one that ended: who comes back gets the old one again.
pub async fn one_membership_a_person_and_organization(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let mut ended = world.member(people.north, people.bob, Role::Member).await;
    ended.end(true, world.tick());
    let mut ended = world.keep(ended).await;
    let mut second = world.membership_sample(&people);
    let duplicate = world.try_keep(Scope::Identity, &mut second).await;
    assert!(matches!(duplicate, Err(StoreError::Duplicate(MEMBERSHIP))), "a second gets {duplicate:?}");
    ended.rejoin(Roles::only(Role::Manager), world.tick());
    let back = world.keep(ended).await;
    assert_eq!(world.read(Scope::Identity, &back).await, Some(back));
    world.member(people.south, people.bob, Role::Member).await;
}

/// A unit that acts by a member's leave comes to nothing when the person was demoted or removed since leave was given,
/// up to its commit, or the organisation asks for more than they proved. What it changes about the membership itself
/// does not count.
pub async fn leave_is_held_until_the_commit(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let by = |role: Role| Ctx {
        leave: Some(Leave { account: people.bob, roles: Roles::only(role), second_factor: false }),
        ..ctx(Scope::Tenant(people.north))
    };
    let begun = async |role| {
        let mut unit = storage.store.begin(&by(role)).await.expect("a unit can be begun");
        unit.record(Change::new("test.told", Target::new::<()>("test", world.id()), world.tick()));
        unit
    };
    assert!(matches!(begun(Role::Admin).await.commit().await, Err(StoreError::Stale)), "nobody gave leave");
    let mut bob = world.member(people.north, people.bob, Role::Admin).await;
    begun(Role::Admin).await.commit().await.expect("the leave is as it was");
    let late = begun(Role::Admin).await;
    bob.grant(Roles::only(Role::Member), world.tick());
    let mut bob = world.keep(bob).await;
    assert!(matches!(late.commit().await, Err(StoreError::Stale)), "demoted before the commit");
    assert!(matches!(begun(Role::Admin).await.commit().await, Err(StoreError::Stale)), "demoted before");
    let late = begun(Role::Member).await;
    bob.suspend(world.tick());
    let mut bob = world.keep(bob).await;
    assert!(matches!(late.commit().await, Err(StoreError::Stale)), "suspended before the commit");
    bob.rejoin(Roles::only(Role::Member), world.tick());
    let mut bob = world.keep(bob).await;
    let mut unit = world.begin(Scope::Identity).await;
    let mut north = unit.organization(people.north).await.expect("it can be read").expect("it is there");
    drop(unit);
    let mut asks = async |requires_second_factor| {
        north.edit(OrganizationProfile { requires_second_factor, ..north.profile() }, world.tick());
        north = world.keep(north.clone()).await;
    };
    let late = begun(Role::Member).await;
    asks(true).await;
    assert!(matches!(late.commit().await, Err(StoreError::Stale)), "a second factor is asked for by now");
    asks(false).await;
    let mut leaving = begun(Role::Member).await;
    bob.end(true, world.tick());
    leaving.save_membership(&mut bob).await.expect("it can be saved");
    assert!(leaving.active_memberships(people.north).await.expect("they can be read").len() < 3);
    leaving.commit().await.expect("one may give up one's own");
}

/// Lists of memberships hold the active ones of the organisation, of the person, and of owners alone.
pub async fn only_active_memberships_are_listed(storage: &StorageUnderTest) {
    fn accounts(memberships: Vec<Membership>) -> BTreeSet<AccountId> {
        memberships.into_iter().map(|membership| membership.account).collect()
    }
    let world = World::of(storage);
    let people = world.people().await;
    let carl = world.account("carl@example.org").await.id;
    let mut bob_in_north = world.member(people.north, people.bob, Role::Member).await;
    world.member(people.north, carl, Role::Owner).await;
    let mut bob_in_south = world.member(people.south, people.bob, Role::Owner).await;
    bob_in_south.suspend(world.tick());
    world.keep(bob_in_south).await;

    for scope in [Scope::Identity, Scope::Tenant(people.north)] {
        let mut unit = world.begin(scope).await;
        let members = unit.active_memberships(people.north).await.expect("they can be read");
        assert_eq!(accounts(members), BTreeSet::from([people.ann, people.bob, carl]));
        let owners = unit.owners_for_update(people.north).await.expect("they can be read");
        assert_eq!(accounts(owners), BTreeSet::from([people.ann, carl]));
    }
    let mut unit = world.begin(Scope::Identity).await;
    let owners = unit.owners_for_update(people.south).await.expect("they can be read");
    assert_eq!(accounts(owners), BTreeSet::from([people.ann]), "a suspended owner does not count");
    let of_bob = unit.memberships_of(people.bob).await.expect("they can be read");
    assert_eq!(of_bob, std::slice::from_ref(&bob_in_north), "a suspended membership does not count");
    drop(unit);

    bob_in_north.end(false, world.tick());
    let ended = world.keep(bob_in_north).await;
    let mut unit = world.begin(Scope::Identity).await;
    assert!(unit.memberships_of(people.bob).await.expect("they can be read").is_empty());
    let found = unit.membership(people.north, people.bob).await.expect("it can be read");
    assert_eq!(found, Some(ended), "an ended one is found where it is asked for");
}

/// Lists of memberships follow what the unit itself has saved.
pub async fn lists_follow_the_units_own_saves(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let mut unit = world.begin(Scope::Identity).await;
    let mut joined = world.membership_sample(&people);
    unit.save_membership(&mut joined).await.expect("it can be saved");
    let mut ann =
        unit.membership(people.north, people.ann).await.expect("it can be read").expect("it is there");
    ann.end(true, world.tick());
    unit.save_membership(&mut ann).await.expect("it can be saved");
    let members = unit.active_memberships(people.north).await.expect("they can be read");
    assert_eq!(members, [joined]);
    assert!(unit.owners_for_update(people.north).await.expect("they can be read").is_empty());
}

/// An owner leaves unless they are the last; when the unit comes too late they try again.
async fn leave(storage: StorageUnderTest, organization: OrganizationId, account: AccountId) -> bool {
    let world = World::of(&storage);
    for _ in 0..10 {
        let mut unit = world.begin(Scope::Tenant(organization)).await;
        let left = async {
            let owners = unit.owners_for_update(organization).await?;
            // Gives the others time to read the same.
            tokio::task::yield_now().await;
            let alone = owners.len() < 2;
            let Some(mut own) = owners.into_iter().find(|owner| owner.account == account) else {
                return Ok(false);
            };
            if alone {
                return Ok(false);
            }
            own.end(true, world.now());
            unit.save_membership(&mut own).await?;
            Ok(true)
        }
        .await;
        let left = match left {
            Ok(true) => unit.commit().await.map(|()| true),
            other => other,
        };
        match left {
            Err(StoreError::Stale | StoreError::Unavailable(_)) => {}
            left => return left.expect("leaving works, is refused, or comes too late"),
        }
    }
    false
}

/// Of two owners who leave at once, at least one stays.
pub async fn two_owners_leaving_at_once_never_leave_none(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    for _ in 0..10 {
        let organization = world.organization(None).await.id;
        for owner in [people.ann, people.bob] {
            world.member(organization, owner, Role::Owner).await;
        }
        let leaving =
            [people.ann, people.bob].map(|owner| tokio::spawn(leave(storage.clone(), organization, owner)));
        let mut left = 0;
        for task in leaving {
            left += usize::from(task.await.expect("leaving does not panic"));
        }
        let mut unit = world.begin(Scope::Identity).await;
        let owners = unit.owners_for_update(organization).await.expect("they can be read").len();
        assert_eq!((left, owners), (1, 1), "one leaves, one stays");
    }
}

/// Who holds one of the roles comes once, in the order they joined, page by page; a cursor is of its own roles.
pub async fn holders_of_roles_are_paged(storage: &StorageUnderTest) {
    let world = &World::of(storage);
    let people = world.people().await;
    let tenant = &ctx(Scope::Tenant(people.north));
    let list = async |roles: &[Role], page| storage.directory.holders(tenant, roles, &page).await;
    let join = async |number: i64, roles: Roles| {
        let account = world.account(&format!("member-{number}@example.org")).await.id;
        let now = world.tick();
        world.keep(Membership::join(world.id(), people.north, account, roles, now)).await.account
    };
    let (manager, recruiter) = (Roles::only(Role::Manager), Roles::only(Role::Recruiter));
    let both = manager.with(Role::Recruiter);
    let (mut either, mut managers) = (Vec::new(), Vec::new());
    for (number, roles) in [&both, &recruiter, &manager, &both, &manager].into_iter().enumerate() {
        let account = join(i64::try_from(number).expect("a few"), roles.clone()).await;
        either.push(account);
        managers.extend(roles.contains(Role::Manager).then_some(account));
    }
    let only = async |page: PageRequest| list(&[Role::Manager], page).await;
    walk("holders of a role", only, |found| found.account, &managers, async || ()).await;
    let one_of_two = async |page: PageRequest| list(&[Role::Manager, Role::Recruiter], page).await;
    let add = async || {
        join(world.now().unix_seconds(), manager.clone()).await;
    };
    walk("holders of two roles", one_of_two, |found| found.account, &either, add).await;
    refuses("holders of a role", only, one_of_two).await;
}

/// Holders of roles are active members of an organisation that is open, all of them where no role is named.
pub async fn holders_of_roles_are_active_members(storage: &StorageUnderTest) {
    let world = &World::of(storage);
    let people = world.people().await;
    let tenant = &ctx(Scope::Tenant(people.north));
    let holders = async |roles: &[Role]| {
        let page = storage.directory.holders(tenant, roles, &whole()).await.expect("a list");
        page.items.into_iter().map(|membership| membership.account).collect::<Vec<_>>()
    };
    let carl = world.account("carl@example.org").await.id;
    let mut bob = world.member(people.north, people.bob, Role::Manager).await;
    let mut suspended = world.member(people.north, carl, Role::Manager).await;
    world.member(people.south, world.account("dora@example.org").await.id, Role::Manager).await;
    assert_eq!(holders(&[Role::Manager]).await, [people.bob, carl]);
    assert_eq!(holders(&[Role::Practitioner]).await, []);
    assert_eq!(holders(&[]).await, [people.ann, people.bob, carl], "all where no role is named");

    suspended.suspend(world.tick());
    world.keep(suspended).await;
    assert_eq!(holders(&[Role::Manager]).await, [people.bob], "a suspended member");
    bob.end(false, world.tick());
    world.keep(bob).await;
    assert_eq!(holders(&[Role::Manager]).await, [], "a member who was removed");
    assert_eq!(holders(&[]).await, [people.ann]);
    let north = storage.directory.organization(tenant, people.north).await;
    let mut north = north.expect("it can be read").expect("it is there");
    north.close(world.tick());
    world.keep(north).await;
    assert_eq!(holders(&[]).await, [], "a closed organisation");
}
