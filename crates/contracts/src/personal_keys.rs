//! Rules of people's data keys as other domains are given them.

use std::sync::Arc;

use identity::{credentials::Vault as _, personal_keys::IdentityPersonalKeys};
use kernel::{AccountId, PersonalKey, PersonalKeys as _, Place, Scope, StoreError};

use crate::{StorageUnderTest, fixture::ClearSealer, world::World};

/// Puts a wrapped key in place, as registration does.
async fn put(world: &World, account: AccountId, wrapped: &[u8]) {
    let mut unit = world.begin(Scope::Identity).await;
    unit.put_data_key(account, wrapped).await.expect("a key can be kept");
    unit.commit().await.expect("it can be committed");
}

async fn key(
    storage: &StorageUnderTest,
    account: AccountId,
) -> Result<Option<Box<dyn PersonalKey>>, StoreError> {
    IdentityPersonalKeys::new(storage.store.clone(), Arc::new(ClearSealer)).key(account).await
}

/// Each account's key seals for one place of its own, and is given until it is destroyed; nobody unknown has one, and
/// another account's never passes for it.
pub async fn a_key_is_one_accounts_until_it_is_destroyed(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    for account in [people.ann, people.bob] {
        put(&world, account, &ClearSealer.new_data_key(account)).await;
    }
    let given = async |account| key(storage, account).await.expect("it can be read");
    let (anns, bobs) = (given(people.ann).await, given(people.bob).await);
    let (anns, bobs) = (anns.expect("it is there"), bobs.expect("it is there"));
    let [here, there] = [1, 2].map(|_| Place::row("wellbeing.journals", world.id::<()>().uuid()));
    let sealed = anns.seal(here, b"a long day");
    assert_eq!(anns.open(here, &sealed).as_deref(), Ok(&b"a long day"[..]));
    assert!(anns.open(there, &sealed).is_err(), "another row");
    assert!(bobs.open(here, &sealed).is_err(), "another account");
    assert!(given(world.id()).await.is_none(), "an unknown account");

    let mut unit = world.begin(Scope::Identity).await;
    unit.destroy_data_key(people.ann).await.expect("it can be destroyed");
    unit.commit().await.expect("it can be committed");
    assert!(given(people.ann).await.is_none(), "an erased account");
    assert!(given(people.bob).await.is_some());

    put(&world, people.bob, &ClearSealer.new_data_key(people.ann)).await;
    let mistaken = key(storage, people.bob).await;
    assert!(matches!(mistaken, Err(StoreError::Fault(_))), "another's key gets {mistaken:?}");
}

/// A key that was wrapped anew, since the key-encryption key changed, opens what it sealed before.
pub async fn a_key_wrapped_anew_opens_what_it_sealed(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let given = async || key(storage, people.ann).await.expect("it can be read").expect("it is there");
    let place = Place { table: "totp-secret", row: None };
    put(&world, people.ann, &ClearSealer.new_data_key(people.ann)).await;
    let sealed = given().await.seal(place, b"secret");
    put(&world, people.ann, &ClearSealer::wrapped_anew(people.ann)).await;
    assert_eq!(given().await.open(place, &sealed).as_deref(), Ok(&b"secret"[..]));
}
