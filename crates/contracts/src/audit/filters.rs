//! Looking for events.

use std::time::Duration;

use audit::{event::Event, ports::Filter};
use kernel::{Ctx, Denial, Outcome, Scope, Timestamp};

use super::seen;
use crate::{
    StorageUnderTest,
    world::{TestPeople, World},
};

/// What a filter asks, said again.
fn passes(filter: &Filter, event: &Event) -> bool {
    let asked = |wanted: Option<_>, found| wanted.is_none() || wanted == found;
    asked(filter.actor, event.actor.id)
        && asked(filter.target, event.target.id)
        && asked(filter.subject, event.subject)
        && filter.action.as_deref().is_none_or(|action| action == event.action)
        && filter.outcome.is_none_or(|outcome| outcome == event.outcome)
        && filter.from.is_none_or(|from| event.occurred_at >= from)
        && filter.until.is_none_or(|until| event.occurred_at < until)
}

/// Every mixture of two actors, actions, subjects, things and outcomes, a second after each other.
async fn mixture(world: &World, people: &TestPeople) {
    let targets =
        [world.new_change("thing.make"), world.new_change("thing.make")].map(|change| change.target.id);
    for n in 0..32_u8 {
        let pick = |bit: u8| usize::from(n >> bit & 1);
        let both = [people.ann, people.bob];
        let ctx = world.acting(both[pick(0)], Scope::Tenant(people.north));
        let (action, about) = (["thing.make", "thing.break"][pick(1)], both[pick(2)].uuid());
        if pick(3) == 0 {
            let mut change = world.new_change(action).about(about);
            change.target.id = targets[pick(4)];
            world.tell(&ctx, [change]).await.expect("it can be recorded");
            world.tell(&ctx, [world.new_change("thing.look_at")]).await.expect("it can be recorded");
        } else {
            let denial = Denial {
                outcome: [Outcome::Failure, Outcome::Denied][pick(4)],
                target: Some(targets[pick(4)]),
                target_kind: "thing",
                subject: Some(about),
                organization: Some(people.north),
                ..world.new_denial(action)
            };
            world.storage.denials.record_denial(&ctx, denial).await.expect("a denial can be recorded");
        }
    }
}

/// Whatever is looked for, alone or together, exactly that is found, newest first.
pub async fn filters_find_what_passes_and_nothing_else(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    mixture(&world, &people).await;
    let all = seen(storage, Scope::Platform, &Filter::default()).await;
    assert!(all.is_sorted_by_key(|event| std::cmp::Reverse(event.occurred_at)), "newest first");
    let tenants = seen(storage, Scope::Tenant(people.north), &Filter::default()).await;
    for event in [0, 9, 18, 27].map(|place| &tenants[place]) {
        for chosen in 0..32_u8 {
            let choose = |bit: u8| chosen >> bit & 1 == 1;
            let filter = Filter {
                actor: event.actor.id.filter(|_| choose(0)),
                action: Some(event.action.clone()).filter(|_| choose(1)),
                target: event.target.id.filter(|_| choose(2)),
                subject: event.subject.filter(|_| choose(3)),
                outcome: Some(event.outcome).filter(|_| choose(4)),
                ..Filter::default()
            };
            for (scope, within) in [(Scope::Platform, &all), (Scope::Tenant(people.north), &tenants)] {
                let found = seen(storage, scope, &filter).await;
                let expected: Vec<&Event> = within.iter().filter(|event| passes(&filter, event)).collect();
                assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{filter:?} in {scope:?}");
            }
        }
    }
    let nobody = Filter { actor: Some(world.id::<()>().uuid()), ..Filter::default() };
    assert!(seen(storage, Scope::Platform, &nobody).await.is_empty());
    let part = Filter { action: Some("thing.mak".to_owned()), ..Filter::default() };
    assert!(seen(storage, Scope::Platform, &part).await.is_empty(), "an action is looked for whole");
}

/// A period begins with its first moment and ends before its last.
pub async fn a_period_holds_its_first_moment_and_not_its_last(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let ann: Ctx = world.acting(people.ann, Scope::Tenant(people.north));
    let mut times: Vec<Timestamp> = Vec::new();
    for _ in 0..4 {
        let event = world.told(&ann, world.new_change("report.ask")).await;
        times.push(event.occurred_at);
    }
    let micro = Duration::from_micros(1);
    let edges = |at: Timestamp| [at.minus(micro), at, at.plus(micro)];
    let edges: Vec<Option<Timestamp>> =
        times.iter().flat_map(|at| edges(*at)).map(Some).chain([None]).collect();
    for from in &edges {
        for until in &edges {
            let action = Some("report.ask".to_owned());
            let filter = Filter { action, from: *from, until: *until, ..Filter::default() };
            let found = seen(storage, Scope::Tenant(people.north), &filter).await;
            let found: Vec<_> = found.iter().rev().map(|event| event.occurred_at).collect();
            let within = |at: &&Timestamp| {
                from.is_none_or(|from| **at >= from) && until.is_none_or(|until| **at < until)
            };
            let expected: Vec<Timestamp> = times.iter().filter(within).copied().collect();
            assert_eq!(found, expected, "from {from:?} until {until:?}");
        }
    }
}
