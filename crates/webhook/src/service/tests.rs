use kernel::{Delivery, EventHandler as _, Refusal as _};

use super::*;
use crate::{
    DeliveryStatus, EndpointReactions, EventPublisher,
    ports::{Deliveries as _, QueueLease, Settlement, WantedQueue},
    signing::VerifyingKey,
    testing::{FakeSealing, World, delivery, endpoint, id, organization, person, run, told},
};

fn new(events: &[&str]) -> NewEndpoint {
    NewEndpoint {
        url: "https://hooks.example/new".to_owned(),
        description: None,
        events: events.iter().map(|event| (*event).to_owned()).collect(),
        scheme: SignatureScheme::HmacSha256,
    }
}

fn service(world: &std::sync::Arc<World>) -> EndpointService {
    EndpointService::new(world.ports())
}

/// Tells the handlers of this domain what was committed, each change twice.
fn tell(world: &std::sync::Arc<World>) {
    let (publisher, reactions) = (EventPublisher::new(world.ports()), EndpointReactions::new(world.ports()));
    for (number, change) in world.take_changes().into_iter().enumerate() {
        let delivery = Delivery {
            id: uuid::Uuid::from_u128(5_000 + number as u128),
            target_kind: change.target.kind.to_owned(),
            target_id: change.target.id,
            occurred_at: change.at,
            data: change.data,
            ..told(change.action, 1)
        };
        for _ in 0..2 {
            if publisher.topics().contains(&change.action) {
                run(publisher.handle(&delivery)).unwrap();
            }
            if reactions.topics().contains(&change.action) {
                run(reactions.handle(&delivery)).unwrap();
            }
        }
    }
}

fn of(world: &World, number: u128) -> Vec<WebhookDelivery> {
    world.queues.lock().unwrap().of(id(number))
}

#[test]
fn an_endpoint_is_made_and_its_secret_shown_once() {
    let world = World::new();
    let made = run(service(&world).create(&person(), organization(), new(&["membership.*"])));
    let (made, secret) = made.unwrap();
    assert!(secret.expose().starts_with("whsec_"));
    let keys = made.keys(&FakeSealing, made.created_at).unwrap();
    assert_eq!(keys[0].text(), secret);
    let pair = NewEndpoint { scheme: SignatureScheme::Ed25519, ..new(&["membership.*"]) };
    let (made, public) = run(service(&world).create(&person(), organization(), pair)).unwrap();
    assert_eq!(made.secrets[0].public_key.as_deref(), Some(public.expose()), "the private key stays");
    assert!(VerifyingKey::read(public.expose()).is_ok());
    let (rotated, other) = run(service(&world).rotate_secret(&person(), organization(), made.id)).unwrap();
    assert_eq!(rotated.endpoint.secrets.len(), 2);
    assert_ne!(other, secret);
}

#[test]
fn every_fault_is_told_with_its_place() {
    let world = World::new();
    let wrong = NewEndpoint { url: "http://x".to_owned(), ..new(&["membership.joined", "membership.join"]) };
    let refused = run(service(&world).create(&person(), organization(), wrong)).unwrap_err();
    let errors = refused.errors();
    assert_eq!(errors.iter().map(|(pointer, _)| pointer.as_str()).collect::<Vec<_>>(), ["/url", "/events/1"]);
    assert_eq!(refused.code(), "request.invalid");
    assert!(
        refused.to_string().contains("/url must begin with https://; /events/1 is no event; do you mean")
    );
}

#[test]
fn an_organisation_has_as_many_endpoints_as_the_quota_says() {
    let world = World::new();
    (1..=3).for_each(|number| world.keep(&endpoint(number)));
    let refused = run(service(&world).create(&person(), organization(), new(&["membership.*"]))).unwrap_err();
    assert_eq!(refused.code(), "quota.reached");
}

#[test]
fn whoever_has_no_leave_does_nothing() {
    let (world, ctx) = (World::new(), person());
    world.keep(&endpoint(1));
    world.shut();
    let (service, of, id) = (service(&world), organization(), id(1));
    let codes = [
        run(service.create(&ctx, of, new(&[]))).err(),
        run(service.list(&ctx, of, &PageRequest::default())).err(),
        run(service.get(&ctx, of, id)).err(),
        run(service.edit(&ctx, of, id, 1, EndpointEdit::default())).err(),
        run(service.delete(&ctx, of, id)).err(),
        run(service.rotate_secret(&ctx, of, id)).err(),
        run(service.test(&ctx, of, id)).err(),
        run(service.deliveries(&ctx, of, id, &PageRequest::default())).err(),
        run(service.replay(&ctx, of, id, kernel::Id::from_uuid(id.uuid()))).err(),
        run(service.recover(&ctx, of, id, Timestamp::EPOCH)).err(),
    ];
    assert!(codes.iter().all(|refused| refused.as_ref().unwrap().code() == "test.shut"));
    assert!(world.take_changes().is_empty());
}

#[test]
fn events_reach_the_endpoints_that_ask_for_them_once() {
    let world = World::new();
    world.keep(&endpoint(1));
    let mut paused = endpoint(2);
    paused.pause(Timestamp::EPOCH);
    world.keep(&paused);
    let mut disabled = endpoint(3);
    disabled.disable(DisabledReason::Gone, Timestamp::EPOCH);
    world.keep(&disabled);
    let later = EndpointState {
        created_at: Timestamp::EPOCH.plus(Duration::from_secs(1)),
        ..endpoint(4).state().clone()
    };
    world.keep(&Endpoint::restore(later, 1));
    let publisher = EventPublisher::new(world.ports());
    for told in [told("membership.join", 7), told("membership.join", 7), told("campaign.close", 8)] {
        run(publisher.handle(&told)).unwrap();
    }
    let statuses = |number| of(&world, number).iter().map(|of| of.status).collect::<Vec<_>>();
    assert_eq!(statuses(1), [DeliveryStatus::Waiting]);
    assert_eq!(statuses(2), [DeliveryStatus::Dropped], "a recovery finds it");
    assert!(statuses(3).is_empty(), "it is disabled");
    assert!(statuses(4).is_empty(), "it was not there yet");
}

#[test]
fn what_happened_where_nobody_listened_is_told_to_nobody() {
    let (world, second) = (World::new(), Duration::from_secs(1));
    let publisher = EventPublisher::new(world.ports());
    world.pass(second);
    run(publisher.handle(&told("membership.join", 7))).unwrap();
    world.keep(&endpoint(1));
    run(publisher.handle(&told("membership.join", 8))).unwrap();
    assert!(of(&world, 1).is_empty(), "it happened before somebody looked, and nobody listened");
    let later = Delivery { occurred_at: Timestamp::EPOCH.plus(second), ..told("membership.join", 9) };
    run(publisher.handle(&later)).unwrap();
    assert_eq!(of(&world, 1).len(), 1);
}

#[test]
fn a_test_sends_a_ping_to_the_endpoint_alone() {
    let world = World::new();
    (1..=2).for_each(|number| world.keep(&endpoint(number)));
    run(service(&world).test(&person(), organization(), id(1))).unwrap();
    tell(&world);
    assert_eq!((of(&world, 1).len(), of(&world, 2).len()), (1, 0));
    assert!(of(&world, 1)[0].body.starts_with("{\"type\":\"ping\","));
}

#[test]
fn an_edit_names_the_version_and_pauses_or_enables() {
    let world = World::new();
    world.keep(&endpoint(1));
    let edit = |version, status| {
        let edit = EndpointEdit { status: Some(status), ..EndpointEdit::default() };
        run(service(&world).edit(&person(), organization(), id(1), version, edit))
    };
    assert_eq!(edit(2, EndpointStatus::Paused).unwrap_err().code(), "request.stale");
    assert_eq!(edit(1, EndpointStatus::Disabled).unwrap_err().code(), "request.invalid");
    assert_eq!(edit(1, EndpointStatus::Paused).unwrap().endpoint.status(), EndpointStatus::Paused);
    assert_eq!(edit(2, EndpointStatus::Enabled).unwrap().endpoint.status(), EndpointStatus::Enabled);
    let by_operator = run(service(&world).disable_as_operator(organization(), id(1))).unwrap();
    assert_eq!(by_operator.disabled, Some(DisabledReason::Operator));
    assert_eq!(edit(4, EndpointStatus::Enabled).unwrap_err().code(), "webhook.disabled_by_operator");
    assert_eq!(edit(4, EndpointStatus::Paused).unwrap_err().code(), "webhook.disabled");
    assert!(run(service(&world).enable_as_operator(organization(), id(1))).unwrap().is_enabled());
}

#[test]
fn whoever_changes_an_endpoint_sees_since_when_it_fails() {
    let (world, now) = (World::new(), Timestamp::EPOCH);
    world.keep(&endpoint(1));
    run(world.add(&person(), &[delivery(5, 5)])).unwrap();
    let until = now.plus(Duration::from_secs(60));
    let wanted = [WantedQueue { endpoint: id(1), most: 1 }];
    let taken = run(world.take(&person(), &wanted, now, until)).unwrap().remove(0);
    let lease = QueueLease { failing_since: Some(now), ..taken.lease };
    let settlement = Settlement { lease, deliveries: Vec::new(), is_last: true };
    run(world.settle(&person(), &[settlement], now)).unwrap();
    let (service, ctx, of) = (service(&world), person(), organization());
    let shown = [
        run(service.get(&ctx, of, id(1))).unwrap(),
        run(service.edit(&ctx, of, id(1), 1, EndpointEdit::default())).unwrap(),
        run(service.rotate_secret(&ctx, of, id(1))).unwrap().0,
    ];
    assert!(shown.iter().all(|endpoint| endpoint.failing_since == Some(now)));
}

#[test]
fn nothing_waits_for_an_endpoint_that_is_paused_disabled_or_deleted() {
    let world = World::new();
    world.keep(&endpoint(1));
    run(world.add(&person(), &[delivery(5, 5), delivery(6, 5)])).unwrap();
    let edit = |version, status| {
        let edit = EndpointEdit { status: Some(status), ..EndpointEdit::default() };
        run(service(&world).edit(&person(), organization(), id(1), version, edit)).unwrap();
    };
    edit(1, EndpointStatus::Paused);
    edit(2, EndpointStatus::Enabled);
    tell(&world);
    assert!(of(&world, 1).iter().all(|of| of.status == DeliveryStatus::Waiting), "it was enabled meanwhile");
    run(service(&world).delete(&person(), organization(), id(1))).unwrap();
    tell(&world);
    assert!(of(&world, 1).iter().all(|of| of.status == DeliveryStatus::Dropped));
}

#[test]
fn a_replay_and_a_recovery_are_done_once() {
    let world = World::new();
    world.keep(&endpoint(1));
    let mut lost = [delivery(5, 5), delivery(6, 6), delivery(7, 7)];
    lost.iter_mut().for_each(WebhookDelivery::abandon);
    lost[2].status = DeliveryStatus::Succeeded;
    run(world.add(&person(), &lost)).unwrap();
    let waiting = || of(&world, 1).iter().filter(|of| of.status == DeliveryStatus::Waiting).count();
    run(service(&world).replay(&person(), organization(), id(1), id(7))).unwrap();
    tell(&world);
    assert_eq!(waiting(), 1, "whatever came of it");
    run(service(&world).recover(&person(), organization(), id(1), Timestamp::EPOCH)).unwrap();
    tell(&world);
    assert_eq!(waiting(), 3);
    assert!(of(&world, 1).iter().all(|of| of.replayed_at.is_some()));
    let refused = run(service(&world).replay(&person(), organization(), id(1), id(99))).unwrap_err();
    assert_eq!(refused.code(), "request.not_found");
    world.pass(EndpointService::LONGEST_RECOVERY + Duration::from_secs(1));
    let refused =
        run(service(&world).recover(&person(), organization(), id(1), Timestamp::EPOCH)).unwrap_err();
    assert_eq!(refused.errors()[0].0, "/since");
}
