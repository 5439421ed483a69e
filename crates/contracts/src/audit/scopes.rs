//! How far readers of the trail see.

use audit::ports::{Entry, Filter};
use kernel::{Denial, Scope};

use super::{event_of, seen};
use crate::{
    StorageUnderTest,
    world::{TestPeople, World, ctx},
};

/// Something of either organisation, about either person, by either, and of nobody.
async fn much_happens(world: &World, people: &TestPeople) {
    let new_change = |action| world.new_change(action);
    let ann = world.acting(people.ann, Scope::Identity);
    let bob = world.acting(people.bob, Scope::Identity);
    let changes = [
        (&ann, new_change("north.about_ann").of(people.north).about(people.ann.uuid())),
        (&ann, new_change("south.about_bob").of(people.south).about(people.bob.uuid())),
        (&bob, new_change("north.by_bob").of(people.north)),
        (&bob, new_change("none.about_ann").about(people.ann.uuid())),
        (&bob, new_change("none.about_none")),
    ];
    for (ctx, change) in changes {
        world.tell(ctx, [change]).await.expect("it can be recorded");
    }
    let organization = Some(people.south);
    let denial =
        Denial { organization, subject: Some(people.ann.uuid()), ..world.new_denial("south.denied_ann") };
    world.storage.denials.record_denial(&bob, denial).await.expect("a denial can be recorded");
}

/// What each scope sees of it, oldest first.
fn sights(world: &World, people: &TestPeople) -> Vec<(Scope, Vec<&'static str>)> {
    let all = vec![
        "north.about_ann",
        "south.about_bob",
        "north.by_bob",
        "none.about_ann",
        "none.about_none",
        "south.denied_ann",
    ];
    vec![
        (Scope::Tenant(people.north), vec!["north.about_ann", "north.by_bob"]),
        (Scope::Tenant(people.south), vec!["south.about_bob", "south.denied_ann"]),
        (Scope::Tenant(world.id()), vec![]),
        (Scope::Account(people.ann), vec!["north.about_ann", "none.about_ann", "south.denied_ann"]),
        (Scope::Account(people.bob), vec!["south.about_bob"]),
        (Scope::Account(world.id()), vec![]),
        (Scope::Identity, vec![]),
        (Scope::Worker, all.clone()),
        (Scope::Platform, all),
    ]
}

fn told_here(action: &str) -> bool {
    ["north.", "south.", "none."].iter().any(|of| action.starts_with(of))
}

/// An organisation sees its own events, a person those about them and not those of their doing; the platform and
/// the worker see all, and the scope of identity none.
pub async fn the_trail_stays_in_scope(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    much_happens(&world, &people).await;
    for (scope, expected) in sights(&world, &people) {
        let mut seen = seen(storage, scope, &Filter::default()).await;
        seen.reverse();
        let actions: Vec<_> = super::actions(&seen).into_iter().filter(|action| told_here(action)).collect();
        assert_eq!(actions, expected, "in {scope:?}");
        assert!(!expected.is_empty() || seen.is_empty(), "nor anything else in {scope:?}");
    }
}

/// A filter narrows what a scope sees and never widens it.
pub async fn a_filter_reaches_no_further_than_its_scope(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    much_happens(&world, &people).await;
    let filters = [
        Filter { actor: Some(people.ann.uuid()), ..Filter::default() },
        Filter { actor: Some(people.bob.uuid()), ..Filter::default() },
        Filter { subject: Some(people.ann.uuid()), ..Filter::default() },
        Filter { subject: Some(people.bob.uuid()), ..Filter::default() },
        Filter { action: Some("south.denied_ann".to_owned()), ..Filter::default() },
    ];
    for (scope, reached) in sights(&world, &people) {
        for filter in &filters {
            let found = seen(storage, scope, filter).await;
            let stray =
                found.iter().find(|event| told_here(&event.action) && !reached.contains(&&*event.action));
            assert!(stray.is_none(), "{filter:?} in {scope:?} finds {stray:?}");
        }
    }
    let bobs = Filter { actor: Some(people.bob.uuid()), ..Filter::default() };
    let found = seen(storage, Scope::Tenant(people.north), &bobs).await;
    assert_eq!(super::actions(&found), ["north.by_bob"]);
}

/// A reader's own entries are the leaves of the events they see, from any leaf on, as many as they ask for.
pub async fn own_entries_stay_in_scope(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    much_happens(&world, &people).await;
    much_happens(&world, &people).await;
    let all = world.events().await.len();
    world.number(all as u64).await;
    let entries = world.entries().await;
    for (scope, _) in sights(&world, &people) {
        let visible = seen(storage, scope, &Filter::default()).await;
        let expected: Vec<&Entry> =
            entries.iter().filter(|entry| visible.iter().any(|event| event.id == entry.leaf.event)).collect();
        let own = async |from, max| {
            storage.ledger.own_entries(&ctx(scope), from, max).await.expect("entries can be read")
        };
        let found = own(0, 1000).await;
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "in {scope:?}");
        assert!(found.iter().all(|entry| visible.contains(event_of(entry))), "they come with their events");
        let mut paged = Vec::new();
        let mut from = 0;
        loop {
            let some = own(from, 2).await;
            let Some(last) = some.last() else { break };
            assert!(some.len() <= 2, "no more than asked for");
            from = last.leaf.index + 1;
            paged.extend(some);
        }
        assert_eq!(paged, found, "by twos in {scope:?}");
    }
}
