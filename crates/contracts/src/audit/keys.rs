//! The keys what is personal is sealed with.

use std::collections::BTreeSet;

use audit::event::Event;
use kernel::Scope;
use uuid::Uuid;

use super::units::too_late;
use crate::{
    StorageUnderTest,
    world::{World, ctx, minutes},
};

fn key(event: &Event) -> Uuid {
    event.personal.as_ref().expect("it has a sealed part").key
}

/// A key that is committed serves its hour, and the next one is another; each person has one of their own.
pub async fn a_key_serves_one_person_for_an_hour(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let rename = async |account| world.told(&ctx(Scope::Identity), world.renames(account, "Someone")).await;
    let first = rename(people.ann).await;
    let of_bob = rename(people.bob).await;
    world.pass(minutes(30));
    let second = rename(people.ann).await;
    world.pass(minutes(30));
    let third = rename(people.ann).await;
    assert_eq!(key(&first), key(&second), "within the hour a key is used again");
    assert_ne!(key(&first), key(&third), "after an hour there is another");
    assert_ne!(key(&first), key(&of_bob), "each person has one of their own");
    for event in [first, second, third, of_bob] {
        assert!(world.personal(&event).await.is_some(), "all are kept");
    }
}

/// A key whose transaction was undone is not used again: it would open nothing.
pub async fn a_key_of_an_undone_unit_is_not_used(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let ann = world.id();
    let late = world.tell(&too_late(&world, Scope::Identity), [world.renames(ann, "Anna")]).await;
    assert!(late.is_err(), "it comes too late");
    let event = world.told(&ctx(Scope::Identity), world.renames(ann, "Anne")).await;
    assert!(world.personal(&event).await.is_some(), "its key was committed with it");
}

/// Of the keys that are asked for those are given that are kept, each as it was made.
pub async fn keys_are_given_as_far_as_they_are_kept(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let [ann, bob] = [world.id(), world.id()];
    let mut events = Vec::new();
    for account in [ann, bob] {
        events.push(world.told(&ctx(Scope::Identity), world.renames(account, "Someone")).await);
    }
    let asked = [key(&events[0]), world.id::<()>().uuid(), key(&events[1])];
    let keys = storage.events.subject_keys(&asked).await.expect("keys can be read");
    let given: BTreeSet<_> = keys.iter().map(|key| (key.id, key.subject, key.made_at)).collect();
    let expected = [(&events[0], ann), (&events[1], bob)];
    let expected: BTreeSet<_> =
        expected.map(|(event, of)| (key(event), Some(of.uuid()), event.occurred_at)).into_iter().collect();
    assert_eq!((given, keys.len()), (expected, 2));
    assert!(storage.events.subject_keys(&[]).await.expect("none can be asked for").is_empty());
}
