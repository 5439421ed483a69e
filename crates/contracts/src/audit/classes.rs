//! What is kept of a difference, by the class of each field.

use kernel::{Change, Recorded as _, Scope, Target};
use serde_json::{Value, json};

use crate::{
    StorageUnderTest,
    fixture::ClearSealer,
    outbox::take,
    world::{World, ctx},
};

/// Plain fields stand in the difference, a JSON Patch that tests what it replaces; personal ones are sealed for the
/// person they are about; of secret ones the path alone is kept.
pub async fn a_difference_is_kept_by_class(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let mut account = world.account("ann@example.org").await;
    let target = Target::new("account", account.id);
    let change = Change::new("account.edit", target, world.tick())
        .about(account.id.uuid())
        .plain("status", &"active", &"suspended")
        .plain("epoch", &(), &7)
        .plain("tags", &["a", "b"], &())
        .personal("full_name", &"Ann Ångström", &"Ann \"von\" Ångström")
        .personal("phone", &(), &"+46 8 123")
        .secret("password_hash");
    account.changes().record(change);
    let account = world.keep(account).await;
    let event = world.newest_on(account.id.uuid()).await;

    assert_eq!(event.subject, Some(account.id.uuid()));
    let difference: Value = serde_json::from_str(event.difference.as_str()).expect("a difference is JSON");
    let plain = json!([
        { "op": "test", "path": "/status", "value": "active" },
        { "op": "replace", "path": "/status", "value": "suspended" },
        { "op": "add", "path": "/epoch", "value": 7 },
        { "op": "test", "path": "/tags", "value": ["a", "b"] },
        { "op": "remove", "path": "/tags" },
    ]);
    assert_eq!(difference, plain);
    let personal = json!([
        { "op": "test", "path": "/full_name", "value": "Ann Ångström" },
        { "op": "replace", "path": "/full_name", "value": "Ann \"von\" Ångström" },
        { "op": "add", "path": "/phone", "value": "+46 8 123" },
    ]);
    assert_eq!(world.personal(&event).await, Some(personal));
    assert_eq!(event.secrets, ["/password_hash"]);

    let sealed = event.personal.as_ref().expect("it is sealed");
    let keys = storage.events.subject_keys(&[sealed.key]).await.expect("keys can be read");
    assert_eq!(keys[0].subject, Some(account.id.uuid()), "the key is that of the person it is about");
    let canonical = event.canonical().expect("an event has a canonical form");
    let canonical = String::from_utf8(canonical).expect("it is text");
    for hidden in ["Ångström", "+46", "canary"] {
        assert!(!canonical.contains(hidden), "{hidden} is in {canonical}");
    }
}

/// What happens without a difference has an empty one, and nothing sealed.
pub async fn nothing_is_sealed_where_nothing_is_personal(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let event = world.told(&ctx(Scope::Identity), world.new_change("report.ask")).await;
    assert_eq!((event.difference.as_str(), event.secrets.len()), ("[]", 0));
    assert_eq!((&event.personal, &event.address, event.subject), (&None, &None, None));
}

/// A change whose event cannot be written is not made.
pub async fn what_cannot_be_recorded_is_not_done(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let mut account = world.account_sample("ann@example.org");
    let unsealable = world.renames(account.id, ClearSealer::UNSEALABLE);
    account.changes().record(unsealable);
    let kept = world.try_keep(Scope::Identity, &mut account).await;
    assert!(kept.is_err(), "an event that cannot be sealed fails its unit");
    assert_eq!(world.read(Scope::Identity, &account).await, None, "nothing of the unit is left");
    assert!(world.events().await.is_empty());
    let told = take(storage, world.now(), 10).await;
    assert!(told.is_empty(), "and nobody is told: {told:?}");
}
