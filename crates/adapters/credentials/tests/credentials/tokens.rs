//! Access tokens: what is taken, and what a forger might try.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use identity::credentials::AccessTokens as _;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use crate::support::{Issuer, at, claims, payload, sign};

#[test]
fn what_was_issued_is_verified() {
    let issuer = Issuer::new();
    let token = issuer.tokens.issue(&claims());
    assert_eq!(issuer.tokens.verify(token.expose(), at(0)), Some(claims()));
    assert_ne!(token, issuer.tokens.issue(&claims()), "each has a `jti` of its own");
}

#[test]
fn a_token_says_what_rfc_9068_asks_and_nothing_personal() {
    let issuer = Issuer::new();
    let token = issuer.tokens.issue(&claims());
    let parts: Vec<_> = token.expose().split('.').take(2).map(|part| URL_SAFE_NO_PAD.decode(part)).collect();
    let [header, said] = [0, 1].map(|i| serde_json::from_slice::<Value>(parts[i].as_ref().unwrap()).unwrap());
    assert_eq!(header, issuer.header(json!({})));
    let jti = said["jti"].clone();
    assert_eq!(said, payload(json!({ "jti": jti })));
}

/// The forgeries below differ from this in one thing each.
#[test]
fn a_token_made_by_hand_is_taken() {
    let issuer = Issuer::new();
    let taken =
        |header, said| issuer.tokens.verify(&issuer.signed(&issuer.header(header), &payload(said)), at(0));
    assert_eq!(taken(json!({}), json!({})), Some(claims()));
    for typ in ["AT+JWT", "application/at+jwt", "Application/At+Jwt"] {
        assert!(taken(json!({ "typ": typ }), json!({})).is_some(), "{typ}");
    }
}

#[test]
fn another_algorithm_is_refused() {
    let issuer = Issuer::new();
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    for alg in ["none", "None", ""] {
        let unsigned =
            format!("{}.{}.", encode(&issuer.header(json!({ "alg": alg }))), encode(&payload(json!({}))));
        assert_eq!(issuer.tokens.verify(&unsigned, at(0)), None, "{alg}");
    }
    // The public key in the forms in which it could be taken for a secret.
    let jwk = &issuer.record.public_jwk;
    let coordinate = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
    let point = [vec![4], coordinate("x"), coordinate("y")].concat();
    for secret in [jwk.to_string().into_bytes(), STANDARD.encode(&point).into_bytes(), point] {
        let key = EncodingKey::from_secret(&secret);
        for said in ["HS256", "ES256"] {
            let header = issuer.header(json!({ "alg": said }));
            let token = sign(&header, &payload(json!({})), &key, Algorithm::HS256);
            assert_eq!(issuer.tokens.verify(&token, at(0)), None, "HS256 as {said}");
        }
    }
    for alg in ["ES384", "EdDSA", "es256"] {
        let token = issuer.signed(&issuer.header(json!({ "alg": alg })), &payload(json!({})));
        assert_eq!(issuer.tokens.verify(&token, at(0)), None, "{alg}");
    }
}

#[test]
fn another_key_is_refused_even_if_the_token_brings_it_along() {
    let (issuer, other) = (Issuer::new(), Issuer::new());
    let by_other =
        |changes| sign(&issuer.header(changes), &payload(json!({})), &other.private_key(), Algorithm::ES256);
    let jwk = &other.record.public_jwk;
    let url = "https://forger.example/jwks.json";
    for changes in [
        json!({}),
        json!({ "kid": other.record.kid }),
        json!({ "jwk": jwk }),
        json!({ "jwk": jwk, "kid": other.record.kid }),
        json!({ "jku": url, "kid": other.record.kid }),
        json!({ "x5u": url, "x5c": ["AAAA"] }),
    ] {
        assert_eq!(issuer.tokens.verify(&by_other(changes.clone()), at(0)), None, "{changes}");
    }
    // Under the right key they say nothing.
    let ignored = json!({ "jwk": jwk, "jku": url, "x5u": url, "x5c": ["AAAA"] });
    let token = issuer.signed(&issuer.header(ignored), &payload(json!({})));
    assert_eq!(issuer.tokens.verify(&token, at(0)), Some(claims()));
}

#[test]
fn a_header_that_is_not_an_access_tokens_is_refused() {
    let issuer = Issuer::new();
    for changes in [
        json!({ "kid": "another" }),
        json!({ "kid": null }),
        json!({ "typ": "JWT" }),
        json!({ "typ": "at+jwtx" }),
        json!({ "typ": "application/jwt" }),
        json!({ "typ": "ä".repeat(6) }),
        json!({ "typ": null }),
        json!({ "alg": null }),
        json!({ "crit": ["exp"] }),
        json!({ "crit": ["b64"], "b64": false }),
    ] {
        let token = issuer.signed(&issuer.header(changes.clone()), &payload(json!({})));
        assert_eq!(issuer.tokens.verify(&token, at(0)), None, "{changes}");
    }
}

#[test]
fn claims_that_are_missing_or_meant_for_others_are_refused() {
    let issuer = Issuer::new();
    let honest = payload(json!({}));
    let mut refused: Vec<Value> =
        honest.as_object().unwrap().keys().map(|name| json!({ name: null })).collect();
    refused.extend([
        json!({ "iss": "https://touchstone.example/" }),
        json!({ "iss": ["https://touchstone.example"] }),
        json!({ "aud": "other" }),
        json!({ "aud": ["touchstone", "other"] }),
        json!({ "sub": "nobody" }),
        json!({ "exp": "2099-01-01" }),
        json!({ "exp": at(600).unix_seconds().to_string() }),
        json!({ "exp": i64::MAX }),
        json!({ "exp": 1e300 }),
        json!({ "aal": "aal3" }),
    ]);
    for changes in refused {
        let token = issuer.signed(&issuer.header(json!({})), &payload(changes.clone()));
        assert_eq!(issuer.tokens.verify(&token, at(0)), None, "{changes}");
    }
}

#[test]
fn a_token_counts_from_a_minute_before_its_issue_to_its_end() {
    let issuer = Issuer::new();
    for tokens in [&issuer.tokens, &Issuer::new().tokens.with_cache(10)] {
        let token = tokens.issue(&claims());
        let counts = |seconds| tokens.verify(token.expose(), at(seconds)).is_some();
        for (seconds, expected) in
            [(-61, false), (-60, true), (0, true), (599, true), (600, false), (601, false)]
        {
            assert_eq!(counts(seconds), expected, "{seconds} s");
        }
    }
}

#[test]
fn one_flipped_bit_anywhere_is_one_too_many() {
    let issuer = Issuer::new();
    let caching = Issuer::new().tokens.with_cache(10);
    for tokens in [&issuer.tokens, &caching] {
        let token = tokens.issue(&claims());
        assert!(tokens.verify(token.expose(), at(0)).is_some());
        let parts: Vec<_> = token.expose().split('.').collect();
        for (which, part) in parts.iter().enumerate() {
            let bytes = URL_SAFE_NO_PAD.decode(part).unwrap();
            // In what the part says, and in how it is written: the last character has bits to spare.
            let said = (0..bytes.len()).map(|i| {
                let mut flipped = bytes.clone();
                flipped[i] ^= 1;
                URL_SAFE_NO_PAD.encode(flipped)
            });
            let written = (0..part.len()).map(|i| {
                let mut flipped = part.as_bytes().to_vec();
                flipped[i] ^= 1;
                String::from_utf8(flipped).unwrap()
            });
            for flipped in said.chain(written) {
                let mut forged = parts.clone();
                forged[which] = &flipped;
                assert_eq!(tokens.verify(&forged.join("."), at(0)), None, "part {which}: {flipped}");
            }
        }
    }
}

#[test]
fn what_is_too_long_or_no_token_is_refused() {
    let issuer = Issuer::new();
    let padded = |length: usize| {
        let pad = "x".repeat(length);
        issuer.signed(&issuer.header(json!({ "pad": pad })), &payload(json!({})))
    };
    let too_long = (2_000..4_096).find(|length| padded(*length).len() > 4096).unwrap();
    assert_eq!(issuer.tokens.verify(&padded(too_long - 1), at(0)), Some(claims()));
    assert_eq!(issuer.tokens.verify(&padded(too_long), at(0)), None);

    let token = issuer.tokens.issue(&claims());
    let token = token.expose();
    for text in
        ["", ".", "..", "...", "a.b.c", " ", &format!("{token}."), &format!("{token} "), &format!("{token}=")]
    {
        assert_eq!(issuer.tokens.verify(text, at(0)), None, "{text:?}");
    }
    let (message, _) = token.rsplit_once('.').unwrap();
    assert_eq!(issuer.tokens.verify(&format!("{message}."), at(0)), None, "no signature");
    assert_eq!(issuer.tokens.verify(message, at(0)), None, "two parts");
}
