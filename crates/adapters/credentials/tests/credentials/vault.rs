//! The vault: what opens, and what must not.

use credentials::KeyVault;
use identity::credentials::Vault as _;
use kernel::{AccountId, PersonalKey, Place, Sealing as _, Unsealable};
use uuid::Uuid;

use crate::support::{id, line, vault};

const SECRET: &[u8] = b"12345678901234567890";
const TOTP: Place = Place { table: "totp-secret", row: None };

fn journal(row: u128) -> Place {
    Place::row("wellbeing.journals", Uuid::from_u128(row))
}

fn key(vault: &KeyVault, account: AccountId, wrapped: &[u8]) -> Box<dyn PersonalKey> {
    vault.personal_key(account, wrapped).expect("the key is the account's own")
}

#[test]
fn what_is_sealed_opens_for_its_account_and_place_alone() {
    let vault = vault(&line("k", 1));
    let (ann, bob): (AccountId, AccountId) = (id(1), id(2));
    let (anns, bobs) = (vault.new_data_key(ann), vault.new_data_key(bob));
    assert_eq!(vault.personal_key(bob, &anns).err(), Some(Unsealable), "a key is its account's");
    let another = key(&vault, ann, &vault.new_data_key(ann));
    let (anns, bobs) = (key(&vault, ann, &anns), key(&vault, bob, &bobs));
    let places = [TOTP, Place { table: "other", ..TOTP }, journal(1), journal(2)];
    for place in places {
        let sealed = anns.seal(place, SECRET);
        assert_eq!(anns.open(place, &sealed).unwrap(), SECRET);
        for other in places.into_iter().filter(|other| *other != place) {
            assert_eq!(anns.open(other, &sealed), Err(Unsealable), "{place:?} opens in {other:?}");
        }
        assert_eq!(bobs.open(place, &sealed), Err(Unsealable));
        assert_eq!(another.open(place, &sealed), Err(Unsealable));
        assert_eq!(vault.open(place.table, &sealed), Err(Unsealable));
    }
    assert_eq!(anns.open(TOTP, &vault.seal("totp-secret", SECRET)), Err(Unsealable));
}

/// Computed apart, by another program: the derivation of keys, the order of fields and the form of sealed bytes are
/// those of all that is stored.
#[test]
fn what_was_stored_opens() {
    let bytes = |hex: &str| -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect()
    };
    let vault = vault(&line("k", 1));
    let wrapped = bytes(concat!(
        "01016b0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0ad96abecddf3e9f1f03f74b1a0b09a3",
        "6aa1e91055effd315ccf54df39c8e1cbec249e77b0ce5f3dca9c181ae13d38c085",
    ));
    let key = key(&vault, id(1), &wrapped);
    let totp = concat!(
        "01000b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
        "572562a4b0618b61ac51e84f4efa139fd0e6c4ff23efeef33d141a9af5eb3f6fe8111d19",
    );
    assert_eq!(key.open(TOTP, &bytes(totp)).as_deref(), Ok(SECRET));
    let row = concat!(
        "01000b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
        "e87e88d76fda60712584dc884475b64dece23e88a3b42389dc5f7ba321cf5ea777bd2bf8",
    );
    assert_eq!(key.open(journal(2), &bytes(row)).as_deref(), Ok(SECRET));
    let global = concat!(
        "01016b0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c",
        "38197494e657ff174324a9f3dfb4ff87b98c1652d374c43cbc381c41e4e9c9986225c487",
    );
    assert_eq!(vault.open("signing-key", &bytes(global)).as_deref(), Ok(SECRET));
    let mac = bytes("2e422dddc3d366e8305d33ead9055ca934fa07655c0ee68cc03b25032775bafb");
    assert!(vault.verify_mac("refresh-token", b"message", &mac));
}

#[test]
fn a_personal_key_shows_nothing_of_itself() {
    let vault = vault(&line("k", 1));
    assert_eq!(format!("{:?}", key(&vault, id(1), &vault.new_data_key(id(1)))), "PersonalKey");
}

#[test]
fn the_same_is_never_sealed_the_same_way() {
    let vault = vault(&line("k", 1));
    assert_ne!(vault.seal("x", SECRET), vault.seal("x", SECRET));
    let wrapped = vault.new_data_key(id(1));
    assert_ne!(vault.new_data_key(id(1)), wrapped);
    let key = key(&vault, id(1), &wrapped);
    assert_ne!(key.seal(TOTP, SECRET), key.seal(TOTP, SECRET));
}

#[test]
fn no_bit_can_be_flipped_and_no_byte_cut_off() {
    let vault = vault(&line("k", 1));
    let ann = id(1);
    let data_key = vault.new_data_key(ann);
    let sealed = key(&vault, ann, &data_key).seal(TOTP, SECRET);
    let global = vault.seal("totp", SECRET);
    let opens = |data_key: &[u8], sealed: &[u8], global: &[u8]| {
        let personal = vault.personal_key(ann, data_key).and_then(|key| key.open(TOTP, sealed));
        [personal.is_ok(), vault.open("totp", global).is_ok()]
    };
    assert_eq!(opens(&data_key, &sealed, &global), [true, true]);
    let altered = |bytes: &[u8]| -> Vec<Vec<u8>> {
        let flipped = (0..bytes.len() * 8).map(|bit| {
            let mut bytes = bytes.to_vec();
            bytes[bit / 8] ^= 1 << (bit % 8);
            bytes
        });
        flipped.chain((0..bytes.len()).map(|length| bytes[..length].to_vec())).collect()
    };
    for data_key in altered(&data_key) {
        assert_eq!(opens(&data_key, &sealed, &global), [false, true]);
    }
    for sealed in altered(&sealed) {
        assert_eq!(opens(&data_key, &sealed, &global), [false, true]);
    }
    for global in altered(&global) {
        assert_eq!(opens(&data_key, &sealed, &global), [true, false]);
    }
}

#[test]
fn a_new_key_encryption_key_leaves_old_data_readable_and_a_lost_one_does_not() {
    let old = vault(&line("old", 1));
    let ann = id(1);
    let data_key = old.new_data_key(ann);
    let sealed = key(&old, ann, &data_key).seal(TOTP, SECRET);
    let global = old.seal("signing-key", SECRET);
    let mac = old.mac("refresh", b"message");

    let rotated = vault(&(line("new", 2) + &line("old", 1)));
    assert_eq!(key(&rotated, ann, &data_key).open(TOTP, &sealed).unwrap(), SECRET);
    assert_eq!(rotated.open("signing-key", &global).unwrap(), SECRET);
    assert!(rotated.verify_mac("refresh", b"message", &mac));
    let since = rotated.seal("signing-key", SECRET);
    assert_ne!(rotated.mac("refresh", b"message"), mac);

    for lost in [vault(&line("new", 2)), vault(&line("old", 3))] {
        assert_eq!(lost.personal_key(ann, &data_key).err(), Some(Unsealable));
        assert_eq!(lost.open("signing-key", &global), Err(Unsealable));
        assert!(!lost.verify_mac("refresh", b"message", &mac));
    }
    assert_eq!(vault(&line("new", 2)).open("signing-key", &since).unwrap(), SECRET);
    assert_eq!(old.open("signing-key", &since), Err(Unsealable));
}

#[test]
fn what_an_older_key_sealed_is_sealed_anew_and_opens_without_it() {
    let sealed = vault(&line("old", 1)).seal("purpose", SECRET);
    let both = vault(&(line("new", 2) + &line("old", 1)));
    assert_eq!(both.reseal("other", &sealed), Err(Unsealable), "it is for one purpose");
    let anew = both.reseal("purpose", &sealed).unwrap().unwrap();
    assert_eq!(vault(&line("new", 2)).open("purpose", &anew).unwrap(), SECRET);
    assert_eq!(both.reseal("purpose", &anew), Ok(None), "it is under the first key");
    let mut altered = anew;
    *altered.last_mut().unwrap() ^= 1;
    for unsealable in [&altered, &sealed[1..].to_vec()] {
        assert_eq!(both.reseal("purpose", unsealable), Err(Unsealable));
    }
    assert_eq!(vault(&line("new", 2)).reseal("purpose", &sealed), Err(Unsealable), "its key is gone");
}

#[test]
fn a_mac_is_of_one_message_for_one_purpose() {
    let vault = vault(&line("k", 1));
    let mac = vault.mac("refresh", b"message");
    assert!(vault.verify_mac("refresh", b"message", &mac));
    assert!(!vault.verify_mac("refresh", b"massage", &mac));
    assert!(!vault.verify_mac("device", b"message", &mac));
    assert!(!vault.verify_mac("refresh", b"message", &mac[..31]));
    assert!(!vault.verify_mac("refresh", b"message", &[]));
    for bit in 0..256 {
        let mut flipped = mac;
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(!vault.verify_mac("refresh", b"message", &flipped));
    }
}
