//! Rules of deliveries: what is kept of them, for whom and for how long.

use kernel::{Scope, StoreError};
use webhook::{DeliveryStatus, WebhookDelivery, WebhookEvent, ports::RecoveryPeriod};

use super::queue_fixture::{dropped, ids, received, retried, settlement};
use crate::{
    StorageUnderTest,
    isolation::others,
    pages::{refuses, walk},
    samples::PROSE,
    world::{World, ctx, hours, whole},
};

/// A delivery reads back as it was added, tried, replayed and received, in each status.
pub async fn a_delivery_comes_back_whole(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let queue = world.queue(people.north, people.ann).await;
    let mut plain = queue.of_a_thing();
    plain.event.version = Some(i64::MAX);
    plain.event.occurred_at = plain.created_at.minus(hours(1));
    PROSE.clone_into(&mut plain.body);
    let never_sent = dropped(&queue.of_a_thing());
    assert_eq!(queue.add(&[plain.clone(), never_sent.clone()]).await, 2);
    assert_eq!(queue.read(plain.id).await, plain);
    assert_eq!(queue.read(never_sent.id).await, never_sent, "what is dropped at once is kept");

    let again = world.now().plus(hours(1));
    let mut expected = plain;
    for _ in 0..2 {
        world.pass(hours(1));
        let taken = queue.take(10).await;
        assert_eq!(taken.deliveries, [expected.clone()]);
        assert_eq!(taken.endpoint.as_ref(), Some(&queue.endpoint));
        expected = retried(&expected, again);
        queue.settle(&taken.lease, &[expected.clone()], true).await;
        assert_eq!(queue.read(expected.id).await, expected);
    }
    let asked_at = world.tick();
    let replayed = queue.port().replay(&queue.ctx, queue.id, expected.id, asked_at, world.tick()).await;
    replayed.expect("it can be replayed");
    (expected.attempts, expected.due_at, expected.replayed_at) = (0, Some(world.now()), Some(asked_at));
    assert_eq!(queue.read(expected.id).await, expected, "what came of the last attempts stays");
    queue.end_all(received).await;
    assert_eq!(queue.read(expected.id).await, received(&expected));
    let missing = queue.port().delivery(&queue.ctx, queue.id, world.id()).await;
    assert_eq!(missing.expect("nothing is found"), None);
    let elsewhere = queue.port().delivery(&queue.ctx, world.id(), expected.id).await;
    assert_eq!(elsewhere.expect("nothing is found"), None, "it is another endpoint's");
}

/// An endpoint is told of an event once, whoever else puts it at the same time; other endpoints are told as well.
pub async fn an_event_is_put_once_an_endpoint(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let queue = world.queue(people.north, people.ann).await;
    let other = world.queue(people.north, people.ann).await;
    let first = queue.of_a_thing();
    let of_event = |event: &WebhookEvent| WebhookDelivery { event: event.clone(), ..queue.of_a_thing() };
    let twins = [first.clone(), of_event(&first.event)];
    assert_eq!(queue.add(&twins).await, 1, "of two at once one is put");
    let second = queue.of_a_thing();
    let late = [of_event(&first.event), second.clone(), of_event(&first.event)];
    assert_eq!(queue.add(&late).await, 1, "what is new beside them is put");
    let elsewhere = WebhookDelivery { event: first.event.clone(), ..other.of_a_thing() };
    assert_eq!(other.add(&[elsewhere]).await, 1, "another endpoint has its own");
    assert_eq!(queue.add(&[]).await, 0);
    queue.end_all(received).await;
    assert_eq!(queue.add(&[of_event(&first.event)]).await, 0, "nor is it put again once it was received");
    let all = queue.port().page(&queue.ctx, queue.id, &whole()).await.expect("a list").items;
    assert_eq!(all.iter().map(|of| of.event.id).collect::<Vec<_>>(), [second.event.id, first.event.id]);

    let event = queue.of_a_thing().event;
    let adding: Vec<_> = (0..8)
        .map(|_| {
            let (port, ctx, new) = (queue.port(), queue.ctx.clone(), of_event(&event));
            tokio::spawn(async move { port.add(&ctx, &[new]).await.expect("it can be added") })
        })
        .collect();
    let mut added = 0;
    for task in adding {
        added += task.await.expect("it ends");
    }
    assert_eq!(added, 1, "of many at once one is put");
}

/// An endpoint's deliveries are listed newest first, in pages.
pub async fn deliveries_are_paged_newest_first(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let queue = world.queue(people.north, people.ann).await;
    let other = world.queue(people.north, people.ann).await;
    let mut expected = ids(&queue.fill(5).await);
    expected.reverse();
    other.fill(3).await;
    let fetch = async |of, page| storage.deliveries.page(&queue.ctx, of, &page).await;
    let own = async |page| fetch(queue.id, page).await;
    refuses("webhook deliveries", own, async |page| fetch(other.id, page).await).await;
    walk("webhook deliveries", own, |of| of.id, &expected, async || drop(other.fill(1).await)).await;
    let all = own(whole()).await.expect("a list").items;
    queue.fill(1).await;
    assert_eq!(own(whole()).await.expect("a list").items[1..], all, "what is new comes first");
}

/// Nobody but its organisation sees a delivery or changes it, whoever knows its endpoint.
pub async fn deliveries_are_their_organizations(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let queue = world.queue(people.north, people.ann).await;
    let mut kept = queue.fill(2).await;
    let taken = queue.take(1).await;
    let mut lease = taken.lease;
    lease.failing_since = Some(world.now());
    kept[0] = dropped(&kept[0]);
    queue.settle(&lease, &kept[..1], true).await;
    let (port, id, now) = (queue.port(), queue.id, world.tick());
    let period = RecoveryPeriod { since: now.minus(hours(1)), asked_at: now };
    for scope in others(&world, &people, &[Scope::Tenant(people.north)]) {
        let other = ctx(scope);
        let found = port.delivery(&other, id, kept[1].id).await.expect("nothing is found");
        assert_eq!(found, None, "{scope:?}");
        let page = port.page(&other, id, &whole()).await.expect("nothing is found");
        assert_eq!(page.items, [], "{scope:?}");
        let failing = port.failing_since(&other, &[id]).await.expect("nothing is found");
        assert!(failing.is_empty(), "{scope:?}");
        let added = port.add(&other, &[queue.of_a_thing()]).await;
        assert!(matches!(added, Err(StoreError::OutOfScope)), "{scope:?} gets {added:?}");
        let taken = port.take(&other, &[queue.wanted(10)], now, now.plus(hours(1))).await;
        let is_refused =
            matches!(&taken, Err(StoreError::OutOfScope)) || taken.as_ref().is_ok_and(Vec::is_empty);
        assert!(is_refused, "{scope:?} gets {taken:?}");
        let replayed = port.replay(&other, id, kept[0].id, now, now).await;
        let recovered = port.recover(&other, id, period, now, 10).await;
        assert!(matches!(recovered, Ok(0) | Err(StoreError::OutOfScope)), "{scope:?} gets {recovered:?}");
        let waiting = port.drop_waiting(&other, id, 10).await;
        assert!(matches!(waiting, Ok(0) | Err(StoreError::OutOfScope)), "{scope:?} gets {waiting:?}");
        assert!(matches!(replayed, Ok(()) | Err(StoreError::OutOfScope)), "{scope:?} gets {replayed:?}");
    }
    let held = queue.take(10).await;
    for scope in others(&world, &people, &[Scope::Tenant(people.north)]) {
        let settlement = settlement(&held.lease, &[received(&kept[1])], true);
        let settled = port.settle(&ctx(scope), &[settlement], now).await;
        assert!(matches!(settled, Ok(()) | Err(StoreError::OutOfScope)), "{scope:?} gets {settled:?}");
    }
    assert_eq!(held.deliveries, kept[1..]);
    assert_eq!([queue.read(kept[0].id).await, queue.read(kept[1].id).await][..], kept[..]);
    assert!(queue.try_take(10).await.is_none(), "the queue is held still");
    let failing = port.failing_since(&queue.ctx, &[id, world.id()]).await.expect("they can be read");
    assert_eq!(failing.into_iter().collect::<Vec<_>>(), [(id, lease.failing_since.expect("it fails"))]);
}

/// What was put before then and waits no more is forgotten, so many at a time, in all organisations; an event that was
/// forgotten is put again. What waits stays, and so do deliveries of an endpoint that was deleted, until they are old.
pub async fn old_deliveries_are_forgotten(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let north = world.queue(people.north, people.ann).await;
    let south = world.queue(people.south, people.ann).await;
    let of_north = north.fill(3).await;
    let taken = north.take(10).await;
    let later = world.now().plus(hours(100));
    let ended = [received(&of_north[0]), retried(&of_north[1], later), dropped(&of_north[2])];
    north.settle(&taken.lease, &ended, true).await;
    let of_south = south.fill(1).await;
    south.end_all(received).await;
    let before = world.tick();
    let young = WebhookDelivery { created_at: before, ..dropped(&north.of_a_thing()) };
    assert_eq!(north.add(std::slice::from_ref(&young)).await, 1);
    let mut deleted = north.endpoint.clone();
    deleted.delete(world.tick());
    let mut unit = storage.webhook_store.begin(&north.ctx).await.expect("a unit can be begun");
    unit.delete_webhook_endpoint(&mut deleted).await.expect("it can be deleted");
    unit.commit().await.expect("it can be committed");

    let forget = async |before, most| {
        storage.deliveries.forget_old(before, most).await.expect("they can be forgotten")
    };
    assert_eq!(forget(of_north[0].created_at, 10).await, 0, "none was put before the first");
    assert_eq!([forget(before, 2).await, forget(before, 2).await, forget(before, 2).await], [2, 1, 0]);
    let left = async |of: &super::queue_fixture::Queue<'_>| {
        ids(&of.port().page(&of.ctx, of.id, &whole()).await.expect("a list").items)
    };
    assert_eq!(left(&north).await, [young.id, of_north[1].id]);
    assert!(left(&south).await.is_empty());
    assert_eq!(south.add(&of_south).await, 1, "nobody knows the event any more");
    assert!(south.is_due().await);

    world.pass(hours(200));
    let waiting = north.take(10).await;
    assert_eq!((waiting.endpoint, ids(&waiting.deliveries)), (None, vec![of_north[1].id]), "it waits still");
    north.settle(&waiting.lease, &[dropped(&waiting.deliveries[0])], true).await;
    assert_eq!(forget(world.now(), 10).await, 2);
    assert!(left(&north).await.is_empty());
    assert_eq!(south.statuses(&of_south).await, [DeliveryStatus::Waiting]);
}
