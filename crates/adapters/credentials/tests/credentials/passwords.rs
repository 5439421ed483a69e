//! Password hashing: peppers, parameters, tampering, load.

use std::{sync::Arc, time::Duration};

use credentials::{Argon2Hasher, Cost, HashingSettings, KeyEncryptionKeys, Pepper};
use identity::{
    account::PasswordHash,
    credentials::{HashingError, PasswordHasher as _, Verified},
};
use kernel::Secret;

use crate::support::line;

const RIGHT: Verified = Verified { matches: true, outdated: false };
const OUTDATED: Verified = Verified { matches: true, outdated: true };
const WRONG: Verified = Verified { matches: false, outdated: false };

fn password() -> Secret {
    Secret::new("correct horse battery staple")
}

fn pepper(id: &str, byte: u8) -> Pepper {
    Pepper::new(id, vec![byte; 32]).unwrap()
}

fn hasher(peppers: &[Pepper]) -> Argon2Hasher {
    Argon2Hasher::new(HashingSettings { peppers: peppers.to_vec(), ..HashingSettings::for_tests() }).unwrap()
}

#[tokio::test]
async fn a_password_matches_its_own_hash_alone() {
    let hasher = hasher(&[pepper("p1", 1)]);
    let hash = hasher.hash(&password()).await.unwrap();
    // `cDE` is `p1` in Base64.
    assert!(hash.0.starts_with("$argon2id$v=19$m=8,t=1,p=1,keyid=cDE$"), "{}", hash.0);
    let salt = hash.0.split('$').nth(4).unwrap();
    assert_eq!(salt.len(), 22, "16 bytes of salt");
    assert_ne!(hash, hasher.hash(&password()).await.unwrap());

    assert_eq!(hasher.verify(&password(), Some(&hash)).await, Ok(RIGHT));
    for wrong in ["", "Correct horse battery staple", "correct horse battery staple "] {
        assert_eq!(hasher.verify(&Secret::new(wrong), Some(&hash)).await, Ok(WRONG), "{wrong}");
    }
}

#[tokio::test]
async fn without_a_hash_nothing_matches_not_even_the_decoys_password() {
    let hasher = hasher(&[]);
    for guess in ["", "decoy", "correct horse battery staple"] {
        assert_eq!(hasher.verify(&Secret::new(guess), None).await, Ok(WRONG));
    }
}

#[tokio::test]
async fn peppers_rotate() {
    let (old, new) = (pepper("old", 1), pepper("new", 2));
    let bare = hasher(&[]).hash(&password()).await.unwrap();
    let hash = hasher(std::slice::from_ref(&old)).hash(&password()).await.unwrap();

    let rotated = hasher(&[new.clone(), old]);
    assert_eq!(rotated.verify(&password(), Some(&hash)).await, Ok(OUTDATED));
    assert_eq!(rotated.verify(&password(), Some(&bare)).await, Ok(OUTDATED));
    let rewritten = rotated.hash(&password()).await.unwrap();
    assert_eq!(rotated.verify(&password(), Some(&rewritten)).await, Ok(RIGHT));

    let without_old = hasher(&[new]);
    let refused = without_old.verify(&password(), Some(&hash)).await;
    assert_eq!(refused, Err(HashingError::Fault("pepper \"old\" of a stored hash is not configured".into())));
    let same_name = hasher(&[pepper("old", 9)]);
    assert_eq!(same_name.verify(&password(), Some(&hash)).await, Ok(WRONG), "another secret, another hash");
}

#[tokio::test]
async fn peppers_come_from_the_key_encryption_keys() {
    let keys = |file: &str| KeyEncryptionKeys::parse(file).unwrap().peppers();
    let hash = hasher(&keys(&line("k1", 1))).hash(&password()).await.unwrap();
    let rotated = hasher(&keys(&(line("k2", 2) + &line("k1", 1))));
    assert_eq!(rotated.verify(&password(), Some(&hash)).await, Ok(OUTDATED));
}

#[tokio::test]
async fn a_hash_of_other_cost_is_outdated() {
    let today = hasher(&[]);
    let hash = today.hash(&password()).await.unwrap();
    let cost = Cost::new(7_168, 5, 1).unwrap();
    let dearer = Argon2Hasher::new(HashingSettings { cost, ..HashingSettings::for_tests() }).unwrap();
    assert_eq!(dearer.verify(&password(), Some(&hash)).await, Ok(OUTDATED));
    let dear = dearer.hash(&password()).await.unwrap();
    assert_eq!(today.verify(&password(), Some(&dear)).await, Ok(OUTDATED));
    let wrong = dearer.verify(&Secret::new("wrong"), Some(&hash)).await;
    assert_eq!(wrong, Ok(Verified { matches: false, outdated: true }));
}

#[tokio::test]
async fn tampered_and_costly_hashes_are_faults_before_anything_is_computed() {
    let hasher = hasher(&[]);
    let PasswordHash(hash) = hasher.hash(&password()).await.unwrap();
    let (head, output) = hash.rsplit_once('$').unwrap();
    let change = |from: &str, to: &str| {
        let changed = hash.replacen(from, to, 1);
        assert_ne!(changed, hash, "{from} is there to be changed");
        changed
    };
    for broken in [
        String::new(),
        "password".into(),
        "*".into(),
        head.into(),
        format!("{head}${}", &output[..20]),
        format!("{hash}!"),
        change("argon2id", "argon2i"),
        change("argon2id", "argon2d"),
        change("argon2id", "scrypt"),
        change("v=19", "v=16"),
        change("v=19$", ""),
        change("m=8", "m=262145"),
        change("m=8", "m=4294967295"),
        change("m=8", "m=4294967296"),
        change("m=8", "m=7"),
        change("m=8,", ""),
        change("t=1", "t=11"),
        change("t=1", "t=0"),
        change("p=1", "p=5"),
        change("p=1", "p=0"),
        change("p=1", "p=1,data=AAAA"),
        change("p=1", "p=1,x=1"),
        change("p=1", "p=1,keyid=c3RyYW5nZQ"),
    ] {
        let result = hasher.verify(&password(), Some(&PasswordHash(broken.clone()))).await;
        assert!(matches!(result, Err(HashingError::Fault(_))), "{broken}: {result:?}");
    }
    let salt = hash.split('$').nth(4).unwrap();
    let reversed: String = salt.chars().rev().collect();
    let others =
        [change("t=1", "t=2"), change("m=8", "m=16"), change(salt, &reversed.replace(['+', '/'], "A"))];
    for other in others {
        let result = hasher.verify(&password(), Some(&PasswordHash(other.clone()))).await;
        // A reversed salt may end in bits to spare, which is a fault; it never matches.
        assert!(!matches!(result, Ok(Verified { matches: true, .. })), "{other}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_sign_ins_is_told_to_come_back() {
    let settings = HashingSettings {
        cost: Cost::default(),
        permits: 1,
        queue_timeout: Duration::from_millis(1),
        peppers: Vec::new(),
    };
    let hasher = Arc::new(Argon2Hasher::new(settings).unwrap());
    let attempts: Vec<_> = (0..8)
        .map(|_| {
            let hasher = Arc::clone(&hasher);
            tokio::spawn(async move { hasher.hash(&password()).await })
        })
        .collect();
    let mut done = 0;
    for attempt in attempts {
        match attempt.await.unwrap() {
            Ok(_) => done += 1,
            Err(refused) => assert_eq!(refused, HashingError::Busy { retry_after: 1 }),
        }
    }
    assert!((1..8).contains(&done), "{done} of 8 were hashed");
}

#[tokio::test]
async fn who_hangs_up_does_not_let_another_in_at_once() {
    let settings = HashingSettings {
        cost: Cost::default(),
        permits: 1,
        queue_timeout: Duration::from_millis(5),
        peppers: Vec::new(),
    };
    let hasher = Argon2Hasher::new(settings).unwrap();
    let hung_up = tokio::time::timeout(Duration::from_millis(1), hasher.hash(&password())).await;
    assert!(hung_up.is_err(), "the work outlasts the caller");
    assert_eq!(hasher.hash(&password()).await, Err(HashingError::Busy { retry_after: 1 }));
}
