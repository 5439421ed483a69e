//! Rules of whose turn it is, and of who holds a queue.

use std::time::Duration;

use webhook::ports::{DueQueue, QueueRoom};

use super::queue_fixture::{LEASE, ROOM, endpoints, ids, received, retried, settlement};
use crate::{
    StorageUnderTest,
    world::{World, hours},
};

const MOMENT: Duration = Duration::from_micros(1);

/// Queues that are due take turns, however much waits in one of them; those of endpoints that fail take theirs apart,
/// and no kind takes the room of the other.
pub async fn queues_take_turns(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let mut queues = Vec::new();
    for (of, count) in [(people.north, 500), (people.south, 2), (people.north, 2)] {
        let queue = world.queue(of, people.ann).await;
        queue.fill(count).await;
        queues.push(queue);
    }
    let all: Vec<_> = queues.iter().map(|queue| queue.id).collect();
    assert_eq!(endpoints(&world.due(ROOM).await), all, "those first that have waited the longest");
    for turn in [0, 1, 2, 0, 1, 2, 0, 0] {
        world.tick();
        let [next] = world.due(QueueRoom { sound: 1, failing: 1 }).await[..] else { panic!("one is due") };
        let queue = &queues[turn];
        let expected = DueQueue { organization: queue.organization, endpoint: queue.id, is_failing: false };
        assert_eq!(next, expected);
        let taken = queue.take(1).await;
        queue.settle(&taken.lease, &[received(&taken.deliveries[0])], true).await;
    }
    assert_eq!(endpoints(&world.due(ROOM).await), all[..1], "in the others nothing waits");

    let since = world.tick();
    for queue in &queues[1..] {
        queue.fill(1).await;
        world.tick();
        let mut lease = queue.take(1).await.lease;
        assert_eq!(lease.failing_since, None);
        lease.failing_since = Some(since);
        queue.settle(&lease, &[], true).await;
    }
    let due = async |sound, failing| endpoints(&world.due(QueueRoom { sound, failing }).await);
    assert_eq!([due(9, 0).await, due(0, 9).await], [all[..1].to_vec(), all[1..].to_vec()]);
    assert_eq!(due(0, 1).await, all[1..2]);
    assert_eq!(due(0, 0).await, []);
    assert!(world.due(ROOM).await.iter().all(|of| of.is_failing == (of.endpoint != all[0])));
    let failing = storage.deliveries.failing_since(&queues[2].ctx, &all).await.expect("they can be read");
    assert_eq!(failing.into_iter().collect::<Vec<_>>(), [(all[2], since)], "of its own organisation");
    let mut lease = queues[2].take(1).await.lease;
    assert_eq!(lease.failing_since, Some(since), "the next who takes it learns it");
    lease.failing_since = None;
    queues[2].settle(&lease, &[], true).await;
    assert_eq!(due(0, 9).await, all[1..2], "it fails no more");
}

/// What was taken stays as it is, and is taken again once the lease ends and nobody settled it.
pub async fn what_nobody_settles_is_taken_again(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let queue = world.queue(people.north, people.ann).await;
    let all = queue.fill(2).await;
    let taken = queue.take(10).await;
    assert_eq!((&taken.deliveries, &taken.endpoint), (&all, &Some(queue.endpoint.clone())));
    assert_eq!((taken.lease.endpoint, taken.lease.until), (queue.id, world.now().plus(LEASE)));
    for of in &all {
        assert_eq!(queue.read(of.id).await, *of);
    }
    world.pass(LEASE.saturating_sub(MOMENT));
    assert!(queue.try_take(10).await.is_none() && !queue.is_due().await, "it is held");
    world.pass(MOMENT);
    assert!(queue.is_due().await);
    assert_eq!(queue.take(10).await.deliveries, all);
}

/// Of many who want a queue at once one gets it, each time that it is due; what is added meanwhile makes it due for
/// nobody, and the queue of another endpoint is not held with it.
pub async fn a_queue_is_held_by_one(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let queue = world.queue(people.north, people.ann).await;
    let other = world.queue(people.north, people.ann).await;
    other.fill(1).await;
    queue.fill(20).await;
    for round in 0..10 {
        let (now, until) = (world.now(), world.now().plus(LEASE));
        let takers: Vec<_> = (0..8)
            .map(|_| {
                let (port, ctx, wanted) = (queue.port(), queue.ctx.clone(), [queue.wanted(2)]);
                let take =
                    async move { port.take(&ctx, &wanted, now, until).await.expect("it can be asked for") };
                tokio::spawn(take)
            })
            .collect();
        let mut taken = Vec::new();
        for taker in takers {
            taken.extend(taker.await.expect("it ends"));
        }
        let [taken] = &taken[..] else { panic!("{} takers hold it in round {round}", taken.len()) };
        assert_eq!(taken.deliveries.len(), 2, "no more than were asked for");
        queue.fill(1).await;
        assert!(queue.try_take(2).await.is_none() && !queue.is_due().await, "it is held");
        if round % 2 == 0 {
            let ended: Vec<_> = taken.deliveries.iter().map(received).collect();
            queue.settle(&taken.lease, &ended, true).await;
        } else {
            world.pass(LEASE);
        }
    }
    assert!(other.try_take(1).await.is_some());
}

/// Who holds a queue no more settles nothing: neither once another took it, nor after the last settlement.
pub async fn a_lease_that_ended_settles_nothing(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let queue = world.queue(people.north, people.ann).await;
    let all = queue.fill(2).await;
    let mut late = queue.take(10).await.lease;
    late.failing_since = Some(world.now());
    world.pass(hours(1));
    let taken = queue.take(1).await;
    for is_last in [false, true] {
        queue.settle(&late, &all.iter().map(received).collect::<Vec<_>>(), is_last).await;
        for of in &all {
            assert_eq!(queue.read(of.id).await, *of, "who comes late changes nothing");
        }
        assert!(queue.try_take(10).await.is_none(), "the other holds it");
    }
    queue.settle(&taken.lease, &[received(&all[0])], true).await;
    queue.settle(&taken.lease, &[received(&all[1])], true).await;
    assert_eq!(queue.read(all[1].id).await, all[1], "nobody held it");
    let taken = queue.take(10).await;
    assert_eq!((ids(&taken.deliveries), taken.lease.failing_since), (ids(&all[1..]), None));
}

/// One call takes several queues, of each as many as it says; those that are not due, that somebody holds, or that are
/// another organisation's are left out.
pub async fn several_are_taken_at_once(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let mut queues = Vec::new();
    for (of, count) in
        [(people.north, 3), (people.north, 0), (people.north, 2), (people.south, 2), (people.north, 4)]
    {
        let queue = world.queue(of, people.ann).await;
        queue.fill(count).await;
        queues.push(queue);
    }
    let held = queues[4].take(1).await;
    let wanted = [4, 3, 2, 1, 0].map(|place: usize| queues[place].wanted(if place == 0 { 2 } else { 9 }));
    let (port, ctx, now) = (queues[0].port(), &queues[0].ctx, world.now());
    let mut taken = port.take(ctx, &wanted, now, now.plus(LEASE)).await.expect("they can be asked for");
    taken.sort_by_key(|of| of.lease.endpoint);
    let [first, second] = &taken[..] else { panic!("two of {} are due and free", taken.len()) };
    for (taken, queue, count) in [(first, &queues[0], 2), (second, &queues[2], 2)] {
        assert_eq!((taken.lease.endpoint, taken.deliveries.len()), (queue.id, count));
        assert_eq!(taken.endpoint.as_ref(), Some(&queue.endpoint));
        assert!(taken.deliveries.iter().all(|of| of.endpoint == queue.id));
        assert!(queue.try_take(9).await.is_none(), "it is held");
    }
    queues[4].settle(&held.lease, &[], true).await;
    assert_eq!([queues[3].take(9).await, queues[4].take(9).await].map(|of| of.deliveries.len()), [2, 4]);
    assert!(port.take(ctx, &[], now, now).await.expect("they can be asked for").is_empty());
}

/// One call settles several queues, each by its lease: who holds one no more settles the others all the same, and each
/// has its own time, its own failures and its own next of a thing.
pub async fn several_are_settled_at_once(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let mut queues = Vec::new();
    for _ in 0..4 {
        queues.push(world.queue(people.north, people.ann).await);
    }
    let thing = world.id::<()>().uuid();
    let mut all = Vec::new();
    for queue in &queues {
        let both = [queue.telling_of(thing), queue.telling_of(thing)];
        assert_eq!(queue.add(&both).await, 2);
        all.push(both);
    }
    let late = queues[3].take(9).await.lease;
    world.pass(LEASE);
    let mut leases = Vec::new();
    for queue in &queues {
        leases.push(queue.take(9).await.lease);
    }
    let (since, later) = (world.now(), world.now().plus(hours(1)));
    leases[1].failing_since = Some(since);
    let settled = [
        settlement(&late, &[received(&all[3][0])], true),
        settlement(&leases[2], &[], false),
        settlement(&leases[1], &[retried(&all[1][0], later)], true),
        settlement(&leases[0], &[received(&all[0][0])], true),
    ];
    let (port, ctx, now) = (queues[0].port(), &queues[0].ctx, world.now());
    port.settle(ctx, &settled, now).await.expect("they can be settled");
    let mut times = Vec::new();
    for (queue, both) in queues.iter().zip(&all) {
        times.push(queue.times(both).await);
    }
    let waits = |place: usize| vec![all[place][0].due_at, None];
    assert_eq!(times, [vec![None, Some(now)], vec![Some(later), None], waits(2), waits(3)]);
    assert_eq!(endpoints(&world.due(ROOM).await), [queues[0].id], "one is due later, two are held");
    let ids: Vec<_> = queues.iter().map(|queue| queue.id).collect();
    let failing = port.failing_since(ctx, &ids).await.expect("they can be read");
    assert_eq!(failing.into_iter().collect::<Vec<_>>(), [(queues[1].id, since)]);
    port.settle(ctx, &[], now).await.expect("nothing can be settled");
}
