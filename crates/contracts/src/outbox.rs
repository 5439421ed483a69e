//! Rules of the outbox as a queue.

use std::{collections::BTreeSet, ops::Range, time::Duration};

use kernel::{
    Admitted, Change, Delivery, DeliveryState, Lane, OrganizationId, OutboxEntry, PageRequest, Room, Scope,
    Target, Timestamp,
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    StorageUnderTest,
    aggregate::Aggregate as _,
    pages::walk,
    world::{World, hours, minutes, whole},
};

const LEASE: Duration = Duration::from_secs(30);

/// Commits a change in a unit of its own, a second after the one before.
async fn tell(world: &World, subject: u32) {
    let mut unit = world.begin(Scope::Identity).await;
    let target = Target::new::<()>("account", world.id());
    unit.record(Change::new("test.told", target, world.tick()).with(json!(subject)));
    unit.commit().await.expect("it can be committed");
}

/// Admits all that is due, whatever its topic.
async fn admit(storage: &StorageUnderTest, now: Timestamp) {
    let admitted = storage.outbox.admit(now, None, 100_000).await.expect("an outbox can be asked");
    assert_eq!(admitted, Admitted { forgotten: Vec::new(), is_more_due: false });
}

/// Admits all that is due, and takes of any lane.
pub(crate) async fn take(storage: &StorageUnderTest, now: Timestamp, most: u32) -> Vec<Delivery> {
    admit(storage, now).await;
    take_room(storage, now, Room::of_any(most)).await
}

async fn take_room(storage: &StorageUnderTest, now: Timestamp, room: Room) -> Vec<Delivery> {
    storage.outbox.take(now, room, LEASE).await.expect("an outbox can be asked")
}

/// Commits numbered changes of an organisation in one unit.
async fn tell_many(world: &World, of: OrganizationId, lane: Lane, numbers: Range<u32>) {
    let mut unit = world.begin(Scope::Tenant(of)).await;
    let now = world.tick();
    for number in numbers {
        let target = Target::new::<()>("thing", world.id());
        unit.record(Change::new("test.told", target, now).lane(lane).with(json!(number)));
    }
    unit.commit().await.expect("it can be committed");
}

/// An organisation, with nothing to be told of it.
async fn organization(world: &World) -> OrganizationId {
    let found = world.organization(None).await.id;
    let told = take(&world.storage, world.now(), 100).await;
    world.storage.outbox.done(&ids(&told)).await.expect("it can be done");
    found
}

fn whose(deliveries: &[Delivery], organization: OrganizationId) -> usize {
    deliveries.iter().filter(|delivery| delivery.organization == Some(organization)).count()
}

async fn list(storage: &StorageUnderTest, state: DeliveryState) -> Vec<OutboxEntry> {
    storage.outbox.list(state, &whole()).await.expect("an outbox can be listed").items
}

fn numbers(deliveries: &[Delivery]) -> Vec<u64> {
    deliveries.iter().filter_map(|delivery| delivery.data.as_u64()).collect()
}

/// Deliveries come oldest first, as many as were asked for.
pub async fn deliveries_come_oldest_first(storage: &StorageUnderTest) {
    let world = World::of(storage);
    for n in 0..5 {
        tell(&world, n).await;
    }
    assert_eq!(numbers(&take(storage, world.now(), 2).await), [0, 1]);
    assert_eq!(numbers(&take(storage, world.now(), 10).await), [2, 3, 4]);
    assert!(take(storage, world.now(), 10).await.is_empty(), "what is taken is hidden");
}

/// What is due and nobody waits for is forgotten, so many at a time; the rest stays.
pub async fn what_nobody_waits_for_is_forgotten(storage: &StorageUnderTest) {
    let world = World::of(storage);
    for n in 0..5 {
        tell(&world, n).await;
    }
    let forget = async |now, wanted: &[&str], most| {
        let admitted = storage.outbox.admit(now, Some(wanted), most).await.expect("an outbox can be asked");
        (admitted.forgotten, admitted.is_more_due)
    };
    let none = || Vec::<String>::new();
    let before = world.now().minus(hours(1));
    assert_eq!(forget(before, &[], 10).await, (none(), false), "what is not due stays");
    assert_eq!(forget(world.now(), &["test.other"], 2).await, (vec!["test.told".to_owned(); 2], true));
    assert_eq!(forget(world.now(), &["test.other", "test.told"], 2).await, (none(), true), "somebody waits");
    assert_eq!(forget(world.now(), &["test.other"], 2).await, (vec!["test.told".to_owned()], false));
    let taken = take_room(storage, world.now(), Room::of_any(10)).await;
    assert_eq!(numbers(&taken), [2, 3], "what was admitted stays, and the oldest went");
    assert_eq!(forget(world.now(), &[], 10).await, (none(), false), "what somebody took is theirs");
}

/// What somebody waits for comes before all that nobody does, however much of it is there and however long.
pub async fn upper_lanes_come_first(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let north = organization(&world).await;
    tell_many(&world, north, Lane::Bulk, 0..2000).await;
    admit(storage, world.now()).await;
    tell_many(&world, north, Lane::Soon, 2000..2002).await;
    tell(&world, 2002).await;
    tell_many(&world, north, Lane::Now, 2003..2004).await;
    let taken = take(storage, world.now(), 6).await;
    let lanes: Vec<_> = taken.iter().map(|delivery| delivery.lane).collect();
    assert_eq!(
        numbers(&taken),
        [2003, 2000, 2002, 2001, 0, 1],
        "what belongs to no organisation has its turn"
    );
    assert_eq!(lanes, [Lane::Now, Lane::Soon, Lane::Soon, Lane::Soon, Lane::Bulk, Lane::Bulk]);
}

/// However many wait of one organisation, another's few come among the first; each organisation's in their order.
pub async fn organizations_take_turns_within_a_lane(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let (north, south) = (organization(&world).await, organization(&world).await);
    for lane in Lane::ALL {
        tell_many(&world, north, lane, 0..2000).await;
        admit(storage, world.now()).await;
        tell_many(&world, south, lane, 0..5).await;
        let taken = take(storage, world.now(), 10).await;
        assert_eq!((whose(&taken, north), whose(&taken, south)), (5, 5), "{lane:?}");
        assert_eq!(numbers(&taken), [0, 0, 1, 1, 2, 2, 3, 3, 4, 4], "{lane:?}");
        let all = take(storage, world.now(), 3000).await;
        assert_eq!(numbers(&all), (5..2000).collect::<Vec<_>>(), "{lane:?}: the rest in their order");
        storage.outbox.done(&ids(&[taken, all].concat())).await.expect("it can be done");
    }
}

/// Whoever comes late neither waits for what was there before, nor overtakes more than the round: parts of an export
/// beside a crowd of letters, and again after some were told.
pub async fn whoever_comes_late_joins_the_round(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let (north, south) = (organization(&world).await, organization(&world).await);
    tell_many(&world, north, Lane::Bulk, 0..300).await;
    let first = take(storage, world.now(), 100).await;
    assert_eq!(whose(&first, north), 100);
    for part in 0..3 {
        tell_many(&world, south, Lane::Bulk, part..part + 1).await;
        let next = take(storage, world.now(), 2).await;
        assert_eq!((whose(&next, north), whose(&next, south)), (1, 1), "part {part}");
    }
    tell_many(&world, south, Lane::Bulk, 3..103).await;
    let next = take(storage, world.now(), 20).await;
    assert_eq!((whose(&next, north), whose(&next, south)), (10, 10), "nobody saves turns up");
}

/// Room counts through the lanes: what those above leave of it is a lane's.
pub async fn a_lane_is_given_what_those_above_it_leave(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let north = organization(&world).await;
    for lane in Lane::ALL {
        tell_many(&world, north, lane, 0..10).await;
    }
    admit(storage, world.now()).await;
    let taken = async |now, soon, bulk| {
        let taken = take_room(storage, world.now(), Room { now, soon, bulk }).await;
        Lane::ALL.map(|lane| taken.iter().filter(|delivery| delivery.lane == lane).count())
    };
    assert_eq!(taken(0, 0, 1).await, [0, 0, 1], "the lowest alone");
    assert_eq!(taken(4, 3, 2).await, [4, 0, 0]);
    assert_eq!(taken(9, 8, 7).await, [6, 2, 0], "those that are left, then the middle lane up to its room");
    assert_eq!(taken(12, 11, 10).await, [0, 8, 2]);
    assert_eq!(taken(0, 0, 0).await, [0, 0, 0]);
    assert_eq!(taken(9, 9, 9).await, [0, 0, 7]);
}

/// What is tried again, put back, or left by its taker stays in its lane, and so does what becomes due.
pub async fn what_comes_back_keeps_its_lane(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let north = organization(&world).await;
    let later = world.now().plus(hours(1));
    let mut unit = world.begin(Scope::Tenant(north)).await;
    let change = Change::new("test.told", Target::new::<()>("thing", world.id()), world.now());
    unit.record(change.timer("test.due", later).lane(Lane::Now).with(json!(0)));
    unit.commit().await.expect("it can be committed");
    tell_many(&world, north, Lane::Bulk, 1..4).await;
    let taken = take(storage, world.now(), 10).await;
    assert_eq!(numbers(&taken), [0, 1, 2, 3]);
    storage.outbox.failed(taken[1].id, "not now", Some(later)).await.expect("it can fail");
    storage.outbox.failed(taken[2].id, "never", None).await.expect("it can fail");
    storage.outbox.retry(Some(taken[2].id), later).await.expect("it can be put back");
    tell_many(&world, north, Lane::Bulk, 4..5).await;
    let lanes = |taken: Vec<Delivery>| -> Vec<_> {
        let mut lanes: Vec<_> =
            taken.iter().map(|of| (of.lane, of.data.as_u64(), of.topic.clone())).collect();
        lanes.sort_by_key(|(lane, number, topic)| (*lane, *number, std::cmp::Reverse(topic.clone())));
        lanes
    };
    let of = |lane, number, topic: &str| (lane, Some(number), topic.to_owned());
    let all = take(storage, later, 10).await;
    assert_eq!(all[0].lane, Lane::Now, "the timer goes before the crowd");
    let bulk = |number| of(Lane::Bulk, number, "test.told");
    let expected =
        [of(Lane::Now, 0, "test.told"), of(Lane::Now, 0, "test.due"), bulk(1), bulk(2), bulk(3), bulk(4)];
    assert_eq!(lanes(all), expected);
    let listed = list(storage, DeliveryState::Waiting).await;
    let mut lanes: Vec<_> = listed.iter().map(|entry| entry.delivery.lane).collect();
    lanes.sort();
    assert_eq!(lanes[..3], [Lane::Now, Lane::Now, Lane::Bulk], "the list tells of it");
}

/// What a taker does not finish within its lease is delivered again under the same id; what is done never.
pub async fn a_lease_runs_out(storage: &StorageUnderTest) {
    let world = World::of(storage);
    tell(&world, 0).await;
    tell(&world, 1).await;
    let first = take(storage, world.now(), 10).await;
    storage.outbox.done(&[first[1].id]).await.expect("it can be done");
    let end = world.now().plus(LEASE);
    assert!(take(storage, end.minus(Duration::from_secs(1)), 10).await.is_empty());
    let again = take(storage, end, 10).await;
    assert_eq!(again.iter().map(|delivery| delivery.id).collect::<Vec<_>>(), [first[0].id]);
    storage.outbox.done(&[again[0].id]).await.expect("it can be done");
    assert!(take(storage, world.now().plus(hours(9)), 10).await.is_empty(), "what is done is forgotten");
    assert!(list(storage, DeliveryState::Waiting).await.is_empty());
    storage.outbox.done(&[again[0].id]).await.expect("done twice does no harm");
}

/// A failed delivery comes again when it is due, counts its attempts, and tells what went wrong.
pub async fn failed_deliveries_are_tried_again(storage: &StorageUnderTest) {
    let world = World::of(storage);
    tell(&world, 0).await;
    let mut now = world.now();
    for attempts in 0..3 {
        let taken = take(storage, now, 10).await;
        assert_eq!(taken.len(), 1, "it is due");
        assert_eq!(taken[0].attempts, attempts, "each failure counts");
        let retry_at = now.plus(minutes(1));
        storage.outbox.failed(taken[0].id, "no connection", Some(retry_at)).await.expect("it can fail");
        assert!(
            take(storage, retry_at.minus(Duration::from_secs(1)), 10).await.is_empty(),
            "not before it is due"
        );
        let waiting = list(storage, DeliveryState::Waiting).await;
        assert_eq!((waiting[0].due_at, waiting[0].last_error.as_deref()), (retry_at, Some("no connection")));
        now = retry_at;
    }
}

/// What is put off comes again when it may, having counted no attempt, and tells what it waits for.
pub async fn deliveries_that_are_put_off_count_no_attempt(storage: &StorageUnderTest) {
    let world = World::of(storage);
    tell(&world, 0).await;
    let mut now = world.now();
    for _ in 0..3 {
        let taken = take(storage, now, 10).await;
        assert_eq!(taken.iter().map(|of| of.attempts).collect::<Vec<_>>(), [0]);
        let until = now.plus(hours(1));
        storage.outbox.put_off(taken[0].id, "it is paused", until).await.expect("it can be put off");
        assert!(take(storage, until.minus(Duration::from_secs(1)), 10).await.is_empty(), "not before");
        let waiting = list(storage, DeliveryState::Waiting).await;
        assert_eq!((waiting[0].due_at, waiting[0].last_error.as_deref()), (until, Some("it is paused")));
        now = until;
    }
}

/// A delivery that is given up is dead: listed, never taken, until somebody puts it back.
pub async fn dead_deliveries_wait_for_a_person(storage: &StorageUnderTest) {
    let world = World::of(storage);
    for n in 0..4 {
        tell(&world, n).await;
    }
    let taken = take(storage, world.now(), 3).await;
    for delivery in &taken {
        storage.outbox.failed(delivery.id, "no such address", None).await.expect("it can fail");
    }
    let later = world.now().plus(hours(24));
    assert_eq!(numbers(&take(storage, later, 10).await), [3], "the dead are not taken");
    let dead = list(storage, DeliveryState::Dead).await;
    assert_eq!(dead.iter().map(|entry| entry.delivery.id).collect::<Vec<_>>(), ids(&taken));
    assert_eq!((dead[0].delivery.attempts, dead[0].last_error.as_deref()), (1, Some("no such address")));
    assert!(dead.iter().all(|entry| entry.state == DeliveryState::Dead));

    let retry = async |id| storage.outbox.retry(id, later).await.expect("they can be put back");
    assert_eq!(retry(Some(world.id::<()>().uuid())).await, 0, "an unknown one");
    assert_eq!(retry(Some(taken[1].id)).await, 1, "one of them");
    let back = take(storage, later, 10).await;
    assert_eq!((numbers(&back), back[0].attempts), (vec![1], 0), "it has all its attempts again");
    assert_eq!(retry(None).await, 2, "all that are left");
    assert_eq!(numbers(&take(storage, later, 10).await), [0, 2]);
    assert!(list(storage, DeliveryState::Dead).await.is_empty());
    assert_eq!(retry(None).await, 0);
}

fn ids(deliveries: &[Delivery]) -> Vec<Uuid> {
    deliveries.iter().map(|delivery| delivery.id).collect()
}

/// Parallel takers never share a delivery, and together they get all.
pub async fn parallel_takers_never_share(storage: &StorageUnderTest) {
    let world = World::of(storage);
    for n in 0..30 {
        tell(&world, n).await;
    }
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let (storage, now) = (storage.clone(), world.now());
        tasks.spawn(async move {
            let mut all = Vec::new();
            for _ in 0..10 {
                all.extend(take(&storage, now, 3).await);
            }
            all
        });
    }
    let taken: Vec<Delivery> = tasks.join_all().await.into_iter().flatten().collect();
    let distinct: BTreeSet<Uuid> = ids(&taken).into_iter().collect();
    assert_eq!(taken.len(), distinct.len(), "no delivery has two takers");
    // A taker that finds everything locked by others may leave early; what it left is still there.
    let left = take(storage, world.now(), 100).await;
    assert_eq!(taken.len() + left.len(), 30, "none is lost");
}

/// The lag is the time the oldest due delivery has waited; what is leased or not due yet does not count.
pub async fn lag_is_that_of_the_oldest_due(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let lag = async |now| storage.outbox.lag(now, Lane::Soon).await.expect("an outbox can be asked");
    assert_eq!(lag(world.now()).await, Duration::ZERO, "nothing waits");
    tell(&world, 0).await;
    let told = world.now();
    world.pass(minutes(1));
    tell(&world, 1).await;
    assert_eq!(lag(told.plus(minutes(5))).await, minutes(5));
    admit(storage, told.plus(minutes(5))).await;
    assert_eq!(lag(told.plus(minutes(5))).await, minutes(5), "whether it was admitted or not");
    let other = storage.outbox.lag(told.plus(minutes(5)), Lane::Bulk).await.expect("it can be asked");
    assert_eq!(other, Duration::ZERO, "each lane has its own");
    let taken = take(storage, world.now(), 1).await;
    assert_eq!(lag(world.now()).await, Duration::ZERO, "the other is told at this moment");
    storage.outbox.failed(taken[0].id, "later", Some(world.now().plus(hours(1)))).await.expect("it can fail");
    assert_eq!(lag(world.now().plus(minutes(2))).await, minutes(2));
}

/// The list of what waits is complete and stable while more is told.
pub async fn lists_are_complete_and_stable(storage: &StorageUnderTest) {
    let world = &World::of(storage);
    for n in 0..5 {
        tell(world, n).await;
    }
    let fetch = async |page: PageRequest| storage.outbox.list(DeliveryState::Waiting, &page).await;
    let key = |entry: OutboxEntry| entry.delivery.data.as_u64().unwrap_or(u64::MAX);
    let (first, next) = ([0, 1, 2, 3, 4], std::cell::Cell::new(5));
    let add = async || {
        next.set(next.get() + 1);
        tell(world, next.get()).await;
    };
    walk("waiting deliveries", fetch, key, &first, add).await;
}

/// What is to be told later is told of the same thing at its time and not before, and what should have been told before
/// right away; it leaves no event of its own.
pub async fn what_is_told_later_comes_at_its_time(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let north = world.organization(None).await.id;
    let told: Vec<Uuid> = take(storage, world.now(), 100).await.iter().map(|delivery| delivery.id).collect();
    storage.outbox.done(&told).await.expect("it can be done");
    let before = world.events().await.len();
    let now = world.tick();
    let change = |action, number: u32| {
        let target = Target::new::<()>("thing", world.id());
        Change::new(action, target, now).of(north).with(json!(number))
    };
    let (first, second) = (change("thing.make", 1), change("thing.wait", 2));
    let (due, last) = (now.plus(hours(1)), now.plus(hours(2)));
    let mut unit = world.begin(Scope::Tenant(north)).await;
    unit.record(first.clone().timer("thing.due", due).timer("thing.last", last));
    unit.record(second.clone().timer("thing.past", now.minus(hours(1))).timer("thing.due", due));
    unit.commit().await.expect("it can be committed");

    let topics = async |at: Timestamp| {
        let taken = take(storage, at, 100).await;
        let ids: Vec<Uuid> = taken.iter().map(|delivery| delivery.id).collect();
        storage.outbox.done(&ids).await.expect("it can be done");
        let mut told = Vec::new();
        for delivery in taken {
            let of = if delivery.target_id == first.target.id { &first } else { &second };
            assert_eq!((delivery.target_kind.as_str(), delivery.target_id), ("thing", of.target.id));
            assert_eq!((&delivery.data, delivery.organization), (&of.data, Some(north)));
            assert_eq!((delivery.occurred_at, delivery.attempts), (now, 0));
            told.push((delivery.topic, delivery.data.as_u64()));
        }
        told.sort();
        told
    };
    let of = |topic: &str, number| (topic.to_owned(), Some(number));
    let at_once = [of("thing.make", 1), of("thing.past", 2), of("thing.wait", 2)];
    assert_eq!(topics(now).await, at_once);
    let waiting = list(storage, DeliveryState::Waiting).await;
    let mut due_at: Vec<Timestamp> = waiting.iter().map(|entry| entry.due_at).collect();
    due_at.sort();
    assert_eq!(due_at, [due, due, last], "the list tells when");
    let moment = Duration::from_micros(1);
    let lag = storage.outbox.lag(due.minus(moment), Lane::Soon).await.expect("it can be asked");
    assert_eq!(lag, Duration::ZERO);
    assert!(topics(due.minus(moment)).await.is_empty(), "nothing before its time");
    assert_eq!(topics(due).await, [of("thing.due", 1), of("thing.due", 2)]);
    assert!(topics(last.minus(moment)).await.is_empty(), "nothing before its time");
    assert_eq!(topics(last).await, [of("thing.last", 1)]);
    let events = world.events().await.split_off(before);
    let actions: Vec<_> = events.iter().map(|event| event.action.as_str()).collect();
    assert_eq!(actions, ["thing.make", "thing.wait"], "each change leaves one event");
}

/// What is to be told later of a unit that is undone is never told.
pub async fn an_undone_unit_tells_nothing_later(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let change = Change::new("thing.make", Target::new::<()>("thing", world.id()), world.now());
    let mut unit = world.begin(Scope::Identity).await;
    unit.record(change.timer("thing.due", world.now().plus(hours(1))));
    drop(unit);
    assert!(take(storage, world.now().plus(hours(2)), 10).await.is_empty());
}

/// What happened to a thing is told with the version that it led to; what happened where nothing was saved, with none.
pub async fn what_is_saved_is_told_with_its_version(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let mut kept = world.organization(None).await;
    for version in 1..=3 {
        let told = take(storage, world.now(), 100).await;
        let of_it = told.iter().filter(|delivery| delivery.target_id == kept.id.uuid());
        let versions: Vec<_> = of_it.map(|delivery| delivery.target_version).collect();
        assert!(!versions.is_empty() && versions.iter().all(|told| *told == Some(version)), "{versions:?}");
        kept.touch(world.tick());
        kept = world.keep(kept).await;
    }
    take(storage, world.now(), 100).await;
    tell(&world, 1).await;
    let told = take(storage, world.now(), 100).await;
    assert_eq!(told.iter().map(|delivery| delivery.target_version).collect::<Vec<_>>(), [None]);
}
