//! Vaults, keys and tokens for tests.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use credentials::{JwtTokens, KeyEncryptionKeys, KeySet, KeyVault, SigningKeyPair};
use identity::credentials::{AccessClaims, SigningKeyRecord};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use kernel::{Assurance, Id, Sealing as _, Timestamp};
use serde_json::{Value, json};
use system::{SystemIds, SystemRandom};
use uuid::Uuid;

pub(crate) const ISSUER: &str = "https://touchstone.example";
pub(crate) const AUDIENCE: &str = "touchstone";

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(1_800_000_000 + seconds).unwrap()
}

pub(crate) fn id<T>(number: u128) -> Id<T> {
    Id::from_uuid(Uuid::from_u128(number))
}

/// A line of a key file whose key is this byte 32 times.
pub(crate) fn line(name: &str, byte: u8) -> String {
    let key = base64::engine::general_purpose::STANDARD.encode([byte; 32]);
    format!("{name}:{key}\n")
}

pub(crate) fn vault(key_file: &str) -> KeyVault {
    KeyVault::new(KeyEncryptionKeys::parse(key_file).unwrap(), Arc::new(SystemRandom))
}

pub(crate) fn claims() -> AccessClaims {
    AccessClaims {
        account: id(1),
        session: id(2),
        authenticated_at: at(-30),
        assurance: Assurance::Aal2,
        epoch: 3,
        issued_at: at(0),
        expires_at: at(600),
    }
}

/// An issuer of tokens and all that a forger could wish for.
pub(crate) struct Issuer {
    pub(crate) vault: KeyVault,
    pub(crate) record: SigningKeyRecord,
    pub(crate) tokens: JwtTokens,
}

impl Issuer {
    pub(crate) fn new() -> Self {
        let vault = vault(&line("k", 1));
        let record = SigningKeyPair::generate(&vault, at(-1000), at(-1000));
        let keys = KeySet::load(std::slice::from_ref(&record), &vault, at(0)).unwrap();
        let tokens = JwtTokens::new(ISSUER, AUDIENCE, keys, Arc::new(SystemIds));
        Self { vault, record, tokens }
    }

    pub(crate) fn private_key(&self) -> EncodingKey {
        let private = self.vault.open("signing-key", &self.record.sealed_private_key).unwrap();
        EncodingKey::from_ec_der(&private)
    }

    /// The header of an honest token, with changes.
    pub(crate) fn header(&self, changes: Value) -> Value {
        merged(json!({ "alg": "ES256", "typ": "at+jwt", "kid": self.record.kid }), changes)
    }

    /// A token with these parts under the honest key.
    pub(crate) fn signed(&self, header: &Value, payload: &Value) -> String {
        sign(header, payload, &self.private_key(), Algorithm::ES256)
    }
}

/// The payload of an honest token, with changes; `null` takes a claim away.
pub(crate) fn payload(changes: Value) -> Value {
    let honest = json!({
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": Uuid::from_u128(1),
        "sid": Uuid::from_u128(2),
        "jti": "1",
        "iat": at(0).unix_seconds(),
        "exp": at(600).unix_seconds(),
        "auth_time": at(-30).unix_seconds(),
        "amr": ["pwd", "otp", "mfa"],
        "aal": "aal2",
        "epoch": 3,
    });
    merged(honest, changes)
}

pub(crate) fn sign(header: &Value, payload: &Value, key: &EncodingKey, algorithm: Algorithm) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(payload));
    let signature = crypto::sign(message.as_bytes(), key, algorithm).unwrap();
    format!("{message}.{signature}")
}

fn merged(mut object: Value, changes: Value) -> Value {
    let Value::Object(changes) = changes else { panic!("changes are an object") };
    for (name, value) in changes {
        object[&name] = value;
    }
    object.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    object
}
