//! Rules of signing keys.

use identity::credentials::SigningKeyRecord;
use kernel::Timestamp;
use serde_json::json;

use crate::{
    StorageUnderTest,
    world::{World, hours},
};

fn key(kid: &str, now: Timestamp) -> SigningKeyRecord {
    SigningKeyRecord {
        kid: kid.to_owned(),
        sealed_private_key: vec![0, 255, 1],
        public_jwk: json!({ "kty": "EC", "crv": "P-256", "kid": kid }),
        signs_from: now.plus(hours(1)),
        verifies_until: None,
        created_at: now,
    }
}

async fn keys(storage: &StorageUnderTest, now: Timestamp) -> Vec<SigningKeyRecord> {
    storage.signing_keys.signing_keys(now).await.expect("keys can be read")
}

/// Adds a key; the others verify for two more hours.
async fn add(storage: &StorageUnderTest, key: &SigningKeyRecord, only_if_none: bool) {
    let until = key.created_at.plus(hours(2));
    storage.signing_keys.add_signing_key(key, until, only_if_none).await.expect("a key can be added");
}

/// A new key reads back as it was added; the one before verifies until the time given, and is then gone.
pub async fn a_new_key_ends_the_one_before(storage: &StorageUnderTest) {
    let world = World::of(storage);
    assert!(keys(storage, world.now()).await.is_empty());
    let first = key("first", world.now());
    add(storage, &first, false).await;
    assert_eq!(keys(storage, world.now()).await, std::slice::from_ref(&first));
    let second = key("second", world.pass(hours(3)));
    add(storage, &second, false).await;
    let until = world.now().plus(hours(2));
    let ending = SigningKeyRecord { verifies_until: Some(until), ..first };
    assert_eq!(keys(storage, world.now()).await, [ending, second.clone()], "oldest first");
    assert_eq!(keys(storage, until).await, [second], "at its end a key verifies no more");
}

/// A key that is ending already keeps its end when another is added.
pub async fn an_end_is_not_put_off(storage: &StorageUnderTest) {
    let world = World::of(storage);
    add(storage, &key("first", world.now()), false).await;
    add(storage, &key("second", world.pass(hours(1))), false).await;
    let first_until = world.now().plus(hours(2));
    add(storage, &key("third", world.pass(hours(1))), false).await;
    let kept = keys(storage, world.now()).await;
    let ends: Vec<_> = kept.iter().map(|key| (key.kid.as_str(), key.verifies_until)).collect();
    assert_eq!(
        ends,
        [("first", Some(first_until)), ("second", Some(world.now().plus(hours(2)))), ("third", None)]
    );
}

/// Keys past their end are deleted when another is added: their names are free.
pub async fn keys_past_their_end_are_deleted(storage: &StorageUnderTest) {
    let world = World::of(storage);
    add(storage, &key("first", world.now()), false).await;
    add(storage, &key("second", world.pass(hours(1))), false).await;
    world.pass(hours(3));
    add(storage, &key("third", world.now()), false).await;
    let all: Vec<_> = keys(storage, Timestamp::EPOCH).await.into_iter().map(|key| key.kid).collect();
    assert_eq!(all, ["second", "third"], "the first is deleted, whatever time is asked for");
}

/// Of many processes that start at once and want a first key, one adds it.
pub async fn a_first_key_is_added_once(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..20 {
        let (storage, key) = (storage.clone(), key(&format!("key-{n}"), world.now()));
        tasks.spawn(async move { add(&storage, &key, true).await });
    }
    tasks.join_all().await;
    let first = keys(storage, world.now()).await;
    assert_eq!(first.len(), 1, "there is one first key");
    add(storage, &key("late", world.tick()), true).await;
    assert_eq!(keys(storage, world.now()).await, first, "a later one changes nothing");
}
