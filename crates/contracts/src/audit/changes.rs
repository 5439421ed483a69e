//! What a change leaves behind.

use audit::event::{Event, EventActor, EventTarget, RequestOrigin, SCHEMA, WITHHELD};
use identity::SecondFactor;
use kernel::{Actor, Change, Ctx, IdempotencyKey, IdempotentRequest, Outcome, Scope, Target};
use serde_json::json;
use uuid::Uuid;

use crate::{
    StorageUnderTest,
    aggregate::Aggregate,
    each_aggregate,
    world::{World, hours, minutes},
};

/// Each change of a committed unit leaves one event, in order: who did what to what, through which request.
pub async fn each_change_leaves_one_event(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let before = world.events().await.len();
    let ann = world.acting(people.ann, Scope::Tenant(people.north));
    let id = IdempotencyKey(world.id::<()>().uuid());
    let (caller, key) = ("account:ann".to_owned(), "key".to_owned());
    let request = IdempotentRequest { id, caller, key, fingerprint: [7; 32] };
    storage.idempotency.reserve(&request, world.now()).await.expect("a request is answered");
    let ann = Ctx { idempotency: Some(id), ..ann };

    let mut unit = storage.store.begin(&ann).await.expect("a unit can be begun");
    let mut made = world.key_sample(&people);
    unit.save_api_key(&mut made).await.expect("it can be saved");
    let asked = world.new_change("report.ask");
    unit.record(asked.clone());
    made.revoke(world.tick());
    unit.save_api_key(&mut made).await.expect("it can be saved");
    unit.commit().await.expect("it can be committed");

    let left = world.events().await.split_off(before);
    let told: Vec<_> = left.iter().map(|event| (event.action.as_str(), event.target.clone())).collect();
    let target = |kind: &str, id, version| EventTarget { kind: kind.to_owned(), id: Some(id), version };
    let of_key = |version| target("api_key", made.id.uuid(), Some(version));
    let expected = [
        ("contract.change", of_key(1)),
        ("report.ask", target("thing", asked.target.id, None)),
        ("api_key.revoke", of_key(2)),
    ];
    assert_eq!(told, expected, "each change leaves one event, in order");
    assert_eq!(left[1].occurred_at, asked.at);
    let session = match ann.actor {
        Actor::Account { session, .. } => session.uuid(),
        _ => unreachable!("Ann has an account"),
    };
    let actor =
        EventActor { kind: "account".to_owned(), id: Some(people.ann.uuid()), session: Some(session) };
    let origin = RequestOrigin {
        request: ann.request.map(|request| request.0),
        route: ann.route.as_deref().map(str::to_owned),
        idempotency_key: Some(id.0),
    };
    for event in &left {
        assert_eq!(event.actor, actor);
        assert_eq!(event.origin, origin);
        assert_eq!(
            event.organization,
            Some(people.north),
            "what happens in a tenant's unit belongs to the tenant"
        );
        assert_eq!((event.outcome, &event.reason, event.schema), (Outcome::Success, &None, SCHEMA));
        assert_eq!(world.address(event).await.as_deref(), Some("203.0.113.7"));
    }
    let mut salts: Vec<_> = left.iter().map(|event| event.salt).collect();
    salts.dedup();
    assert_eq!(salts.len(), left.len(), "each event has a salt of its own");
}

/// Whatever aggregate is saved leaves the event of its change.
pub async fn every_aggregate_leaves_its_event(storage: &StorageUnderTest) {
    async fn check<A: Aggregate>(world: &World, sample: A) {
        let before = world.events().await.len();
        let kept = world.keep(sample).await;
        let left = world.events().await.split_off(before);
        let [event] = &left[..] else { panic!("a {} leaves {left:?}", kept.kind()) };
        let target = EventTarget { kind: kept.kind().to_owned(), id: Some(kept.id()), version: Some(1) };
        assert_eq!((event.action.as_str(), &event.target), ("contract.change", &target));
        assert_eq!(event.organization, kept.owner().organization(), "of a {}", kept.kind());
    }
    let world = World::of(storage);
    each_aggregate!(world, check);
}

/// A change has the version that the save led to which handed it over; what was saved with nothing has none.
pub async fn versions_are_those_of_each_save(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let mut factor = world.keep(world.factor_sample(&people)).await;
    let mut unit = world.begin(Scope::Identity).await;
    factor.renew_recovery_codes(Vec::new(), world.tick());
    factor = factor.mark(world.tick());
    unit.save_second_factor(&mut factor).await.expect("it can be saved");
    factor.remove(world.tick());
    unit.record(Change::new("factor.look_at", Target::new(SecondFactor::KIND, factor.id), world.tick()));
    unit.save_second_factor(&mut factor).await.expect("it can be removed");
    unit.commit().await.expect("it can be committed");
    let of_factor = |event: &Event| event.target.id == Some(factor.id.uuid());
    let events: Vec<Event> = world.events().await.into_iter().filter(of_factor).collect();
    let mut versions: Vec<_> = events.iter().map(|event| event.target.version).collect();
    versions.sort();
    assert_eq!(versions, [None, Some(1), Some(2), Some(2), Some(3)], "of {events:?}");
    let looked = events.iter().find(|event| event.action == "factor.look_at").expect("it was recorded");
    assert_eq!(looked.target.version, None, "what saves nothing has no version");
}

/// Whoever acts is kept: a person with their session, an API key, a guest, Touchstone itself, nobody known.
pub async fn every_kind_of_actor_is_kept(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let (tenant, key) = (Scope::Tenant(people.north), world.id::<()>().uuid());
    let ann = world.acting(people.ann, Scope::Account(people.ann));
    let service = Ctx::new(Actor::Service { key, organization: people.north }, tenant);
    let system = Ctx::new(Actor::System, Scope::Platform);
    let invitation = world.id::<()>().uuid();
    let guest = Ctx::new(Actor::Guest { invitation, organization: people.north }, tenant);
    let anonymous = Ctx::new(Actor::Anonymous, Scope::Identity);
    let expected = [
        (ann, "account", Some(people.ann.uuid()), None),
        (service, "service", Some(key), Some(people.north)),
        (guest, "guest", Some(invitation), Some(people.north)),
        (system, "system", None, None),
        (anonymous, "anonymous", None, None),
    ];
    for (ctx, kind, id, organization) in expected {
        let event = world.told(&ctx, world.new_change("report.ask")).await;
        assert_eq!((event.actor.kind.as_str(), event.actor.id), (kind, id));
        assert_eq!(event.actor.session.is_some(), kind == "account", "a person acts through a session");
        assert_eq!(event.organization, organization, "the organisation of {kind}");
        assert_eq!(event.address.is_some(), ctx.address.is_some());
    }
}

/// A change that must not tell who made it keeps neither actor nor address, session, request or route, and of the time
/// the hour alone, also in its id.
pub async fn unattributed_changes_keep_nobody(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let noon = world.now();
    world.pass(minutes(37));
    let ann = world.acting(people.ann, Scope::Tenant(people.north));
    let change = world.new_change("check_in.answer").plain("mood", &(), &4).unattributed();
    let event = world.told(&ann, change.clone()).await;
    assert_eq!(event.actor, EventActor { kind: WITHHELD.to_owned(), id: None, session: None });
    assert_eq!((&event.address, &event.origin), (&None, &RequestOrigin::default()));
    let hour = noon.unix_seconds() / 3600 * 3600;
    assert_eq!(
        (event.occurred_at.unix_seconds(), event.occurred_at.to_offset_date_time().nanosecond()),
        (hour, 0)
    );
    assert_eq!(event.id.uuid().get_version_num(), 4, "an ordered id would tell the time");
    assert_eq!((event.organization, event.target.id), (Some(people.north), Some(change.target.id)));
    assert_eq!(event.difference.as_str(), json!([{ "op": "add", "path": "/mood", "value": 4 }]).to_string());
    let canonical = event.canonical().expect("an event has a canonical form");
    let canonical = String::from_utf8(canonical).expect("it is text");
    let request: Uuid = ann.request.expect("Ann sends a request").0;
    for told in [people.ann.to_string(), request.to_string(), change.at.to_string()] {
        assert!(!canonical.contains(&told), "{told} is told in {canonical}");
    }
}

/// What is written reads back to the last octet: each leaf is the same however often, and whenever, it is computed.
pub async fn events_read_back_as_they_were_hashed(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let ann = world.acting(people.ann, Scope::Tenant(people.north));
    let odd = json!({ "ü": [1, 1.5, 1e21, 0.000_001, -0.0, null, true], "\u{1F980}": "\"\\\n\u{7f}\u{e000}", "a": {} });
    let change = world.new_change("report.ask").about(people.bob.uuid());
    let change = change.plain("odd", &odd, &json!([[], {}, "", 9_007_199_254_740_993_u64]));
    let change = change.personal("named", &"Ann", &"Änn").secret("pin");
    world.tell(&ann, [change]).await.expect("it can be recorded");
    world.pass(hours(1));
    world.tell(&ann, [world.new_change("report.ask").unattributed()]).await.expect("it can be recorded");
    let failed = world.new_denial("session.begin");
    storage.denials.record_denial(&ann, failed).await.expect("a denial can be recorded");
    let events = world.events().await;
    world.number(events.len() as u64).await;
    for entry in world.entries().await {
        let event = super::event_of(&entry);
        assert_eq!(event.leaf().expect("an event has a leaf"), entry.leaf.hash);
        assert!(events.contains(event), "the list and the log tell the same");
        let leaf = storage.ledger.leaf_of(event.id).await.expect("it can be asked");
        assert_eq!(leaf, Some(entry.leaf));
    }
}
