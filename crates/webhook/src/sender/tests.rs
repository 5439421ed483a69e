use std::time::Duration;

use super::*;
use crate::{
    DeliveryStatus,
    testing::{Behaviour, World, delivery, endpoint, id, organization, person, run},
};

fn queue(number: u128, is_failing: bool) -> DueQueue {
    DueQueue { organization: organization(), endpoint: id(number), is_failing }
}

fn at(millis: u64) -> Timestamp {
    Timestamp::EPOCH.plus(Duration::from_millis(millis))
}

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
fn an_endpoint_is_trusted_with_several_attempts_once_it_received_one() {
    let mut load = Load::new(small());
    let begun = |load: &mut Load, queue| load.begin(queue, at(0)).map(|(most, _)| most);
    assert_eq!(begun(&mut load, queue(1, false)), Some(1));
    assert_eq!(begun(&mut load, queue(1, false)), None, "it has a round");
    for (outcome, most) in [
        (RoundOutcome::Received, 4),
        (RoundOutcome::Nothing, 4),
        (RoundOutcome::Failed, 1),
        (RoundOutcome::Received, 4),
    ] {
        load.end(id(1), outcome);
        assert_eq!(begun(&mut load, queue(1, false)), Some(most), "{outcome:?}");
    }
    assert_eq!(load.room(at(0)), QueueRoom { sound: 2, failing: 2 });
    load.end(id(1), RoundOutcome::Received);
    assert_eq!(begun(&mut load, queue(1, true)), Some(1), "it failed, says storage");
}

#[test]
fn what_goes_on_for_long_makes_room_for_others() {
    let mut load = Load::new(small());
    for number in 1..=6 {
        assert!(load.begin(queue(number, false), at(0)).is_some());
    }
    assert!(load.begin(queue(7, false), at(0)).is_none());
    assert_eq!(load.room(at(1_000)), QueueRoom { sound: 0, failing: 2 });
    assert_eq!(load.room(at(1_001)), QueueRoom { sound: 2, failing: 0 }, "two of six have room of their own");
    assert!(load.begin(queue(8, true), at(1_001)).is_none(), "endpoints that fail wait for it");
    let (_, in_flight) = load.begin(queue(7, false), at(1_001)).unwrap();
    in_flight.store(0, Ordering::Relaxed);
    assert_eq!(
        load.room(at(1_001)),
        QueueRoom { sound: 2, failing: 0 },
        "a round without attempts takes none"
    );
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
