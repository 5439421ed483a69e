//! Sealing for the audit trail: what opens, and what must not.

use audit::sealing::Sealer as _;
use identity::credentials::Vault as _;
use kernel::{AccountId, Unsealable};
use uuid::Uuid;

use crate::support::{id, line, vault};

const PLAIN: &[u8] = b"203.0.113.7";
const SEED: [u8; 32] = [7; 32];

fn key(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

#[test]
fn what_is_sealed_opens_under_its_own_key_and_context_alone() {
    let vault = vault(&line("k", 1));
    let (one, two) = (key(1), key(2));
    let (first, second) = (vault.new_key(one), vault.new_key(two));
    let sealed = vault.seal(one, &first, "address of 1", PLAIN).unwrap();
    assert_eq!(vault.open(one, &first, "address of 1", &sealed).unwrap(), PLAIN);

    assert_eq!(vault.open(one, &first, "address of 2", &sealed), Err(Unsealable));
    assert_eq!(vault.open(two, &second, "address of 1", &sealed), Err(Unsealable));
    assert_eq!(vault.open(one, &second, "address of 1", &sealed), Err(Unsealable));
    assert_eq!(vault.open(two, &first, "address of 1", &sealed), Err(Unsealable));
    assert_eq!(vault.open(one, &vault.new_key(one), "address of 1", &sealed), Err(Unsealable));
    assert_eq!(vault.seal(two, &first, "address of 1", PLAIN), Err(Unsealable));
}

#[test]
fn keys_of_the_trail_and_data_keys_of_accounts_do_not_pass_for_one_another() {
    let vault = vault(&line("k", 1));
    let (account, key): (AccountId, Uuid) = (id(1), key(1));
    let data_key = vault.new_data_key(account);
    let trail_key = vault.new_key(key);
    assert_eq!(vault.seal(key, &data_key, "x", PLAIN), Err(Unsealable));
    assert!(vault.personal_key(account, &trail_key).is_err());
    let global = kernel::Sealing::seal(&vault, "x", &SEED);
    assert_eq!(vault.open_seed(&global), Err(Unsealable));
}

#[test]
fn no_bit_can_be_flipped_and_no_byte_cut_off() {
    let vault = vault(&line("k", 1));
    let wrapped = vault.new_key(key(1));
    let sealed = vault.seal(key(1), &wrapped, "x", PLAIN).unwrap();
    let seed = vault.seal_seed(&SEED);
    let altered = |bytes: &[u8]| -> Vec<Vec<u8>> {
        let flipped = (0..bytes.len() * 8).map(|bit| {
            let mut bytes = bytes.to_vec();
            bytes[bit / 8] ^= 1 << (bit % 8);
            bytes
        });
        flipped.chain((0..bytes.len()).map(|length| bytes[..length].to_vec())).collect()
    };
    for wrapped in altered(&wrapped) {
        assert_eq!(vault.open(key(1), &wrapped, "x", &sealed), Err(Unsealable));
    }
    for sealed in altered(&sealed) {
        assert_eq!(vault.open(key(1), &wrapped, "x", &sealed), Err(Unsealable));
    }
    for seed in altered(&seed) {
        assert_eq!(vault.open_seed(&seed), Err(Unsealable));
    }
    assert_eq!(vault.open_seed(&seed), Ok(SEED));
}

#[test]
fn a_new_key_encryption_key_leaves_the_trail_readable_and_a_lost_one_does_not() {
    let old = vault(&line("old", 1));
    let wrapped = old.new_key(key(1));
    let sealed = old.seal(key(1), &wrapped, "x", PLAIN).unwrap();
    let seed = old.seal_seed(&SEED);

    let rotated = vault(&(line("new", 2) + &line("old", 1)));
    assert_eq!(rotated.open(key(1), &wrapped, "x", &sealed).unwrap(), PLAIN);
    assert_eq!(rotated.open_seed(&seed), Ok(SEED));
    let since = rotated.seal(key(1), &wrapped, "y", PLAIN).unwrap();
    assert_eq!(old.open(key(1), &wrapped, "y", &since).unwrap(), PLAIN, "the key is the old one's still");
    assert!(old.seal(key(2), &rotated.new_key(key(2)), "y", PLAIN).is_err());

    let lost = vault(&line("new", 2));
    assert_eq!(lost.open(key(1), &wrapped, "x", &sealed), Err(Unsealable));
    assert_eq!(lost.open_seed(&seed), Err(Unsealable));
}
