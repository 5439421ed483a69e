//! Rules of the order in which deliveries of one thing are sent.

use std::time::Duration;

use webhook::{DeliveryStatus, WebhookDelivery};

use super::queue_fixture::{Queue, dropped, given_up, ids, received, retried};
use crate::{
    StorageUnderTest,
    world::{World, hours},
};

/// Of what waits of a thing one has a time; what is added meanwhile, in one call or several, waits behind it. Other
/// things, things of another kind and other endpoints are not held up, nor does what waits no more hold up anything.
pub async fn one_of_a_thing_is_on_its_way(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let queue = world.queue(people.north, people.ann).await;
    let other = world.queue(people.north, people.ann).await;
    let thing = world.id::<()>().uuid();
    let all = [queue.telling_of(thing), queue.telling_of(thing), queue.telling_of(thing)];
    assert_eq!(queue.add(&all[..2]).await, 2);
    assert_eq!(queue.add(&all[2..]).await, 1);
    assert_eq!(queue.times(&all).await, [all[0].due_at, None, None]);
    assert_eq!(queue.statuses(&all).await, [DeliveryStatus::Waiting; 3]);
    let mut of_kind = queue.telling_of(thing);
    "campaign".clone_into(&mut of_kind.event.target_kind);
    let free = [of_kind, queue.of_a_thing()];
    assert_eq!((queue.add(&free).await, other.add(&[other.telling_of(thing)]).await), (2, 1));
    assert_eq!(queue.times(&free).await, free.each_ref().map(|of| of.due_at));
    assert!(other.is_due().await, "another endpoint has an order of its own");
    let never_sent = dropped(&queue.of_a_thing());
    let after = queue.telling_of(never_sent.event.target_id);
    assert_eq!(queue.add(&[never_sent, after.clone()]).await, 2);
    assert_eq!(queue.times(std::slice::from_ref(&after)).await, [after.due_at]);
    let taken = queue.take(100).await;
    let due: Vec<_> = [&all[..1], &free, &[after]].concat();
    assert_eq!(ids(&taken.deliveries), ids(&due), "what waits behind is not taken");
}

/// When a delivery is received, given up or dropped, the earliest of its thing is due: by the time of its event, then
/// by the event's id, in whichever order they were added. While one is to be tried again, none follows.
pub async fn the_next_of_a_thing_follows(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let ends: [fn(&WebhookDelivery) -> WebhookDelivery; 3] = [received, given_up, dropped];
    for end in ends {
        let queue = world.queue(people.north, people.ann).await;
        let thing = world.id::<()>().uuid();
        let mut all: Vec<_> = (0..4).map(|_| queue.telling_of(thing)).collect();
        let occurred_at = all[3].event.occurred_at;
        all[2].event.occurred_at = occurred_at;
        // The last by its time is the first by its id.
        all.rotate_left(1);
        all[3].event.occurred_at = world.tick();
        for place in [0, 3, 2, 1] {
            assert_eq!(queue.add(&all[place..=place]).await, 1);
        }
        for place in 0..all.len() {
            let taken = queue.take(10).await;
            assert_eq!(ids(&taken.deliveries), [all[place].id], "the earliest is alone on its way");
            let again = retried(&taken.deliveries[0], world.pass(hours(1)));
            let taken = queue.take(10).await;
            let before = queue.times(&all).await;
            queue.settle(&taken.lease, std::slice::from_ref(&again), true).await;
            let mut expected = before;
            expected[place] = again.due_at;
            assert_eq!(queue.times(&all).await, expected, "none overtakes what is tried again");

            let taken = queue.take(10).await;
            queue.settle(&taken.lease, &[end(&taken.deliveries[0])], true).await;
            let mut expected = vec![None; all.len()];
            if let Some(next) = expected.get_mut(place + 1) {
                *next = Some(world.now());
            }
            assert_eq!(queue.times(&all).await, expected, "the next is due now");
        }
        assert!(!queue.is_due().await);
    }
}

/// Nothing is forgotten behind a delivery that is just being settled or dropped, however many add and send at once.
pub async fn none_is_left_behind(storage: &StorageUnderTest) {
    const ADDERS: usize = 4;
    const EACH: usize = 15;
    let world = World::of(storage);
    let people = world.people().await;
    let queue = world.queue(people.north, people.ann).await;
    let thing = world.id::<()>().uuid();
    let mut adding = Vec::new();
    for _ in 0..ADDERS {
        let new: Vec<_> = (0..EACH).map(|_| queue.telling_of(thing)).collect();
        let (port, ctx) = (queue.port(), queue.ctx.clone());
        adding.push(tokio::spawn(async move {
            for new in new {
                assert_eq!(port.add(&ctx, &[new]).await.expect("it can be added"), 1);
                tokio::task::yield_now().await;
            }
        }));
    }
    world.pass(hours(1));
    let mut received = 0;
    loop {
        // Who looks after the last was added finds all that is due.
        let is_over = adding.iter().all(tokio::task::JoinHandle::is_finished);
        let sent = send_once(&queue).await;
        received += sent;
        if sent == 0 && is_over {
            break;
        }
        tokio::task::yield_now().await;
    }
    for task in adding {
        task.await.expect("it ends");
    }
    assert_eq!(received, ADDERS * EACH, "the others wait behind nothing");
}

/// Sends what is due, and tells how much it was.
async fn send_once(queue: &Queue<'_>) -> usize {
    let Some(taken) = queue.try_take(10).await else { return 0 };
    let ended: Vec<_> = taken.deliveries.iter().map(received).collect();
    queue.settle(&taken.lease, &ended, true).await;
    ended.len()
}

/// The hold ends with the last settlement, also where that settles nothing; until then what was settled is kept and
/// nobody else takes the queue. It is due then when the first of its deliveries is, and never while none waits.
pub async fn the_last_settlement_ends_the_hold(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let queue = world.queue(people.north, people.ann).await;
    let all = queue.fill(3).await;
    let taken = queue.take(2).await;
    assert_eq!(ids(&taken.deliveries), ids(&all[..2]), "those that have been due the longest");
    queue.settle(&taken.lease, &[received(&all[0])], false).await;
    assert_eq!(queue.read(all[0].id).await, received(&all[0]));
    assert!(queue.try_take(2).await.is_none() && !queue.is_due().await, "somebody holds it still");
    queue.settle(&taken.lease, &[], true).await;
    assert_eq!(ids(&queue.take(2).await.deliveries), ids(&all[1..]));

    world.pass(hours(1));
    let later = world.now().plus(hours(1));
    let taken = queue.take(2).await;
    queue.settle(&taken.lease, &[received(&all[1]), retried(&all[2], later)], true).await;
    world.pass(hours(1).saturating_sub(Duration::from_micros(1)));
    assert!(queue.try_take(2).await.is_none() && !queue.is_due().await, "its time has not come");
    world.pass(Duration::from_micros(1));
    assert!(queue.is_due().await);
    queue.end_all(received).await;
    world.pass(hours(1000));
    assert!(queue.try_take(2).await.is_none() && !queue.is_due().await, "none waits");
}
