//! Erasure: what the trail holds of a person becomes unreadable, and the trail stays whole.

use audit::{Hash, event::Event};
use identity::Registration;
use kernel::{AccountId, Actor, Ctx, Id, Recorded as _, Scope, StoreError};

use super::{event_of, units::too_late};
use crate::{
    StorageUnderTest,
    world::{TestPeople, World, ctx, hours},
};

fn leaves(events: &[Event]) -> Vec<Hash> {
    events.iter().map(|event| event.leaf().expect("an event has a leaf")).collect()
}

/// What is sealed of a person: their name where they changed it from an address.
async fn seal(world: &World, account: AccountId, by: AccountId) -> Event {
    let by = world.acting(by, Scope::Identity);
    world.told(&by, world.renames(account, "a canary")).await
}

/// Nobody known, from an address.
fn someone(world: &World) -> Ctx {
    Ctx { actor: Actor::Anonymous, ..world.acting(world.id(), Scope::Identity) }
}

/// Whether what is personal opens, and the address.
async fn opens(world: &World, event: &Event) -> (bool, bool) {
    (world.personal(event).await.is_some(), world.address(event).await.is_some())
}

/// Forgetting a person makes unreadable what was sealed of them, before, by the unit that does it, and after; whatever
/// was sealed of others still opens, and no leaf is another than it was.
pub async fn forgetting_destroys_what_was_sealed(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let TestPeople { ann, bob, .. } = world.people().await;
    let by_ann = seal(&world, ann, ann).await;
    let of_ann = seal(&world, ann, bob).await;
    let of_bob = seal(&world, bob, ann).await;
    let stranger = world.told(&someone(&world), world.new_change("report.ask")).await;
    assert_eq!(opens(&world, &by_ann).await, (true, true));
    assert_eq!(opens(&world, &of_ann).await, (true, true));
    assert_eq!(opens(&world, &of_bob).await, (true, true));
    let before = world.events().await;
    world.number(before.len() as u64).await;
    let numbered = world.entries().await;

    let mut unit =
        storage.store.begin(&world.acting(ann, Scope::Identity)).await.expect("a unit can be begun");
    let mut account = unit.account(ann).await.expect("it can be read").expect("it is there");
    account.changes().record(world.renames(ann, "a last canary"));
    unit.save_account(&mut account).await.expect("it can be saved");
    let last_of_bob = world.renames(bob, "Bob");
    unit.record(last_of_bob.clone());
    unit.shred_keys(ann.uuid());
    unit.commit().await.expect("it can be committed");
    let erasing = world.newest_on(ann.uuid()).await;
    assert!(erasing.personal.is_some() && erasing.address.is_some(), "the erasure itself is recorded");
    let later = seal(&world, ann, bob).await;
    assert!(later.personal.is_some(), "it is sealed as ever");

    assert_eq!(opens(&world, &by_ann).await, (false, false), "their name and their address");
    assert_eq!(opens(&world, &of_ann).await, (false, true), "their name, and the address of another");
    assert_eq!(opens(&world, &of_bob).await, (true, false), "the name of another, and their address");
    assert_eq!(opens(&world, &erasing).await, (false, false), "what the erasure says of them");
    assert!(!opens(&world, &later).await.0, "what is said of them within the hour");
    assert!(opens(&world, &stranger).await.1, "the address of nobody known");
    let last_of_bob = world.newest_on(last_of_bob.target.id).await;
    assert!(opens(&world, &last_of_bob).await.0, "what the erasure says of others");

    let after = world.events().await;
    assert_eq!(&after[..before.len()], before, "no event is altered");
    assert_eq!(leaves(&after)[..before.len()], leaves(&before));
    world.number(after.len() as u64).await;
    let entries = world.entries().await;
    assert_eq!(entries[..numbered.len()], numbered, "no leaf is altered");
    assert!(entries.iter().all(|entry| event_of(entry).leaf().ok() == Some(entry.leaf.hash)));
}

/// What an erasure itself says of the erased opens to nobody, also when no key was at hand to say it with.
pub async fn an_erasure_leaves_nothing_to_open(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let [ann, bob] = [world.id(), world.id()];
    let before = seal(&world, ann, bob).await;
    world.pass(hours(2));
    let mut unit =
        storage.records.begin(&world.acting(ann, Scope::Identity)).await.expect("a unit can be begun");
    unit.record(world.renames(ann, "a last canary"));
    unit.shred_keys(ann.uuid());
    unit.commit().await.expect("it can be committed");
    assert_eq!(opens(&world, &before).await, (false, true));
    let erasing = world.newest_on(ann.uuid()).await;
    assert!(erasing.personal.is_some() && erasing.address.is_some(), "it is recorded");
    assert_eq!(opens(&world, &erasing).await, (false, false), "and opens to nobody");
}

/// Only the scope of identity forgets.
pub async fn forgetting_out_of_scope_is_refused(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let TestPeople { ann, bob, north, .. } = world.people().await;
    let of_ann = seal(&world, ann, ann).await;
    let before = world.events().await;
    for scope in
        [Scope::Account(ann), Scope::Account(bob), Scope::Tenant(north), Scope::Platform, Scope::Worker]
    {
        let mut unit = world.begin(scope).await;
        unit.record(world.new_change("account.erase"));
        unit.shred_keys(ann.uuid());
        let refused = unit.commit().await;
        let out_of_scope = matches!(refused, Err(StoreError::OutOfScope | StoreError::Failed));
        assert!(out_of_scope, "forgetting in {scope:?} gets {refused:?}");
        let mut unit = storage.records.begin(&ctx(scope)).await.expect("a unit can be begun");
        unit.shred_keys(ann.uuid());
        assert!(unit.commit().await.is_err(), "forgetting alone in {scope:?} is refused");
    }
    assert_eq!(world.events().await, before, "nothing of such a unit is left");
    assert_eq!(opens(&world, &of_ann).await, (true, true));
}

/// A unit that is undone forgets nobody; one that does nothing else does.
pub async fn an_undone_unit_forgets_nobody(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let TestPeople { ann, .. } = world.people().await;
    let of_ann = seal(&world, ann, ann).await;
    let mut unit = world.begin(Scope::Identity).await;
    unit.shred_keys(ann.uuid());
    drop(unit);
    assert_eq!(opens(&world, &of_ann).await, (true, true), "a dropped unit forgets nobody");
    let late = too_late(&world, Scope::Identity);
    let mut unit = storage.store.begin(&late).await.expect("a unit can be begun");
    unit.shred_keys(ann.uuid());
    assert!(unit.commit().await.is_err(), "it comes too late");
    assert_eq!(opens(&world, &of_ann).await, (true, true), "a failed unit forgets nobody");
    let mut unit = storage.records.begin(&ctx(Scope::Identity)).await.expect("a unit can be begun");
    unit.shred_keys(ann.uuid());
    unit.shred_keys(world.id::<()>().uuid());
    unit.commit().await.expect("it can be committed, also for someone nobody knows");
    assert_eq!(opens(&world, &of_ann).await, (false, false));
}

/// The keys of strangers are destroyed when they are older than was said; those of people never.
pub async fn strangers_are_forgotten_by_age(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let TestPeople { ann, .. } = world.people().await;
    let stranger = someone(&world);
    let of_ann = seal(&world, ann, ann).await;
    let early = world.told(&stranger, world.new_change("report.ask")).await;
    world.pass(hours(2));
    let late = world.told(&stranger, world.new_change("report.ask")).await;
    let forget = async |before| storage.events.forget_strangers(before).await.expect("they can be forgotten");
    assert_eq!(forget(early.occurred_at).await, 0, "none is older than the oldest");
    assert_eq!(opens(&world, &early).await, (false, true));
    assert_eq!(forget(late.occurred_at).await, 1);
    assert_eq!(opens(&world, &early).await, (false, false), "the older one is forgotten");
    assert_eq!(opens(&world, &late).await, (false, true), "one made at that time is not");
    assert_eq!(opens(&world, &of_ann).await, (true, true), "and nobody who is known");
    assert_eq!(forget(late.occurred_at).await, 0, "there is none left");
    assert_eq!(forget(world.pass(hours(1))).await, 1);
    assert_eq!(opens(&world, &of_ann).await, (true, true));
}

/// What the trail sealed of a registration that came to nothing is forgotten with it.
pub async fn what_is_sealed_of_an_expired_registration_is_forgotten(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let mut events = Vec::new();
    for address in ["dora@example.org", "erin@example.org"] {
        let registration = world.keep(world.registration_sample(address)).await;
        let id = Id::from_uuid(registration.id.uuid());
        events.push(world.told(&ctx(Scope::Identity), world.renames(id, "a canary")).await);
        world.pass(hours(2));
    }
    world.pass(Registration::LIFE.saturating_sub(hours(3)));
    storage.housekeeping.forget_before(world.now()).await.expect("it can be done");
    assert_eq!(world.personal(&events[0]).await, None, "it is over");
    assert!(world.personal(&events[1]).await.is_some(), "it is not over");
}

/// What was sealed of a person in the moment of their erasure, with a key it did not see, is forgotten later.
pub async fn what_is_sealed_of_an_erased_person_is_forgotten_again(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let mut unit = storage.store.begin(&ctx(Scope::Identity)).await.expect("a unit can be begun");
    let mut ann = unit.account(people.ann).await.expect("it can be read").expect("it is there");
    ann.erase(world.now());
    unit.save_account(&mut ann).await.expect("it can be saved");
    unit.commit().await.expect("it can be committed");
    let [of_ann, of_bob] = [people.ann, people.bob].map(|of| world.renames(of, "a canary"));
    let of_ann = world.told(&ctx(Scope::Identity), of_ann).await;
    let of_bob = world.told(&ctx(Scope::Identity), of_bob).await;
    assert!(world.personal(&of_ann).await.is_some());
    storage.housekeeping.forget_before(world.now()).await.expect("it can be done");
    assert_eq!(world.personal(&of_ann).await, None);
    assert!(world.personal(&of_bob).await.is_some(), "they were not erased");
}
