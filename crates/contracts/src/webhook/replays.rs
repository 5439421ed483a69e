//! Rules of what is sent once more, and of what is not sent any more.

use webhook::{DeliveryStatus, WebhookDelivery, ports::RecoveryPeriod};

use super::queue_fixture::{Queue, dropped, given_up, ids, received, retried};
use crate::{
    StorageUnderTest,
    world::{World, hours},
};

/// It was replayed then, and is due now.
fn replayed(of: &WebhookDelivery, asked_at: kernel::Timestamp, now: kernel::Timestamp) -> WebhookDelivery {
    let (status, replayed_at) = (DeliveryStatus::Waiting, Some(asked_at));
    WebhookDelivery { status, attempts: 0, due_at: Some(now), replayed_at, ..of.clone() }
}

async fn replay(queue: &Queue<'_>, of: &WebhookDelivery, asked_at: kernel::Timestamp) {
    let replay = queue.port().replay(&queue.ctx, queue.id, of.id, asked_at, queue.world.now()).await;
    replay.expect("it can be replayed");
}

/// A delivery waits again whatever became of it, and behind another of its thing that is on its way. Asked for again
/// at the same time or an earlier one, nothing changes; asked for later, it does.
pub async fn a_replay_is_done_once(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let later = world.now().plus(hours(10));
    let ends: [&dyn Fn(&WebhookDelivery) -> WebhookDelivery; 4] =
        [&received, &given_up, &dropped, &|of| retried(of, later)];
    for end in ends {
        let queue = world.queue(people.north, people.ann).await;
        let of = queue.fill(1).await.remove(0);
        queue.end_all(end).await;
        assert!(!queue.is_due().await);
        let asked_at = world.tick();
        world.tick();
        replay(&queue, &of, asked_at).await;
        let expected = replayed(&end(&of), asked_at, world.now());
        assert_eq!(queue.read(of.id).await, expected);
        assert!(queue.is_due().await);
        queue.end_all(given_up).await;
        for again in [asked_at, asked_at.minus(hours(1))] {
            replay(&queue, &of, again).await;
            assert_eq!(queue.read(of.id).await, given_up(&expected), "that was done");
        }
        assert!(!queue.is_due().await);
        replay(&queue, &of, world.tick()).await;
        assert_eq!(queue.read(of.id).await, replayed(&given_up(&expected), world.now(), world.now()));
    }
    let queue = world.queue(people.north, people.ann).await;
    let first = queue.fill(1).await.remove(0);
    queue.end_all(given_up).await;
    let second = queue.telling_of(first.event.target_id);
    assert_eq!(queue.add(std::slice::from_ref(&second)).await, 1);
    replay(&queue, &first, world.tick()).await;
    assert_eq!(
        queue.times(&[first.clone(), second.clone()]).await,
        [None, second.due_at],
        "the other is sent first"
    );
    queue.end_all(received).await;
    assert_eq!(queue.times(&[first, second]).await, [Some(world.now()), None]);
    replay(&queue, &queue.of_a_thing(), world.now()).await;
}

/// What was given up or dropped since then is sent once more, so many at a time, the earliest first, until none is
/// left: each once, though it is given up again meanwhile. Nothing else changes, and no other endpoint's.
pub async fn a_recovery_goes_on_to_its_end(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let queue = world.queue(people.north, people.ann).await;
    let other = world.queue(people.north, people.ann).await;
    let elsewhere = other.fill(1).await;
    other.end_all(given_up).await;
    let all = queue.fill(7).await;
    let later = world.now().plus(hours(100));
    let taken = queue.take(10).await;
    let ended = [
        given_up(&all[0]),
        given_up(&all[1]),
        dropped(&all[2]),
        given_up(&all[3]),
        received(&all[4]),
        retried(&all[5], later),
        dropped(&all[6]),
    ];
    queue.settle(&taken.lease, &ended, true).await;
    let behind = queue.telling_of(all[5].event.target_id);
    assert_eq!(queue.add(std::slice::from_ref(&behind)).await, 1);
    let period = RecoveryPeriod { since: all[1].event.occurred_at, asked_at: world.tick() };
    let recover = async |period, most| {
        let recovered = queue.port().recover(&queue.ctx, queue.id, period, world.now(), most).await;
        recovered.expect("they can be recovered")
    };
    world.tick();
    assert_eq!(recover(period, 3).await, 3);
    let first = queue.take(10).await;
    assert_eq!(ids(&first.deliveries), ids(&all[1..4]), "the earliest first, and none from before");
    let expected: Vec<_> = ended[1..4].iter().map(|of| replayed(of, period.asked_at, world.now())).collect();
    assert_eq!(first.deliveries, expected);
    queue.settle(&first.lease, &expected.iter().map(given_up).collect::<Vec<_>>(), true).await;
    assert_eq!([recover(period, 3).await, recover(period, 3).await], [1, 0], "each once");
    let second = queue.take(10).await;
    assert_eq!(ids(&second.deliveries), [all[6].id]);
    queue.settle(&second.lease, &[received(&second.deliveries[0])], true).await;
    for unchanged in [&ended[0], &ended[4], &ended[5]] {
        assert_eq!(queue.read(unchanged.id).await, *unchanged);
    }
    assert_eq!(queue.times(&[behind]).await, [None]);
    assert_eq!(other.statuses(&elsewhere).await, [DeliveryStatus::GivenUp]);
    let again = RecoveryPeriod { asked_at: world.tick(), ..period };
    assert_eq!(recover(again, 100).await, 3, "who asks once more gets what was given up since");
}

/// What waits is dropped, so many at a time, and what waits still is sent meanwhile. Once none waits the queue is due
/// no more; what passed stays as it was, and what is just being sent is settled as it ends.
pub async fn what_is_dropped_waits_no_more(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let queue = world.queue(people.north, people.ann).await;
    let other = world.queue(people.north, people.ann).await;
    other.fill(1).await;
    let passed = queue.fill(1).await;
    queue.end_all(received).await;
    let thing = world.id::<()>().uuid();
    let all: Vec<_> = (0..5).map(|_| queue.telling_of(thing)).collect();
    assert_eq!(queue.add(&all).await, 5);
    let drop_two = async || {
        let waiting = queue.port().drop_waiting(&queue.ctx, queue.id, 2).await;
        waiting.expect("they can be dropped")
    };
    for (dropped, left) in [(2, 3), (2, 1), (1, 0), (0, 0)] {
        assert_eq!(drop_two().await, dropped);
        let statuses = queue.statuses(&all).await;
        assert_eq!(statuses.iter().filter(|of| **of == DeliveryStatus::Waiting).count(), left);
        let on_their_way = queue.times(&all).await.into_iter().flatten().count();
        assert_eq!(on_their_way, left.min(1), "of {left} that wait one is on its way");
        assert_eq!(queue.is_due().await, left > 0);
    }
    for of in &all {
        assert_eq!(queue.read(of.id).await, dropped(of));
    }
    assert_eq!(queue.read(passed[0].id).await, received(&passed[0]));
    assert!(queue.try_take(10).await.is_none() && other.is_due().await);

    let sent = queue.fill(1).await;
    let taken = queue.take(10).await;
    while drop_two().await > 0 {}
    queue.settle(&taken.lease, &[received(&sent[0])], true).await;
    assert_eq!(queue.read(sent[0].id).await, received(&sent[0]));
    world.pass(hours(1000));
    assert!(!queue.is_due().await);
}
