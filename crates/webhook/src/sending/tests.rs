use std::pin::pin;

use futures_util::future::{Either, join_all, select};

use super::*;
use crate::{
    EndpointStatus,
    ports::{Deliveries as _, Wakeup as _},
    signing::VerifyingKey,
    testing::{Behaviour, World, delivery, endpoint, id, organization, person, ping, run},
};

fn world(deliveries: &[WebhookDelivery]) -> Arc<World> {
    let world = World::new();
    world.keep(&endpoint(1));
    run(world.add(&person(), deliveries)).unwrap();
    world
}

/// Sends what is due, while the clock goes on, and settles it. Tells of each attempt whether it was received.
fn round(world: &Arc<World>) -> Vec<bool> {
    let (sending, wanted) = (Sending { ports: world.ports() }, [WantedQueue { endpoint: id(1), most: 4 }]);
    let round = async {
        let Some((mut round, due)) = sending.take(organization(), &wanted).await.unwrap().pop() else {
            return Vec::new();
        };
        let ended = join_all(due.into_iter().map(|delivery| sending.attempt(&round, delivery))).await;
        let received = ended.iter().map(Attempted::is_received).collect();
        sending.settle(vec![round.settling(ended, true, kernel::Clock::now(&**world))]).await;
        received
    };
    match run(select(pin!(round), world.sleep(Duration::from_secs(20)))) {
        Either::Left((received, _)) => received,
        Either::Right(_) => panic!("a round ends"),
    }
}

fn found(world: &World, number: u128) -> WebhookDelivery {
    world.queues.lock().unwrap().deliveries[&id(number)].clone()
}

fn failing_since(world: &World) -> Option<Timestamp> {
    run(world.failing_since(&person(), &[id(1)])).unwrap().remove(&id(1))
}

#[test]
fn an_attempt_is_signed_goes_no_further_and_is_kept() {
    let world = world(&[delivery(5, 5)]);
    assert_eq!(round(&world), [true]);
    let sent = world.sent.lock().unwrap()[0].clone();
    let header =
        |name: &str| sent.request.headers.iter().find(|(of, _)| of == name).map(|(_, value)| value.as_str());
    let key = VerifyingKey::HmacSha256(vec![7; 24]);
    assert_eq!(key.verify(header, &sent.request.body, sent.at), Ok(()));
    assert_eq!(header("webhook-id"), Some("00000000-0000-0000-0000-000000000005"));
    assert_eq!((sent.request.method, POLICY.redirects, POLICY.most_bytes), (Method::Post, 0, 1024));
    let kept = found(&world, 5);
    assert_eq!((kept.status, kept.due_at, kept.attempts), (DeliveryStatus::Succeeded, None, 1));
    assert_eq!((kept.record[0].status_code, kept.record[0].answer.as_deref()), (Some(204), Some("answer")));
    assert!(round(&world).is_empty(), "nothing is due");
}

#[test]
fn every_answer_has_its_verdict() {
    let answer = |status: u16, headers: &[(&str, &str)]| {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let url = endpoint(1).url.clone();
        judge(&Ok(Incoming { status, headers, body: Vec::new(), is_cut: true, url }), Timestamp::EPOCH)
    };
    let retry = [("retry-after", "60")];
    for status in [200, 201, 204, 299] {
        assert_eq!(answer(status, &[]), Verdict::Received, "{status}");
    }
    for status in [100, 199, 300, 301, 400, 401, 404, 500, 502] {
        assert_eq!(answer(status, &retry), Verdict::Failed(None), "{status}");
    }
    for status in [429, 503] {
        assert_eq!(answer(status, &retry), Verdict::Failed(Some(Duration::from_secs(60))));
        assert_eq!(answer(status, &[]), Verdict::Failed(None));
    }
    assert_eq!(answer(410, &[]), Verdict::Gone);
    assert_eq!(judge(&Err(OutboundError::NotConnected), Timestamp::EPOCH), Verdict::Failed(None));
}

#[test]
fn an_endpoint_that_is_gone_is_disabled_and_its_administrators_are_told() {
    let world = world(&[delivery(5, 5)]);
    world.answer(1, 410, &[]);
    assert_eq!(round(&world), [false]);
    assert_eq!(world.kept(1).disabled, Some(DisabledReason::Gone));
    assert_eq!(found(&world, 5).status, DeliveryStatus::GivenUp);
    let changes = world.take_changes();
    assert_eq!((changes[0].action, changes[0].notices.len()), ("webhook_endpoint.disable", 1));
}

#[test]
fn a_delivery_is_given_up_after_ten_attempts_and_the_endpoint_disabled() {
    let world = world(&[delivery(5, 5)]);
    world.behave(1, Behaviour::Answers(500, Vec::new()));
    for made in 1..=10 {
        let due_at = found(&world, 5).due_at.unwrap();
        world.pass(due_at.since(kernel::Clock::now(&*world)));
        assert_eq!(round(&world), [false], "{made}");
        assert_eq!(world.kept(1).is_enabled(), made < 10, "{made}");
    }
    let given_up = found(&world, 5);
    assert_eq!((given_up.status, given_up.attempts), (DeliveryStatus::GivenUp, 10));
    assert!(given_up.record.iter().all(|attempt| attempt.error.is_some()));
    assert_eq!(world.kept(1).disabled, Some(DisabledReason::Failing));
}

#[test]
fn five_days_of_failures_alone_disable_an_endpoint() {
    const DAY: Duration = Duration::from_secs(86_400);
    let world = world(&[]);
    let fail_on = |number: u128, status: u16| -> Vec<bool> {
        run(world.add(&person(), &[delivery(number, number)])).unwrap();
        world.answer(1, status, &[]);
        world.queues.lock().unwrap().deliveries.retain(|id, _| id.uuid().as_u128() == number);
        round(&world)
    };
    fail_on(1, 500);
    assert!(failing_since(&world).is_some());
    world.pass(3 * DAY);
    fail_on(2, 200);
    assert_eq!(failing_since(&world), None, "one success counts");
    fail_on(3, 500);
    world.pass(4 * DAY);
    let mut enabled = world.kept(1);
    enabled.pause(kernel::Clock::now(&*world));
    enabled.enable(kernel::Clock::now(&*world));
    world.keep(&enabled);
    world.pass(2 * DAY);
    fail_on(4, 500);
    assert!(world.kept(1).is_enabled(), "what failed before it was enabled does not count");
    world.pass(3 * DAY);
    fail_on(5, 500);
    assert_eq!(world.kept(1).disabled, Some(DisabledReason::Failing));
}

#[test]
fn nothing_but_pings_is_sent_to_a_paused_endpoint() {
    let world = world(&[delivery(5, 5), WebhookDelivery { id: id(6), ..ping(1) }]);
    let mut paused = world.kept(1);
    paused.pause(Timestamp::EPOCH);
    world.keep(&paused);
    assert_eq!(round(&world), [false, true]);
    assert_eq!(
        [5, 6].map(|number| found(&world, number).status),
        [DeliveryStatus::Dropped, DeliveryStatus::Succeeded]
    );
    assert_eq!(world.kept(1).status(), EndpointStatus::Paused);
    assert_eq!(failing_since(&world), None, "what is dropped did not fail");
}

#[test]
fn what_an_endpoint_that_was_deleted_waits_for_is_dropped() {
    let world = world(&[delivery(5, 5)]);
    world.endpoints.lock().unwrap().clear();
    round(&world);
    assert_eq!(found(&world, 5).status, DeliveryStatus::Dropped);
    assert!(world.sent.lock().unwrap().is_empty());
}

#[test]
fn a_key_that_does_not_open_is_a_failure_with_advice() {
    let world = world(&[delivery(5, 5)]);
    let mut state = world.kept(1).state().clone();
    state.secrets[0].sealed = b"nonsense".to_vec();
    world.keep(&Endpoint::restore(state, 1));
    round(&world);
    let kept = found(&world, 5);
    assert_eq!(kept.status, DeliveryStatus::Waiting);
    assert_eq!(kept.record[0].error.as_deref(), Some("the key cannot be read; rotate the endpoint's secret"));
}
