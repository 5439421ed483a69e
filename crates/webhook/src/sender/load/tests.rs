use std::{pin::pin, sync::Arc, time::Duration};

use futures_util::future::{Either, select};

use super::*;
use crate::{
    ports::Wakeup as _,
    sending::Sending,
    testing::{World, delivery, endpoint, id, organization, person, run},
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

/// Makes an attempt, while the clock goes on.
fn attempt(world: &Arc<World>, round: &Round, delivery: WebhookDelivery) -> Attempted {
    let sending = Sending { ports: world.ports() };
    match run(select(pin!(sending.attempt(round, delivery)), world.sleep(Duration::from_secs(20)))) {
        Either::Left((attempted, _)) => attempted,
        Either::Right(_) => panic!("an attempt ends"),
    }
}

/// Begins with a queue that is due, and takes a delivery of it.
fn take(
    world: &Arc<World>,
    load: &mut Load,
    number: u128,
    is_failing: bool,
) -> Option<(u32, Vec<Attempted>)> {
    let most = load.begin(queue(number, is_failing), at(0))?;
    world.keep(&endpoint(number));
    let new = WebhookDelivery { endpoint: id(number), ..delivery(number, number) };
    run(crate::ports::Deliveries::add(&**world, &person(), &[new])).unwrap();
    let wanted = [WantedQueue { endpoint: id(number), most }];
    let sending = Sending { ports: world.ports() };
    let taken = run(sending.take(organization(), &wanted)).unwrap();
    let mut ended = Vec::new();
    load.taken(&wanted, taken, |round, delivery| ended.push(attempt(world, round, delivery)));
    Some((most, ended))
}

/// Ends what was begun, and settles it.
fn end(world: &Arc<World>, load: &mut Load, ended: Vec<Attempted>) {
    for attempted in ended {
        load.ended(attempted);
    }
    let outcomes = load.outcomes(at(0));
    assert_eq!(outcomes.len(), 1);
    run(Sending { ports: world.ports() }.settle(outcomes));
    load.settled();
}

#[test]
fn an_endpoint_is_trusted_with_several_attempts_once_it_received_one() {
    let (world, mut load) = (World::new(), Load::new(small()));
    for (status, most) in [(204, 1), (500, 4), (204, 1), (204, 4)] {
        world.queues.lock().unwrap().deliveries.clear();
        world.answer(1, status, &[]);
        let (begun, ended) = take(&world, &mut load, 1, false).unwrap();
        assert_eq!(begun, most, "then {status}");
        assert_eq!(load.begin(queue(1, false), at(0)), None, "it has a round");
        end(&world, &mut load, ended);
    }
    assert_eq!(load.begin(queue(1, false), at(0)), Some(4));
    assert_eq!(load.room(at(0)), QueueRoom { sound: 2, failing: 2 });
    load.taken(&[WantedQueue { endpoint: id(1), most: 4 }], Vec::new(), |_, _| panic!("none was taken"));
    assert_eq!(load.room(at(0)), QueueRoom { sound: 6, failing: 2 }, "another has it");
    assert_eq!(load.begin(queue(1, true), at(0)), Some(1), "it failed, says storage");
}

#[test]
fn what_goes_on_for_long_makes_room_for_others() {
    let (world, mut load) = (World::new(), Load::new(small()));
    for number in 1..=6 {
        assert!(load.begin(queue(number, false), at(0)).is_some());
    }
    assert!(load.begin(queue(7, false), at(0)).is_none());
    assert_eq!(load.room(at(1_000)), QueueRoom { sound: 0, failing: 2 });
    assert_eq!(load.room(at(1_001)), QueueRoom { sound: 2, failing: 0 }, "two of six have room of their own");
    assert!(load.begin(queue(8, true), at(1_001)).is_none(), "endpoints that fail wait for it");
    assert!(load.begin(queue(7, false), at(1_001)).is_some());

    let mut load = Load::new(small());
    let (_, ended) = take(&world, &mut load, 9, false).unwrap();
    assert_eq!(load.room(at(0)).sound, 5);
    for attempted in ended {
        load.ended(attempted);
    }
    assert_eq!(load.room(at(0)).sound, 6, "what ended takes no room");
    assert!(load.begin(queue(9, false), at(0)).is_none(), "though it is not settled yet");
}

#[test]
fn a_hold_ends_with_the_last_attempt() {
    let (world, mut load) = (World::new(), Load::new(small()));
    world.keep(&endpoint(1));
    let new = [delivery(1, 1), delivery(2, 2)];
    run(crate::ports::Deliveries::add(&*world, &person(), &new)).unwrap();
    load.begin(queue(1, false), at(0)).unwrap();
    let (sending, wanted) = (Sending { ports: world.ports() }, [WantedQueue { endpoint: id(1), most: 4 }]);
    let taken = run(sending.take(organization(), &wanted)).unwrap();
    let mut ended = Vec::new();
    load.taken(&wanted, taken, |round, delivery| ended.push(attempt(&world, round, delivery)));
    for is_last in [false, true] {
        load.ended(ended.pop().unwrap());
        let outcomes = load.outcomes(at(0));
        assert!(load.outcomes(at(0)).is_empty(), "each is settled once");
        assert_eq!(load.begin(queue(1, false), at(0)), None, "it has a round");
        run(sending.settle(outcomes));
        load.settled();
        assert_eq!(load.begin(queue(1, false), at(0)).is_some(), is_last);
    }
}
