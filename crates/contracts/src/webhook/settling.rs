//! Rules of what is kept once an attempt was made, and of who puts, sends and drops at the same time.

use webhook::{Attempt, DeliveryStatus, PING, WebhookDelivery, ports::RecoveryPeriod};

use super::queue_fixture::{LEASE, Queue, dropped, received, retried, settlement};
use crate::{
    StorageUnderTest,
    samples::PROSE,
    world::{World, hours, whole},
};

/// Status, attempts, record and time are kept of what is settled, whatever became of it, and nothing else: neither what
/// cannot change, nor when somebody wanted it sent once more, for that may have been meanwhile. What is not there is
/// not made.
pub async fn what_became_of_a_delivery_is_kept(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let queue = world.queue(people.north, people.ann).await;
    let all = queue.fill(DeliveryStatus::ALL.len()).await;
    let lease = queue.take(10).await.lease;
    let asked_at = world.tick();
    let replay = async || {
        let replay = queue.port().replay(&queue.ctx, queue.id, all[0].id, asked_at, world.tick()).await;
        replay.expect("it can be replayed");
    };
    replay().await;
    let now = world.tick();
    let (error, answer) = (Some(PROSE.to_owned()), Some(PROSE.to_owned()));
    let failed = Attempt { at: now, status_code: None, duration_ms: u32::MAX, error, answer: None };
    let answered = Attempt { status_code: Some(599), error: None, answer, ..failed.clone() };
    let became = |(of, status): (&WebhookDelivery, DeliveryStatus)| WebhookDelivery {
        status,
        attempts: 7,
        due_at: (status == DeliveryStatus::Waiting).then_some(now.plus(hours(1))),
        record: vec![failed.clone(), answered.clone()],
        ..of.clone()
    };
    let mut expected: Vec<_> = all.iter().zip(DeliveryStatus::ALL).map(became).collect();
    let mut settled = expected.clone();
    for forged in &mut settled {
        PING.name.clone_into(&mut forged.event.event_type);
        "forged".clone_into(&mut forged.body);
        (forged.created_at, forged.event.occurred_at) = (now, now);
        (forged.event.version, forged.replayed_at) = (Some(9), Some(now));
    }
    let unknown = received(&queue.of_a_thing());
    settled.push(unknown.clone());
    queue.settle(&lease, &settled, true).await;
    expected[0].replayed_at = Some(asked_at);
    replay().await;
    for expected in &expected {
        assert_eq!(queue.read(expected.id).await, *expected);
    }
    let found = queue.port().delivery(&queue.ctx, queue.id, unknown.id).await;
    assert_eq!(found.expect("nothing is found"), None);
}

/// Drops what waits for the endpoint.
async fn drop_all(queue: &Queue<'_>) {
    while queue.port().drop_waiting(&queue.ctx, queue.id, 10).await.expect("they are dropped") > 0 {}
}

/// What is to be tried again waits behind another of its thing that has set out meanwhile; of many that are put at the
/// same time one sets out.
pub async fn two_of_a_thing_never_set_out(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let queue = world.queue(people.north, people.ann).await;
    let first = queue.fill(1).await.remove(0);
    let lease = queue.take(1).await.lease;
    drop_all(&queue).await;
    let second = queue.telling_of(first.event.target_id);
    assert_eq!(queue.add(std::slice::from_ref(&second)).await, 1);
    let both = [first.clone(), second];
    let on_their_way = async || queue.times(&both).await.into_iter().flatten().count();
    queue.settle(&lease, &[retried(&first, world.now().plus(hours(1)))], true).await;
    assert_eq!(on_their_way().await, 1, "one waits behind the other");
    world.pass(hours(1));
    for left in [1, 0] {
        queue.end_all(received).await;
        assert_eq!(on_their_way().await, left, "and follows it");
    }

    let thing = world.id::<()>().uuid();
    let all: Vec<_> = (0..8).map(|_| queue.telling_of(thing)).collect();
    let mut adding = tokio::task::JoinSet::new();
    for new in all.clone() {
        let (port, ctx) = (queue.port(), queue.ctx.clone());
        adding.spawn(async move { port.add(&ctx, &[new]).await.expect("it can be added") });
    }
    assert_eq!(adding.join_all().await, [1; 8]);
    assert_eq!(queue.times(&all).await.into_iter().flatten().count(), 1);
}

/// When all that was taken was dropped and nobody settles it, nobody takes the queue after the lease, and it is due no
/// more.
pub async fn an_emptied_queue_is_set_right(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let queue = world.queue(people.north, people.ann).await;
    queue.fill(2).await;
    queue.take(1).await;
    drop_all(&queue).await;
    world.pass(LEASE);
    drop_all(&queue).await;
    assert!(queue.try_take(1).await.is_none(), "nothing is due in it after all");
    world.pass(hours(1000));
    assert!(!queue.is_due().await);
    queue.fill(1).await;
    assert!(queue.is_due().await, "what is put later is sent");
}

/// While the last of a thing that is on its way is settled or dropped, another is put, replayed or recovered: it is not
/// left behind that. Those who name several endpoints in another order do not wait for each other forever.
pub async fn none_is_left_behind_what_just_ends(storage: &StorageUnderTest) {
    const ROUNDS: usize = 60;
    let world = World::of(storage);
    let people = world.people().await;
    let queues = [world.queue(people.north, people.ann).await, world.queue(people.north, people.ann).await];
    let [queue, other] = &queues;
    for round in 0..ROUNDS {
        let lost = dropped(&queue.of_a_thing());
        let thing = lost.event.target_id;
        let first = queue.telling_of(thing);
        assert_eq!(queue.add(&[lost.clone(), first.clone()]).await, 2);
        let (lease, now) = (queue.take(1).await.lease, world.tick());
        let mut tasks = tokio::task::JoinSet::new();
        for turn in 0..2 {
            let mut new = queues
                .each_ref()
                .map(|queue| if turn == 0 { queue.telling_of(thing) } else { queue.of_a_thing() });
            new.rotate_left(turn);
            let (port, ctx, id, lost) = (queue.port(), queue.ctx.clone(), queue.id, lost.id);
            let period = RecoveryPeriod { since: first.event.occurred_at.minus(hours(1)), asked_at: now };
            tasks.spawn(async move {
                match round % 3 {
                    0 => port.add(&ctx, &new).await.map(drop),
                    1 => port.replay(&ctx, id, lost, now, now).await,
                    _ => port.recover(&ctx, id, period, now, 10).await.map(drop),
                }
            });
        }
        let (port, ctx, id, first) = (queue.port(), queue.ctx.clone(), queue.id, received(&first));
        tasks.spawn(async move {
            if round % 2 == 0 {
                port.settle(&ctx, &[settlement(&lease, &[first], true)], now).await
            } else {
                port.drop_waiting(&ctx, id, 1).await?;
                port.settle(&ctx, &[settlement(&lease, &[], true)], now).await
            }
        });
        for done in tasks.join_all().await {
            done.expect("nobody is in the way of another");
        }
        let all = queue.port().page(&queue.ctx, queue.id, &whole()).await.expect("a list").items;
        let waits =
            |of: &&WebhookDelivery| of.status == DeliveryStatus::Waiting && of.event.target_id == thing;
        let mut waiting = all.iter().filter(waits).peekable();
        let is_left_behind = waiting.peek().is_some() && waiting.all(|of| of.due_at.is_none());
        assert!(!is_left_behind, "in round {round}");
        for queue in [queue, other] {
            while queue.is_due().await {
                queue.end_all(received).await;
            }
        }
        storage.deliveries.forget_old(world.tick(), 1000).await.expect("they can be forgotten");
    }
}
