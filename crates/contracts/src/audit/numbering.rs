//! Numbers: every event gets one, once, without a gap.

use std::{collections::BTreeSet, time::Duration};

use audit::{
    Sequencer, TreeAppender,
    event::{Event, EventId},
    ports::{Leaf, Sequencing},
};
use kernel::Scope;

use super::event_of;
use crate::{
    StorageUnderTest,
    world::{World, ctx, minutes},
};

async fn waiting(sequencing: &mut dyn Sequencing, max: u32) -> Vec<Event> {
    sequencing.waiting(max).await.expect("they can be read")
}

/// Numbers what waited. None of these rules numbers enough for a tile to become full.
async fn append(sequencing: &mut dyn Sequencing, waited: &[Event]) -> Vec<Leaf> {
    let size = sequencing.size();
    let leaf = |(index, event): (u64, &Event)| Leaf {
        index,
        event: event.id,
        hash: event.leaf().expect("an event has a leaf"),
    };
    let leaves: Vec<Leaf> = (size..).zip(waited).map(leaf).collect();
    sequencing.append(&leaves, &[]).await.expect("leaves can be appended");
    assert_eq!(sequencing.size(), size + leaves.len() as u64, "the numbering knows what it appended");
    leaves
}

/// Numbers up to `max` events that wait, and gives their leaves.
async fn take(sequencing: &mut dyn Sequencing, max: u32) -> Vec<Leaf> {
    let waited = waiting(sequencing, max).await;
    append(sequencing, &waited).await
}

async fn tell(world: &World, events: u32) {
    for _ in 0..events {
        let change = world.new_change("report.ask");
        world.tell(&ctx(Scope::Identity), [change]).await.expect("it can be recorded");
    }
}

/// Whoever holds every leaf shows that each event has one, and that nothing else has.
async fn all_are_numbered(world: &World, events: usize) {
    let entries = world.entries().await;
    let indexes: Vec<u64> = entries.iter().map(|entry| entry.leaf.index).collect();
    assert_eq!(indexes, (0..events as u64).collect::<Vec<_>>(), "numbers have no gap");
    let numbered: BTreeSet<EventId> = entries.iter().map(|entry| entry.leaf.event).collect();
    let there: BTreeSet<EventId> = world.events().await.iter().map(|event| event.id).collect();
    assert_eq!(numbered, there, "each event has a number, and nothing else has");
    assert_eq!(there.len(), events);
    assert!(entries.iter().all(|entry| event_of(entry).id == entry.leaf.event));
    assert_eq!(world.storage.ledger.passed_over().await.expect("it can be asked"), 0, "none is passed over");
}

/// Every event is numbered once, without a gap, in batches of any size.
pub async fn every_event_is_numbered_once(storage: &StorageUnderTest) {
    let world = World::of(storage);
    tell(&world, 25).await;
    let mut sequencing = world.numbering(25).await;
    assert_eq!(sequencing.size(), 0);
    let first = take(&mut *sequencing, 10).await;
    let second = take(&mut *sequencing, 4).await;
    assert_eq!((first.len(), second.len()), (10, 4), "a batch is as large as was asked for");
    assert_eq!(storage.ledger.size().await.expect("it can be asked"), 0, "nobody else sees them yet");
    assert_eq!(storage.ledger.leaf_of(first[0].event).await.expect("it can be asked"), None);
    sequencing.commit().await.expect("it can be made lasting");
    assert_eq!(storage.ledger.size().await.expect("it can be asked"), 14);
    let kept: Vec<Leaf> = world.entries().await.iter().map(|entry| entry.leaf).collect();
    assert_eq!(kept, [first, second].concat());

    let mut sequencing = world.numbering(11).await;
    assert_eq!(sequencing.size(), 14);
    assert_eq!(take(&mut *sequencing, 100).await.len(), 11, "the rest");
    assert!(waiting(&mut *sequencing, 100).await.is_empty());
    sequencing.commit().await.expect("it can be made lasting");
    all_are_numbered(&world, 25).await;
    for entry in world.entries().await {
        let leaf = storage.ledger.leaf_of(entry.leaf.event).await.expect("it can be asked");
        assert_eq!(leaf, Some(entry.leaf), "each event knows its leaf");
    }
    let stranger = storage.ledger.leaf_of(world.id()).await.expect("it can be asked");
    assert_eq!(stranger, None, "what is no event has none");
    let some = storage.ledger.entries(20, 3).await.expect("entries can be read");
    assert_eq!(some.iter().map(|entry| entry.leaf.index).collect::<Vec<_>>(), [20, 21, 22]);
    assert!(storage.ledger.entries(25, 10).await.expect("entries can be read").is_empty());
}

/// The events of a unit are numbered in the order things happened in it, whatever their times say.
pub async fn a_units_events_are_numbered_in_its_order(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let actions = ["report.ask", "report.plan", "report.write", "report.read"];
    let mut changes: Vec<_> = actions.map(|action| world.new_change(action)).into();
    changes.iter_mut().zip(0..).for_each(|(change, n)| change.at = change.at.minus(minutes(n)));
    world.tell(&ctx(Scope::Identity), changes).await.expect("it can be recorded");
    world.number(4).await;
    let entries = world.entries().await;
    assert_eq!(entries.iter().map(|entry| &*event_of(entry).action).collect::<Vec<_>>(), actions);
}

/// What was appended and not made lasting was never there: the same events wait again.
pub async fn a_dropped_numbering_leaves_nothing(storage: &StorageUnderTest) {
    let world = World::of(storage);
    tell(&world, 5).await;
    let mut sequencing = world.numbering(5).await;
    let dropped = take(&mut *sequencing, 3).await;
    drop(sequencing);
    assert_eq!(storage.ledger.size().await.expect("it can be asked"), 0);
    assert!(world.entries().await.is_empty(), "nothing is left of it");
    let mut sequencing = world.numbering(5).await;
    assert_eq!(sequencing.size(), 0);
    let again = take(&mut *sequencing, 5).await;
    assert_eq!(again[..3], dropped, "the same events get the same numbers");
    sequencing.commit().await.expect("it can be made lasting");
    all_are_numbered(&world, 5).await;
}

/// One numbers at a time; whoever asks meanwhile is told, and does not wait.
pub async fn one_numbers_at_a_time(storage: &StorageUnderTest) {
    let world = World::of(storage);
    tell(&world, 2).await;
    let mut first = world.numbering(2).await;
    let second = storage.ledger.sequence().await.expect("it can be asked");
    assert!(second.is_none(), "a second numbering begins beside the first");
    take(&mut *first, 1).await;
    let second = storage.ledger.sequence().await.expect("it can be asked");
    assert!(second.is_none(), "a second numbering begins beside the first");
    first.commit().await.expect("it can be made lasting");
    let mut second = world.numbering(1).await;
    take(&mut *second, 1).await;
    drop(second);
    let third = world.numbering(1).await;
    assert_eq!(third.size(), 1, "one that was dropped is out of the way");
    drop(third);
    world.number(2).await;
    all_are_numbered(&world, 2).await;
}

/// None is missed when units are committed while events are numbered, whatever was begun before or dropped between.
pub async fn none_is_missed(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let sequencer = Sequencer::new(storage.ledger.clone());
    let catch_up = async || sequencer.catch_up().await.expect("events can be numbered");
    let open = async |address: &str| {
        let mut unit = world.begin(Scope::Identity).await;
        unit.save_account(&mut world.account_sample(address)).await.expect("it can be saved");
        unit
    };
    let early = open("early@example.org").await;
    let dropped = open("dropped@example.org").await;
    tell(&world, 2).await;
    catch_up().await;
    let late = open("late@example.org").await;
    drop(dropped);
    tell(&world, 2).await;
    catch_up().await;
    let mut sequencing = world.numbering(0).await;
    let waited = waiting(&mut *sequencing, 100).await;
    early.commit().await.expect("it can be committed");
    tell(&world, 1).await;
    append(&mut *sequencing, &waited).await;
    sequencing.commit().await.expect("it can be made lasting");
    tell(&world, 1).await;
    catch_up().await;
    late.commit().await.expect("it can be committed");
    world.number(8).await;
    all_are_numbered(&world, 8).await;
}

/// None is missed when many write at once, commit some and drop others, while events are numbered all the time.
pub async fn none_is_missed_in_a_crowd(storage: &StorageUnderTest) {
    const WRITERS: usize = 6;
    const UNITS: usize = 12;
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let storage = storage.clone();
        writers.spawn(async move {
            let world = World::of(&storage);
            let mut committed = 0;
            for n in 0..UNITS {
                let mut unit =
                    storage.records.begin(&ctx(Scope::Identity)).await.expect("a unit can be begun");
                unit.record(world.new_change("report.ask"));
                unit.record(world.new_change("report.write"));
                tokio::time::sleep(Duration::from_millis((writer * n % 5) as u64)).await;
                if (writer + n).is_multiple_of(3) {
                    drop(unit);
                } else {
                    unit.commit().await.expect("it can be committed");
                    committed += 2;
                }
            }
            committed
        });
    }
    let sequencer = Sequencer::new(storage.ledger.clone());
    let mut events = 0;
    while !writers.is_empty() {
        sequencer.catch_up().await.expect("events can be numbered");
        tokio::time::sleep(Duration::from_millis(1)).await;
        while let Some(done) = writers.try_join_next() {
            events += done.expect("writing does not panic");
        }
    }
    let world = World::of(storage);
    assert_eq!(events, WRITERS * UNITS * 2 / 3 * 2);
    world.number(events as u64).await;
    all_are_numbered(&world, events).await;
    let entries = world.entries().await;
    let order: Vec<&str> = entries.iter().map(|entry| &*event_of(entry).action).collect();
    let pairs = order.chunks(2).all(|unit| unit == ["report.ask", "report.write"]);
    assert!(pairs, "the events of a unit stand together");
    let appender = entries.iter().fold(TreeAppender::empty(), |mut appender, entry| {
        appender.push(entry.leaf.hash);
        appender
    });
    let root = audit::root_at(&*storage.ledger, events as u64).await.expect("tiles can be read");
    assert_eq!(root, appender.root(), "the tree is that over the leaves");
}

/// The lag is how long the oldest event without a number has waited. One that tells its hour alone is counted from the
/// end of that hour, so that it is never said to wait longer than it does.
pub async fn lag_is_that_of_the_oldest_without_a_number(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let lag = async |now| storage.ledger.sequencing_lag(now).await.expect("it can be asked");
    assert_eq!(lag(world.now()).await, Duration::ZERO, "nothing waits");
    tell(&world, 1).await;
    let oldest = world.now();
    world.pass(minutes(1));
    tell(&world, 1).await;
    assert_eq!(lag(world.now()).await, world.now().since(oldest));
    assert_eq!(lag(oldest.plus(minutes(5))).await, minutes(5));
    assert_eq!(lag(oldest.minus(minutes(5))).await, Duration::ZERO, "what is to come waits for nothing");
    let mut sequencing = world.numbering(2).await;
    take(&mut *sequencing, 1).await;
    sequencing.commit().await.expect("it can be made lasting");
    assert_eq!(lag(world.now()).await, Duration::ZERO, "the other happened at this moment");
    assert_eq!(lag(world.now().plus(minutes(2))).await, minutes(2));
    world.number(2).await;
    assert_eq!(lag(world.now().plus(minutes(2))).await, Duration::ZERO, "nothing waits any more");

    world.pass(minutes(30));
    let change = world.new_change("check_in.answer").unattributed();
    let hour = world.told(&ctx(Scope::Identity), change).await.occurred_at;
    assert!(hour < world.now(), "it tells its hour alone");
    assert_eq!(lag(world.now()).await, Duration::ZERO, "it happened just now");
    assert_eq!(lag(hour.plus(minutes(65))).await, minutes(5));
}
