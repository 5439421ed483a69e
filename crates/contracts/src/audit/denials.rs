//! Attempts that came to nothing.

use audit::event::{EventActor, EventTarget, SCHEMA};
use kernel::{Actor, Ctx, Denial, Outcome, Scope};

use super::actions;
use crate::{
    StorageUnderTest,
    outbox::take,
    world::{World, ctx},
};

/// A denial is kept although the unit it happened in is undone, and it is all that is kept.
pub async fn a_denial_survives_alone(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let mut unit = world.begin(Scope::Identity).await;
    unit.save_account(&mut world.account_sample("ann@example.org")).await.expect("it can be saved");
    let failed =
        storage.denials.record_denial(&ctx(Scope::Identity), world.new_denial("session.begin")).await;
    failed.expect("a denial can be recorded");
    assert_eq!(actions(&world.events().await), ["session.begin"], "it is there at once");
    drop(unit);
    assert_eq!(actions(&world.events().await), ["session.begin"], "and stays");
    let told = take(storage, world.now(), 10).await;
    assert!(told.is_empty(), "nobody reacts to what was not done: {told:?}");
}

/// A denial tells who tried what on what and why not; the address is that of whoever tried,
/// and nobody's where they are unknown.
pub async fn a_denial_is_kept_whole(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let before = world.events().await.len();
    let anybody = Ctx { actor: Actor::Anonymous, ..world.acting(people.ann, Scope::Identity) };
    let on_bob = Denial {
        target: Some(people.bob.uuid()),
        subject: Some(people.bob.uuid()),
        ..world.new_denial("session.begin")
    };
    let ann = world.acting(people.ann, Scope::Tenant(people.north));
    let denied = Denial {
        outcome: Outcome::Denied,
        reason: "access.denied",
        target_kind: "organization",
        target: Some(people.north.uuid()),
        organization: Some(people.north),
        ..world.new_denial("organization.close")
    };
    let unknown = world.new_denial("session.begin");
    for (ctx, denial) in [(&anybody, &on_bob), (&ann, &denied), (&anybody, &unknown)] {
        storage.denials.record_denial(ctx, denial.clone()).await.expect("a denial can be recorded");
    }
    let left = world.events().await.split_off(before);
    assert_eq!(left.len(), 3);
    let expected =
        [(&on_bob, &anybody, None), (&denied, &ann, Some(people.ann.uuid())), (&unknown, &anybody, None)];
    for (event, (denial, ctx, owner)) in left.iter().zip(expected) {
        assert_eq!((event.action.as_str(), event.outcome), (denial.action, denial.outcome));
        assert_eq!(event.reason.as_deref(), Some(denial.reason));
        let target = EventTarget { kind: denial.target_kind.to_owned(), id: denial.target, version: None };
        assert_eq!((&event.target, event.occurred_at), (&target, denial.at));
        assert_eq!((event.organization, event.subject), (denial.organization, denial.subject));
        assert_eq!(event.origin.request, ctx.request.map(|request| request.0));
        assert_eq!(event.origin.route, ctx.route.as_deref().map(str::to_owned));
        assert_eq!((event.difference.as_str(), event.schema), ("[]", SCHEMA));
        let sealed = event.address.as_ref().expect("the address is kept");
        let keys = storage.events.subject_keys(&[sealed.key]).await.expect("keys can be read");
        assert_eq!(keys.first().map(|key| key.subject), Some(owner), "whose address it is");
        assert_eq!(world.address(event).await.as_deref(), Some("203.0.113.7"));
    }
    assert_eq!(left[0].actor, EventActor { kind: "anonymous".to_owned(), id: None, session: None });
    assert_eq!((left[1].actor.kind.as_str(), left[1].actor.id), ("account", Some(people.ann.uuid())));
}

/// A storm of failed attempts makes one key an hour, not one each.
pub async fn denials_share_a_key(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let anybody = Ctx { actor: Actor::Anonymous, ..world.acting(world.id(), Scope::Identity) };
    for _ in 0..3 {
        let failed = storage.denials.record_denial(&anybody, world.new_denial("session.begin")).await;
        failed.expect("a denial can be recorded");
    }
    let events = world.events().await;
    let mut keys: Vec<_> = events.iter().filter_map(|event| Some(event.address.as_ref()?.key)).collect();
    assert_eq!(keys.len(), 3);
    keys.dedup();
    assert_eq!(keys.len(), 1, "the key of the first serves the others");
    for event in &events {
        assert!(world.address(event).await.is_some());
    }
}

/// Whatever scope something was tried in, the attempt is kept; it belongs to the organisation it names, or to none.
pub async fn every_scope_can_be_denied(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let scopes = [
        Scope::Identity,
        Scope::Platform,
        Scope::Worker,
        Scope::Account(people.bob),
        Scope::Tenant(people.north),
    ];
    let before = world.events().await.len();
    let mut expected = Vec::new();
    for scope in scopes {
        for organization in [None, Some(people.north), Some(people.south)] {
            let denial = Denial { organization, ..world.new_denial("organization.view") };
            storage.denials.record_denial(&ctx(scope), denial).await.expect("a denial can be recorded");
            expected.push(organization);
        }
    }
    let left = world.events().await.split_off(before);
    let organizations: Vec<_> = left.iter().map(|event| event.organization).collect();
    assert_eq!(organizations, expected);
}
