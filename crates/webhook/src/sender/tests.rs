use std::{sync::Arc, time::Duration};

use super::*;
use crate::{
    DeliveryStatus,
    testing::{Behaviour, World, delivery, endpoint, id, person, run},
};

fn small() -> SenderSettings {
    SenderSettings { at_once: 6, slow_at_once: 2, ..SenderSettings::default() }
}

/// Puts deliveries to an endpoint, each about a thing of its own.
fn put(world: &World, number: u128, deliveries: u128) {
    world.keep(&endpoint(number));
    let made = (0..deliveries).map(|one| crate::WebhookDelivery {
        endpoint: id(number),
        ..delivery(number * 1_000 + one, number * 1_000 + one)
    });
    run(crate::ports::Deliveries::add(world, &person(), &made.collect::<Vec<_>>())).unwrap();
}

/// Sends until no delivery of these endpoints waits.
fn send(world: &Arc<World>, settings: SenderSettings, until: impl Fn(u128) -> bool + Send + Sync) {
    let is_done = || {
        let queues = world.queues.lock().unwrap();
        let mut waiting = queues.deliveries.values().filter(|of| of.status == DeliveryStatus::Waiting);
        !waiting.any(|of| until(of.endpoint.uuid().as_u128()))
    };
    let stop = poll_fn(|_| if is_done() { Poll::Ready(()) } else { Poll::Pending });
    run(Sender::new(world.ports(), settings).run(stop));
}

#[test]
fn endpoints_that_hang_hold_up_no_others() {
    let world = World::new();
    let hangs = |number: u128| number.is_multiple_of(10);
    for number in 1..=100 {
        put(&world, number, 10);
        if hangs(number) {
            world.behave(number, Behaviour::Hangs);
        }
    }
    let settings = SenderSettings { at_once: 12, slow_at_once: 8, ..SenderSettings::default() };
    send(&world, settings, |number| !hangs(number));
    let queues = world.queues.lock().unwrap();
    let ended_late =
        queues.deliveries.values().filter(|of| of.record.iter().any(|of| of.duration_ms >= 15_000));
    assert_eq!(ended_late.count(), 10, "the first attempt at each that hangs, which ended last");
    for (number, status) in
        (1..=100).filter(|number| !hangs(*number)).map(|number| (number, DeliveryStatus::Succeeded))
    {
        assert!(queues.of(id(number)).iter().all(|of| of.status == status && of.attempts == 1), "{number}");
    }
    let going_on = world.going_on.lock().unwrap();
    assert!(going_on.values().all(|(now, most)| *now == 0 && *most <= 4), "{going_on:?}");
    assert!(going_on.values().any(|(_, most)| *most > 1));
}

#[test]
fn endpoints_take_turns() {
    let world = World::new();
    put(&world, 1, 200);
    for number in 2..=5 {
        put(&world, number, 3);
    }
    send(&world, SenderSettings { at_once: 1, ..small() }, |_| true);
    let sent = world.sent.lock().unwrap();
    let last_of_others = sent.iter().rposition(|sent| !sent.request.url.expose().ends_with("/1")).unwrap();
    assert!(last_of_others < 3 * 5, "{last_of_others}: each has one in five turns");
    assert_eq!(sent.len(), 212);
}

#[test]
fn deliveries_of_one_thing_go_one_after_the_other() {
    let world = World::new();
    world.keep(&endpoint(1));
    world.answer(1, 500, &[]);
    let made: Vec<_> = (1..=3).map(|number| delivery(number, 7)).chain([delivery(4, 8)]).collect();
    run(crate::ports::Deliveries::add(&*world, &person(), &made)).unwrap();
    let sent = || -> Vec<String> {
        let sent = world.sent.lock().unwrap();
        sent.iter().map(|sent| sent.request.headers[0].1[34..].to_owned()).collect()
    };
    let stop_after = |most: usize| {
        let stop = poll_fn(|_| if sent().len() >= most { Poll::Ready(()) } else { Poll::Pending });
        run(Sender::new(world.ports(), small()).run(stop));
    };
    stop_after(2);
    assert_eq!(sent(), ["01", "04"], "the second and third wait behind the first");
    world.answer(1, 200, &[]);
    send(&world, small(), |_| true);
    assert_eq!(sent()[2..].iter().filter(|id| *id != "04").collect::<Vec<_>>(), ["01", "02", "03"]);
}

#[test]
fn what_waits_for_a_retry_is_sent_when_its_time_comes() {
    let world = World::new();
    put(&world, 1, 1);
    world.answer(1, 503, &[("retry-after", "20")]);
    let has_failed = || world.queues.lock().unwrap().of(id(1))[0].attempts == 1;
    let stop = poll_fn(|_| if has_failed() { Poll::Ready(()) } else { Poll::Pending });
    run(Sender::new(world.ports(), small()).run(stop));
    world.answer(1, 200, &[]);
    send(&world, small(), |_| true);
    let sent = world.sent.lock().unwrap();
    let [first, second] = &sent[..] else { panic!("two attempts") };
    assert!(second.at.since(first.at) >= Duration::from_secs(20));
    assert_eq!(first.request.body, second.request.body, "the same bytes");
    assert_ne!(first.request.headers, second.request.headers, "signed anew");
}

#[test]
fn what_cannot_be_kept_of_one_endpoint_spoils_nothing_of_others() {
    let world = World::new();
    world.broken.lock().unwrap().insert(id(2));
    for number in 1..=4 {
        put(&world, number, 3);
    }
    send(&world, small(), |number| number != 2);
    let queues = world.queues.lock().unwrap();
    assert!(queues.of(id(2)).iter().all(|of| of.attempts == 0), "nothing of it is kept");
    assert_eq!(world.sent.lock().unwrap().len(), 9 + 1, "and it is not sent again before its lease ends");
}
