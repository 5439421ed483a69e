//! Signing keys come and go, and tokens with them.

use credentials::{KeySet, KeySetError, SigningKeyPair};
use identity::credentials::{AccessTokens as _, SigningKeyRecord};
use kernel::Sealing as _;
use serde_json::json;

use crate::support::{Issuer, at, claims, line, vault};

fn kid_of(token: &str) -> String {
    jsonwebtoken::decode_header(token).unwrap().kid.unwrap()
}

fn successor(issuer: &Issuer, signs_from: i64) -> SigningKeyRecord {
    SigningKeyPair::generate(&issuer.vault, at(signs_from), at(0))
}

#[test]
fn a_new_key_is_published_before_it_signs_and_the_old_one_fades_out() {
    let issuer = Issuer::new();
    let before = issuer.tokens.issue(&claims());
    let next = successor(&issuer, 100);
    let old = SigningKeyRecord { verifies_until: Some(at(500)), ..issuer.record.clone() };
    let both = [old, next.clone()];
    issuer.tokens.replace_keys(KeySet::load(&both, &issuer.vault, at(0)).unwrap());

    let published = json!({ "keys": [issuer.record.public_jwk, next.public_jwk] });
    assert_eq!(issuer.tokens.jwks(), published);
    assert_eq!(kid_of(issuer.tokens.issue(&claims()).expose()), issuer.record.kid, "it does not sign yet");

    let mut later = claims();
    later.issued_at = at(100);
    let after = issuer.tokens.issue(&later);
    assert_eq!(kid_of(after.expose()), next.kid, "it signs when its time has come, without a reload");
    assert_eq!(issuer.tokens.verify(after.expose(), at(100)), Some(later));

    assert!(issuer.tokens.verify(before.expose(), at(499)).is_some());
    assert!(issuer.tokens.verify(before.expose(), at(500)).is_none(), "the old key's time is over");
    let reloaded = KeySet::load(&both, &issuer.vault, at(500)).unwrap();
    assert_eq!(reloaded.jwks(), json!({ "keys": [next.public_jwk] }));
}

#[test]
fn a_remembered_token_falls_with_its_key() {
    let Issuer { vault, record, tokens } = Issuer::new();
    let tokens = tokens.with_cache(10);
    let token = tokens.issue(&claims());
    assert_eq!(tokens.verify(token.expose(), at(0)), Some(claims()));
    assert_eq!(tokens.verify(token.expose(), at(1)), Some(claims()), "remembered");

    let ending = SigningKeyRecord { verifies_until: Some(at(50)), ..record };
    tokens.replace_keys(KeySet::load(&[ending], &vault, at(0)).unwrap());
    assert!(tokens.verify(token.expose(), at(49)).is_some());
    assert!(tokens.verify(token.expose(), at(50)).is_none());

    let other = SigningKeyPair::generate(&vault, at(0), at(0));
    tokens.replace_keys(KeySet::load(&[other], &vault, at(0)).unwrap());
    assert!(tokens.verify(token.expose(), at(1)).is_none(), "its key is gone");
}

#[test]
fn keys_without_one_that_signs_are_refused() {
    let issuer = Issuer::new();
    let load = |records: &[SigningKeyRecord]| KeySet::load(records, &issuer.vault, at(0)).err();
    assert_eq!(load(&[]), Some(KeySetError::NothingSigns));
    assert_eq!(load(&[successor(&issuer, 1)]), Some(KeySetError::NothingSigns));
    let over = SigningKeyRecord { verifies_until: Some(at(0)), ..issuer.record.clone() };
    assert_eq!(load(&[over]), Some(KeySetError::NothingSigns));
}

#[test]
fn who_can_only_write_to_the_database_cannot_slip_in_a_key() {
    let (issuer, forger) = (Issuer::new(), Issuer::new());
    let load = |record: SigningKeyRecord| KeySet::load(&[record], &issuer.vault, at(0)).err().unwrap();
    let kid = issuer.record.kid.clone();
    let honest = || issuer.record.clone();

    let malformed = KeySetError::Malformed { kid: kid.clone() };
    assert_eq!(
        load(SigningKeyRecord { public_jwk: forger.record.public_jwk.clone(), ..honest() }),
        malformed
    );
    let renamed = KeySetError::Malformed { kid: "mine".into() };
    assert_eq!(load(SigningKeyRecord { kid: "mine".into(), ..honest() }), renamed);
    let nonsense = issuer.vault.seal("signing-key", b"no key");
    assert_eq!(load(SigningKeyRecord { sealed_private_key: nonsense, ..honest() }), malformed);

    let elsewhere = vault(&line("k", 9));
    let own = SigningKeyPair::generate(&elsewhere, at(0), at(0));
    assert_eq!(load(own.clone()), KeySetError::Sealed { kid: own.kid });
}

#[test]
fn the_private_key_is_nowhere_to_be_read() {
    let issuer = Issuer::new();
    let private = issuer.vault.open("signing-key", &issuer.record.sealed_private_key).unwrap();
    let scalar = &private[36..68];
    assert!(!issuer.record.sealed_private_key.windows(scalar.len()).any(|window| window == scalar));
    assert!(issuer.record.public_jwk.get("d").is_none());
    assert!(issuer.vault.open("another purpose", &issuer.record.sealed_private_key).is_err());
}
