//! Rules of accounts, their data keys and administrators' settings.

use identity::{AccountStatus, unit::ACCOUNT_EMAIL};
use kernel::{Scope, StoreError};

use crate::{
    StorageUnderTest,
    aggregate::Aggregate,
    samples::{email, hash},
    world::World,
};

/// Keeps the filled aggregate, reads it back, then does the same with what it becomes.
pub(crate) async fn round_trip<A: Aggregate>(world: &World, filled: A, change: impl FnOnce(&A) -> A) {
    let first = world.keep(filled).await;
    let read = world.read(first.scope(), &first).await.expect("a saved aggregate is there");
    assert_eq!(read.shown(), first.shown(), "what was saved is what is read");
    assert!(read == first, "secrets too");
    let second = world.keep(change(&read)).await;
    let read = world.read(second.scope(), &second).await.expect("a changed aggregate is there");
    assert_eq!(read.shown(), second.shown(), "what was changed is what is read");
    assert!(read == second, "secrets too");
}

/// An account reads back as it was saved, at first, after every field changed, and when nothing personal is left.
pub async fn account_round_trip(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let ann = world.account_sample("Ann.Larsson@Example.org");
    round_trip(&world, ann.clone(), |account| world.changed_account(account)).await;
    let changed = world.read(Scope::Identity, &ann).await.expect("it is there");
    round_trip(&world, world.account_sample("bob@example.org"), |account| {
        let mut erased = account.clone();
        erased.erase(world.tick());
        assert_eq!(erased.status, AccountStatus::Erased);
        erased
    })
    .await;
    let untouched = world.read(Scope::Identity, &ann).await;
    assert_eq!(untouched, Some(changed), "another account's change leaves this one alone");
}

/// Two accounts cannot have one address, however it is written, at first or by a later change.
pub async fn email_is_unique_without_regard_to_case(storage: &StorageUnderTest) {
    let world = World::of(storage);
    world.account("Ann@Example.org").await;
    let mut second = world.account_sample("aNN@example.ORG");
    let duplicate = world.try_keep(Scope::Identity, &mut second).await;
    assert!(matches!(duplicate, Err(StoreError::Duplicate(ACCOUNT_EMAIL))), "a second gets {duplicate:?}");

    let mut bob = world.account("bob@example.org").await;
    bob.request_email_change(email("ANN@example.org"), true, world.tick());
    let mut bob = world.keep(bob).await;
    bob.confirm_email_change(world.tick()).expect("a change is pending");
    let duplicate = world.try_keep(Scope::Identity, &mut bob).await;
    assert!(matches!(duplicate, Err(StoreError::Duplicate(ACCOUNT_EMAIL))), "a change gets {duplicate:?}");
}

/// Two new accounts with one address in one unit are found at the second save.
pub async fn a_duplicate_within_one_unit_fails_it(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let mut unit = world.begin(Scope::Identity).await;
    unit.save_account(&mut world.account_sample("ann@example.org")).await.expect("the first can be saved");
    let second = unit.save_account(&mut world.account_sample("Ann@example.org")).await;
    assert!(matches!(second, Err(StoreError::Duplicate(ACCOUNT_EMAIL))), "the second gets {second:?}");
    let commit = unit.commit().await;
    assert!(matches!(commit, Err(StoreError::Failed)), "the commit gets {commit:?}");
}

/// An account is found by its address in any case, under the new one once it changed, and not once erased.
pub async fn accounts_are_found_by_address(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let mut ann = world.account("Ann@example.org").await;
    let find = async |address: &str| {
        let mut unit = world.begin(Scope::Identity).await;
        unit.account_by_email(&email(address)).await.expect("it can be read").map(|account| account.id)
    };
    assert_eq!(find("ANN@EXAMPLE.ORG").await, Some(ann.id));
    assert_eq!(find("anna@example.org").await, None);
    ann.request_email_change(email("anna@example.org"), true, world.tick());
    let mut ann = world.keep(ann).await;
    assert_eq!(find("anna@example.org").await, None, "a pending address is not the account's");
    ann.confirm_email_change(world.tick()).expect("a change is pending");
    let mut ann = world.keep(ann).await;
    assert_eq!((find("Anna@example.org").await, find("ann@example.org").await), (Some(ann.id), None));
    ann.erase(world.tick());
    world.keep(ann).await;
    assert_eq!(find("anna@example.org").await, None, "an erased account has no address");
    world.account("anna@example.org").await;
}

/// A data key is kept, can be wrapped anew, is bound to its account, and is gone once destroyed.
pub async fn a_destroyed_data_key_is_gone(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let read = async |account| {
        let mut unit = world.begin(Scope::Identity).await;
        unit.data_key(account).await.expect("it can be read")
    };
    assert_eq!(read(people.ann).await, None);
    for wrapped in [&b"wrapped once"[..], b"wrapped again"] {
        let mut unit = world.begin(Scope::Identity).await;
        unit.put_data_key(people.ann, wrapped).await.expect("it can be kept");
        assert_eq!(unit.data_key(people.ann).await.expect("it can be read").as_deref(), Some(wrapped));
        unit.commit().await.expect("it can be committed");
        assert_eq!(read(people.ann).await.as_deref(), Some(wrapped));
    }
    assert_eq!(read(people.bob).await, None, "a key belongs to one account");

    let mut unit = world.begin(Scope::Identity).await;
    unit.put_data_key(people.bob, b"bob's").await.expect("it can be kept");
    unit.destroy_data_key(people.ann).await.expect("it can be destroyed");
    assert_eq!(unit.data_key(people.ann).await.expect("it can be read"), None);
    drop(unit);
    assert!(read(people.ann).await.is_some(), "a dropped unit destroys nothing");
    let mut unit = world.begin(Scope::Identity).await;
    unit.put_data_key(people.bob, b"bob's").await.expect("it can be kept");
    unit.destroy_data_key(people.ann).await.expect("it can be destroyed");
    unit.commit().await.expect("it can be committed");
    assert_eq!(read(people.ann).await, None, "a destroyed key is gone");
    assert_eq!(read(people.bob).await.as_deref(), Some(&b"bob's"[..]), "another's is not");
}

/// A settings document reads back as it was saved, can be replaced and forgotten, and then begins anew.
pub async fn admin_settings_round_trip(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let sample = world.settings_sample(&people);
    round_trip(&world, sample.clone(), |document| {
        let mut other = document.clone();
        other.touch(world.tick());
        other
    })
    .await;
    let mut unit = world.begin(Scope::Identity).await;
    unit.forget_admin_settings(people.ann).await.expect("it can be forgotten");
    assert_eq!(sample.read(&mut *unit).await.expect("it can be read"), None);
    unit.commit().await.expect("it can be committed");
    assert_eq!(world.read(Scope::Identity, &sample).await, None, "a forgotten document is gone");
    assert_eq!(world.keep(sample).await.version(), 1, "a new one begins at version 1");
}

/// One account's changes of several kinds in one unit are kept together.
pub async fn changes_of_one_unit_are_kept_together(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let mut unit = world.begin(Scope::Identity).await;
    let mut ann = unit.account(people.ann).await.expect("it can be read").expect("it is there");
    ann.change_password(hash("new"), world.tick());
    unit.save_account(&mut ann).await.expect("it can be saved");
    let mut session = world.session_sample(&people);
    unit.save_session(&mut session).await.expect("it can be saved");
    unit.put_data_key(people.ann, b"key").await.expect("it can be kept");
    unit.commit().await.expect("it can be committed");

    let mut unit = world.begin(Scope::Identity).await;
    assert_eq!(unit.account(people.ann).await.expect("it can be read"), Some(ann));
    assert_eq!(unit.session(session.id).await.expect("it can be read"), Some(session));
    assert!(unit.data_key(people.ann).await.expect("it can be read").is_some());
}
