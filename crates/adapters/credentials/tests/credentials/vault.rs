//! The vault: what opens, and what must not.

use identity::credentials::{Unsealable, Vault as _};
use kernel::AccountId;

use crate::support::{id, line, vault};

const SECRET: &[u8] = b"12345678901234567890";

#[test]
fn what_is_sealed_opens_for_its_account_and_purpose_alone() {
    let vault = vault(&line("k", 1));
    let (ann, bob): (AccountId, AccountId) = (id(1), id(2));
    let (anns, bobs) = (vault.new_data_key(ann), vault.new_data_key(bob));
    let sealed = vault.seal(ann, &anns, "totp", SECRET).unwrap();
    assert_eq!(vault.open(ann, &anns, "totp", &sealed).unwrap(), SECRET);

    assert_eq!(vault.open(ann, &anns, "other", &sealed), Err(Unsealable));
    assert_eq!(vault.open(bob, &anns, "totp", &sealed), Err(Unsealable));
    assert_eq!(vault.open(bob, &bobs, "totp", &sealed), Err(Unsealable));
    assert_eq!(vault.open(ann, &bobs, "totp", &sealed), Err(Unsealable));
    assert_eq!(vault.open(ann, &vault.new_data_key(ann), "totp", &sealed), Err(Unsealable));
    assert_eq!(vault.seal(bob, &anns, "totp", SECRET), Err(Unsealable));
    assert_eq!(vault.open(ann, &anns, "totp", &vault.seal_global("totp", SECRET)), Err(Unsealable));
    assert_eq!(vault.open_global("totp", &sealed), Err(Unsealable));
}

#[test]
fn the_same_is_never_sealed_the_same_way() {
    let vault = vault(&line("k", 1));
    assert_ne!(vault.seal_global("x", SECRET), vault.seal_global("x", SECRET));
    assert_ne!(vault.new_data_key(id(1)), vault.new_data_key(id(1)));
}

#[test]
fn no_bit_can_be_flipped_and_no_byte_cut_off() {
    let vault = vault(&line("k", 1));
    let ann = id(1);
    let data_key = vault.new_data_key(ann);
    let sealed = vault.seal(ann, &data_key, "totp", SECRET).unwrap();
    let global = vault.seal_global("totp", SECRET);
    let opens = |data_key: &[u8], sealed: &[u8], global: &[u8]| {
        [vault.open(ann, data_key, "totp", sealed).is_ok(), vault.open_global("totp", global).is_ok()]
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
    let sealed = old.seal(ann, &data_key, "totp", SECRET).unwrap();
    let global = old.seal_global("signing-key", SECRET);
    let mac = old.mac("refresh", b"message");

    let rotated = vault(&(line("new", 2) + &line("old", 1)));
    assert_eq!(rotated.open(ann, &data_key, "totp", &sealed).unwrap(), SECRET);
    assert_eq!(rotated.open_global("signing-key", &global).unwrap(), SECRET);
    assert!(rotated.verify_mac("refresh", b"message", &mac));
    let since = rotated.seal_global("signing-key", SECRET);
    assert_ne!(rotated.mac("refresh", b"message"), mac);

    for lost in [vault(&line("new", 2)), vault(&line("old", 3))] {
        assert_eq!(lost.open(ann, &data_key, "totp", &sealed), Err(Unsealable));
        assert_eq!(lost.open_global("signing-key", &global), Err(Unsealable));
        assert!(!lost.verify_mac("refresh", b"message", &mac));
    }
    assert_eq!(vault(&line("new", 2)).open_global("signing-key", &since).unwrap(), SECRET);
    assert_eq!(old.open_global("signing-key", &since), Err(Unsealable));
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
