//! Rules of what waits: what is taken first, whose it is, and what is known of its queue.

use webhook::{DeliveryStatus, WebhookDelivery, ports::RecoveryPeriod};

use super::queue_fixture::{dropped, given_up, ids, received};
use crate::{
    StorageUnderTest,
    world::{World, hours},
};

/// What has been due the longest is taken first, whenever it was put, and a queue is due when the first of it is. What
/// is due later is not taken.
pub async fn what_has_been_due_longest_is_taken_first(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let queue = world.queue(people.north, people.ann).await;
    let begin = world.now();
    let mut all = Vec::new();
    for due in [3, 1, 4, 2] {
        all.push(WebhookDelivery { due_at: Some(begin.plus(hours(due))), ..queue.of_a_thing() });
        assert_eq!(queue.add(&all[all.len() - 1..]).await, 1);
    }
    all.sort_by_key(|of| of.due_at);
    world.pass(all[0].due_at.expect("it waits").since(world.now()));
    assert!(queue.is_due().await, "the first that was put is due later");
    world.pass(hours(2));
    let taken = queue.take(2).await;
    assert_eq!(taken.deliveries, all[..2]);
    queue.settle(&taken.lease, &all[..2].iter().map(received).collect::<Vec<_>>(), true).await;
    assert_eq!(queue.take(10).await.deliveries, all[2..3], "none that is due later");
}

/// Events tell in which order what was lost is sent once more, not when it was put; and nobody sends the delivery of
/// another endpoint once more.
pub async fn a_recovery_begins_with_the_earliest_event(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let queue = world.queue(people.north, people.ann).await;
    let other = world.queue(people.north, people.ann).await;
    let mut all: Vec<_> = (0..3).map(|_| dropped(&queue.of_a_thing())).collect();
    all[0].event.occurred_at = world.tick();
    assert_eq!(queue.add(&all).await, 3);
    let now = world.tick();
    for of in &all {
        other.port().replay(&other.ctx, other.id, of.id, now, now).await.expect("it is asked for");
    }
    assert_eq!(queue.statuses(&all).await, [DeliveryStatus::Dropped; 3], "they are another's");
    let period = RecoveryPeriod { since: all[1].event.occurred_at, asked_at: now };
    let recovered = queue.port().recover(&queue.ctx, queue.id, period, now, 2).await;
    assert_eq!(recovered.expect("they can be recovered"), 2);
    assert_eq!(ids(&queue.take(10).await.deliveries), ids(&all[1..]), "the first happened last");
}

/// Nothing is known of the queue of a deleted endpoint once none of its deliveries is kept. While some wait they can be
/// taken, and the queue of an endpoint that is there stays, though its deliveries are forgotten.
pub async fn queues_of_deleted_endpoints_are_forgotten(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let mut queues = Vec::new();
    for _ in 0..3 {
        let queue = world.queue(people.north, people.ann).await;
        queue.fill(1).await;
        let mut taken = queue.take(1).await;
        taken.lease.failing_since = Some(world.now());
        queue.settle(&taken.lease, &[given_up(&taken.deliveries[0])], true).await;
        queues.push(queue);
    }
    let waiting = queues[2].fill(1).await;
    for queue in &queues[1..] {
        let mut deleted = queue.endpoint.clone();
        deleted.delete(world.tick());
        let mut unit = storage.webhook_store.begin(&queue.ctx).await.expect("a unit can be begun");
        unit.delete_webhook_endpoint(&mut deleted).await.expect("it can be deleted");
        unit.commit().await.expect("it can be committed");
    }
    let before = world.pass(hours(1));
    let all: Vec<_> = queues.iter().map(|queue| queue.id).collect();
    let forget = async || storage.deliveries.forget_old(before, 100).await.expect("they can be forgotten");
    let failing = async || {
        let failing = storage.deliveries.failing_since(&queues[0].ctx, &all).await.expect("they can be read");
        [0, 1, 2].map(|place: usize| failing.contains_key(&all[place]))
    };
    assert_eq!((forget().await, failing().await), (3, [true, false, true]));
    let taken = queues[2].take(10).await;
    assert_eq!((taken.endpoint, &taken.deliveries), (None, &waiting));
    queues[2].settle(&taken.lease, &[dropped(&waiting[0])], true).await;
    assert_eq!((forget().await, failing().await), (1, [true, false, false]));
}
