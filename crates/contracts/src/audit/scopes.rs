//! How far readers of the trail see.

use audit::ports::{Entry, Filter};
use kernel::{Denial, Scope};

use super::{event_of, seen};
use crate::{
    Subject,
    world::{Cast, World, ctx},
};

/// Something of either organisation, about either person, by either, and of nobody.
async fn much_happens(world: &World, cast: &Cast) {
    let happens = |action| world.happens(action);
    let ann = world.acting(cast.ann, Scope::Identity);
    let bob = world.acting(cast.bob, Scope::Identity);
    let changes = [
        (&ann, happens("north.about_ann").of(cast.north).about(cast.ann.uuid())),
        (&ann, happens("south.about_bob").of(cast.south).about(cast.bob.uuid())),
        (&bob, happens("north.by_bob").of(cast.north)),
        (&bob, happens("none.about_ann").about(cast.ann.uuid())),
        (&bob, happens("none.about_none")),
    ];
    for (ctx, change) in changes {
        world.tell(ctx, [change]).await.expect("it can be recorded");
    }
    let organization = Some(cast.south);
    let denial = Denial { organization, subject: Some(cast.ann.uuid()), ..world.fails("south.denied_ann") };
    world.subject.denials.record_denial(&bob, denial).await.expect("a denial can be recorded");
}

/// What each scope sees of it, oldest first.
fn sights(world: &World, cast: &Cast) -> Vec<(Scope, Vec<&'static str>)> {
    let all = vec![
        "north.about_ann",
        "south.about_bob",
        "north.by_bob",
        "none.about_ann",
        "none.about_none",
        "south.denied_ann",
    ];
    vec![
        (Scope::Tenant(cast.north), vec!["north.about_ann", "north.by_bob"]),
        (Scope::Tenant(cast.south), vec!["south.about_bob", "south.denied_ann"]),
        (Scope::Tenant(world.id()), vec![]),
        (Scope::Account(cast.ann), vec!["north.about_ann", "none.about_ann", "south.denied_ann"]),
        (Scope::Account(cast.bob), vec!["south.about_bob"]),
        (Scope::Account(world.id()), vec![]),
        (Scope::Identity, vec![]),
        (Scope::Worker, all.clone()),
        (Scope::Platform, all),
    ]
}

fn told_here(action: &str) -> bool {
    ["north.", "south.", "none."].iter().any(|of| action.starts_with(of))
}

/// An organisation sees its own events, a person those about him and not those of his doing; the platform and the worker
/// see all, and the scope of identity none.
pub async fn the_trail_stays_in_scope(subject: &Subject) {
    let world = World::of(subject);
    let cast = world.cast().await;
    much_happens(&world, &cast).await;
    for (scope, expected) in sights(&world, &cast) {
        let mut seen = seen(subject, scope, &Filter::default()).await;
        seen.reverse();
        let actions: Vec<_> = super::actions(&seen).into_iter().filter(|action| told_here(action)).collect();
        assert_eq!(actions, expected, "in {scope:?}");
        assert!(!expected.is_empty() || seen.is_empty(), "nor anything else in {scope:?}");
    }
}

/// A filter narrows what a scope sees and never widens it.
pub async fn a_filter_reaches_no_further_than_its_scope(subject: &Subject) {
    let world = World::of(subject);
    let cast = world.cast().await;
    much_happens(&world, &cast).await;
    let filters = [
        Filter { actor: Some(cast.ann.uuid()), ..Filter::default() },
        Filter { actor: Some(cast.bob.uuid()), ..Filter::default() },
        Filter { subject: Some(cast.ann.uuid()), ..Filter::default() },
        Filter { subject: Some(cast.bob.uuid()), ..Filter::default() },
        Filter { action: Some("south.denied_ann".to_owned()), ..Filter::default() },
    ];
    for (scope, reached) in sights(&world, &cast) {
        for filter in &filters {
            let found = seen(subject, scope, filter).await;
            let stray =
                found.iter().find(|event| told_here(&event.action) && !reached.contains(&&*event.action));
            assert!(stray.is_none(), "{filter:?} in {scope:?} finds {stray:?}");
        }
    }
    let bobs = Filter { actor: Some(cast.bob.uuid()), ..Filter::default() };
    let found = seen(subject, Scope::Tenant(cast.north), &bobs).await;
    assert_eq!(super::actions(&found), ["north.by_bob"]);
}

/// A reader's own entries are the leaves of the events he sees, from any leaf on, as many as he asks for.
pub async fn own_entries_stay_in_scope(subject: &Subject) {
    let world = World::of(subject);
    let cast = world.cast().await;
    much_happens(&world, &cast).await;
    much_happens(&world, &cast).await;
    let all = world.events().await.len();
    world.number(all as u64).await;
    let entries = world.entries().await;
    for (scope, _) in sights(&world, &cast) {
        let visible = seen(subject, scope, &Filter::default()).await;
        let expected: Vec<&Entry> =
            entries.iter().filter(|entry| visible.iter().any(|event| event.id == entry.leaf.event)).collect();
        let own = async |from, max| {
            subject.ledger.own_entries(&ctx(scope), from, max).await.expect("entries can be read")
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
