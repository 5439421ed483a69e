//! Pages of events.

use audit::{event::EventId, ports::Filter};
use kernel::{Cursor, PageRefusal, PageRequest, Scope, StoreError};

use super::seen;
use crate::{
    StorageUnderTest,
    pages::walk,
    world::{TestPeople, World, ctx, minutes, next_page, whole},
};

/// Something happens that every list of these rules shows.
async fn record_one_of_each(world: &World, people: &TestPeople) {
    let ann = world.acting(people.ann, Scope::Tenant(people.north));
    let mut change = world.new_change("report.ask").about(people.bob.uuid());
    change.target.id = people.south.uuid();
    world.tell(&ann, [change]).await.expect("it can be recorded");
}

/// Something happens that is listed where its hour began, behind what is newer.
async fn happened_before(world: &World, people: &TestPeople) {
    let change = world.new_change("report.ask").about(people.bob.uuid()).unattributed();
    world.tell(&ctx(Scope::Tenant(people.north)), [change]).await.expect("it can be recorded");
}

fn ids(events: &[audit::event::Event]) -> Vec<EventId> {
    events.iter().map(|event| event.id).collect()
}

/// Every list is complete, newest first, and stable while more happens.
pub async fn pages_of_events_are_complete_and_stable(storage: &StorageUnderTest) {
    let world = &World::of(storage);
    let people = world.people().await;
    for _ in 0..5 {
        record_one_of_each(world, &people).await;
    }
    let (north, bob) = (Scope::Tenant(people.north), Scope::Account(people.bob));
    let by_ann = Filter { actor: Some(people.ann.uuid()), ..Filter::default() };
    let about_bob = Filter { subject: Some(people.bob.uuid()), ..Filter::default() };
    let on_south = Filter { target: Some(people.south.uuid()), ..Filter::default() };
    let asked = Filter { action: Some("report.ask".to_owned()), ..Filter::default() };
    let recent = Filter { from: Some(world.now().minus(minutes(1))), ..Filter::default() };
    let everything = Filter::default();
    let lists = [
        (Scope::Platform, &everything),
        (Scope::Worker, &recent),
        (Scope::Platform, &on_south),
        (north, &everything),
        (north, &by_ann),
        (north, &asked),
        (bob, &about_bob),
        (bob, &everything),
    ];
    for (scope, filter) in lists {
        let before = ids(&seen(storage, scope, filter).await);
        assert!(before.len() >= 5, "{filter:?} in {scope:?} finds {before:?}");
        let reader = &ctx(scope);
        let fetch = async |page: PageRequest| storage.events.events(reader, filter, &page).await;
        let added = std::cell::Cell::new(0);
        let add = async || {
            if added.replace(added.get() + 1) < 2 {
                record_one_of_each(world, &people).await;
                happened_before(world, &people).await;
            }
        };
        walk("events", fetch, |event| event.id, &before, add).await;
    }
}

/// Events of one moment come once each, in some order that is an order.
pub async fn events_of_one_moment_are_paged_too(storage: &StorageUnderTest) {
    let world = &World::of(storage);
    let now = world.now();
    let changes = (0..7).map(|_| {
        let mut change = world.new_change("report.ask");
        change.at = now;
        change
    });
    world.tell(&ctx(Scope::Identity), changes).await.expect("it can be recorded");
    let reader = &ctx(Scope::Platform);
    let filter = &Filter { from: Some(now), until: Some(world.tick()), ..Filter::default() };
    let fetch = async |page: PageRequest| storage.events.events(reader, filter, &page).await;
    let expected = ids(&fetch(whole()).await.expect("events can be read").items);
    assert_eq!(expected.len(), 7);
    walk("events of one moment", fetch, |event| event.id, &expected, async || ()).await;
}

/// A cursor works under its own filter alone, and one that nobody made is refused.
pub async fn cursors_of_another_filter_are_refused(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    for _ in 0..3 {
        record_one_of_each(&world, &people).await;
    }
    let reader = ctx(Scope::Tenant(people.north));
    let by_ann = Filter { actor: Some(people.ann.uuid()), ..Filter::default() };
    let list = async |filter: &Filter, page: &PageRequest| storage.events.events(&reader, filter, page).await;
    let first = list(&by_ann, &next_page::<()>(1, None)).await.expect("a page");
    let second = list(&by_ann, &next_page(1, Some(&first))).await.expect("the next page");
    assert_ne!(ids(&first.items), ids(&second.items));
    let others = [
        Filter::default(),
        Filter { actor: Some(people.bob.uuid()), ..Filter::default() },
        Filter { target: Some(people.south.uuid()), ..by_ann.clone() },
        Filter { until: Some(world.now()), ..by_ann.clone() },
    ];
    for filter in others {
        let foreign = list(&filter, &next_page(1, Some(&first))).await;
        let refused = matches!(foreign, Err(StoreError::Page(PageRefusal::OtherFilter)));
        assert!(refused, "{filter:?} gets {foreign:?}");
    }
    let mut forged = next_page::<()>(1, None);
    forged.after = Some(Cursor::from_client("nobody made this"));
    let refused = list(&by_ann, &forged).await;
    assert!(matches!(refused, Err(StoreError::Page(PageRefusal::UnknownCursor))), "it gets {refused:?}");
}
